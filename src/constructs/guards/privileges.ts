import { Construct } from 'constructs';
import { literal } from './cel.js';
import { Guard, type GuardFamilyProps } from './guard.js';
import { agentNamespaces, hostlessNamespaces } from './scope.js';

/** What `restricted` lets a container add, and the one setting of the kernel that decides about the pod's own ports alone. */
const CAPABILITIES = ['NET_BIND_SERVICE'];
const SYSCTLS = ['net.ipv4.ip_unprivileged_port_start'];

const unprivileged = (containers: 'containers' | 'initContainers'): string =>
  `object.spec.?${containers}.orValue([]).all(container, ` +
  [
    '!container.?securityContext.?privileged.orValue(false)',
    `container.?securityContext.?capabilities.?add.orValue([]).all(added, added in ${literal(CAPABILITIES)})`,
    'container.?securityContext.?capabilities.?drop.orValue([]).exists(dropped, dropped == "ALL")',
  ].join(' && ') +
  ')';

/**
 * No container of the agents or of the platform may change its network: none is privileged, each drops all capabilities
 * and adds none but `NET_BIND_SERVICE`. `NET_ADMIN` takes the data plane's routes and filters away, `NET_RAW`, which
 * runtimes give by default, sends under another's address and speaks protocols that no policy names. Pod Security
 * `restricted` says the same; this is the second lock. Of kernel settings there are none but the lowest unprivileged port.
 *
 * Makes `portarium-guard-privileges`. Closes part of B1 and B11.
 */
export class Privileges extends Construct {
  constructor(scope: Construct, id: string, { platform }: GuardFamilyProps) {
    super(scope, id);
    new Guard(this, 'guard', {
      mode: platform.guards,
      name: 'privileges',
      requests: [{ operations: ['CREATE'], resources: ['pods'] }],
      bindings: [{ namespaces: [...agentNamespaces(platform), ...hostlessNamespaces(platform)].sort() }],
      refusals: [
        {
          expression: `${unprivileged('initContainers')} && ${unprivileged('containers')}`,
          message:
            'Privileges over the network are refused: with NET_ADMIN or NET_RAW a container gets around the network policies. ' +
            `Set securityContext.capabilities.drop: [ALL] in every container, add none but ${CAPABILITIES.join(', ')}, and no privileged.`,
        },
        {
          expression: `object.spec.?securityContext.?sysctls.orValue([]).all(sysctl, sysctl.name in ${literal(SYSCTLS)})`,
          message: `Sysctls are refused but for ${SYSCTLS.join(', ')}: they change how the pod's packets go. Remove them from the pod.`,
        },
      ],
    });
  }
}
