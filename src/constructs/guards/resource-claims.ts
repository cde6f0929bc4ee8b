import { Construct } from 'constructs';
import { Guard, type GuardFamilyProps } from './guard.js';
import { agentNamespaces } from './scope.js';

/**
 * Pods in the agents' namespaces claim no devices by dynamic resource allocation: a driver may hand out a network
 * interface, which no network policy covers.
 *
 * Makes `portarium-guard-resource-claims`. Closes B20 for DRA; devices of device plugins are not told apart here.
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
      ],
    });
  }
}
