import { Construct } from 'constructs';
import { literal } from './cel.js';
import { Guard, type GuardFamilyProps } from './guard.js';
import { agentNamespaces } from './scope.js';

/** Devices that are no way out. Kubernetes' own resources have no domain in their name. */
const DEVICES = ['amd.com/gpu', 'nvidia.com/gpu'];

// The API server's type check knows no map of quantities, hence dyn().
const noDevices = (containers: 'containers' | 'initContainers'): string =>
  `object.spec.?${containers}.orValue([]).all(container, dyn(container).?resources.?limits.orValue({}).all(name, !name.contains("/") || name in ${literal(DEVICES)}))`;

/**
 * Pods in the agents' namespaces get no devices that may be a network interface, which no network policy covers: neither
 * by dynamic resource allocation nor of a device plugin (SR-IOV, RDMA), but for those on a list. A device is asked for in
 * `limits`, without which the API server accepts none in `requests`.
 *
 * Makes `portarium-guard-resource-claims`. Closes B20 for DRA and device plugins.
 */
export class ResourceClaims extends Construct {
  constructor(scope: Construct, id: string, { platform }: GuardFamilyProps) {
    super(scope, id);
    new Guard(this, 'guard', {
      mode: platform.guards,
      name: 'resource-claims',
      requests: [{ operations: ['CREATE'], resources: ['pods'] }],
      bindings: [{ namespaces: agentNamespaces(platform) }],
      refusals: [
        {
          expression: 'object.spec.?resourceClaims.orValue([]).size() == 0',
          message:
            'resourceClaims are refused for agents: a claimed device may be a network interface outside the network policies. Remove them.',
        },
        {
          expression: `${noDevices('initContainers')} && ${noDevices('containers')}`,
          message: `Devices of plugins are refused for agents, but for ${DEVICES.join(', ')}: they may be a network interface outside the network policies. Remove them from resources.`,
        },
      ],
    });
  }
}
