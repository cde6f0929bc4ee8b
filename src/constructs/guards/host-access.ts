import { Construct } from 'constructs';
import { Guard, type GuardFamilyProps, type Refusal } from './guard.js';
import { agentNamespaces, hostlessNamespaces } from './scope.js';

const off = (field: string): string => `!object.spec.?${field}.orValue(false)`;

const noHostPort = (containers: 'containers' | 'initContainers'): string =>
  `object.spec.?${containers}.orValue([]).all(container, container.?ports.orValue([]).all(port, port.?hostPort.orValue(0) == 0))`;

const refusals: readonly Refusal[] = [
  {
    expression: [off('hostNetwork'), off('hostPID'), off('hostIPC')].join(' && '),
    message:
      'hostNetwork, hostPID and hostIPC are refused: no network policy holds for a pod in the namespaces of the host. Remove them from the pod.',
  },
  {
    expression: [noHostPort('containers'), noHostPort('initContainers')].join(' && '),
    message: 'hostPort is refused: traffic to a port of the node meets no network policy. Use a Service.',
  },
  {
    expression: off('shareProcessNamespace'),
    message:
      'shareProcessNamespace is refused: a container could read the keys and tokens of its neighbours. Remove it from the pod.',
  },
  {
    expression: 'object.spec.?volumes.orValue([]).all(volume, !has(volume.hostPath))',
    message:
      "hostPath is refused: the node's files are those of every pod on it, and SPIRE's socket stands among them. Use another kind of volume.",
  },
];

/**
 * No pod of the agents or of the platform enters its node: network, PID and IPC namespaces, host ports, files. Pod
 * Security `restricted` says the same of them; this is the second lock, for a namespace whose labels were changed.
 * Containers do not share processes either. SPIRE's namespace is left out, its agents attest processes of the node.
 *
 * Makes `portarium-guard-host-access`. Closes B1 and part of B12 and B27.
 */
export class HostAccess extends Construct {
  constructor(scope: Construct, id: string, { platform }: GuardFamilyProps) {
    super(scope, id);
    new Guard(this, 'guard', {
      mode: platform.guards,
      name: 'host-access',
      requests: [{ operations: ['CREATE'], resources: ['pods'] }],
      bindings: [{ namespaces: [...agentNamespaces(platform), ...hostlessNamespaces(platform)].sort() }],
      refusals,
    });
  }
}
