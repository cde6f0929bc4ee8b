import { Construct } from 'constructs';
import { callerIs } from './cel.js';
import { Guard, type GuardFamilyProps } from './guard.js';
import { guardedNamespaces } from './scope.js';

const SCHEDULER = 'system:kube-scheduler';

/**
 * Only the scheduler chooses the node: neither the pod itself (`nodeName`) nor another who binds it. A chosen node could
 * be one whose data plane enforces no policy, and a binding writes annotations and labels that no other guard sees.
 *
 * Makes `portarium-guard-node-name` and `portarium-guard-bindings`. Closes B21 and part of B29.
 */
export class Scheduling extends Construct {
  constructor(scope: Construct, id: string, { platform }: GuardFamilyProps) {
    super(scope, id);
    const bindings = [{ namespaces: guardedNamespaces(platform) }];
    new Guard(this, 'node-name', {
      mode: platform.guards,
      name: 'node-name',
      requests: [{ operations: ['CREATE'], resources: ['pods'] }],
      bindings,
      refusals: [
        {
          expression: 'object.spec.?nodeName.orValue("") == ""',
          message:
            'nodeName is refused: it passes the scheduler by, to a node that may enforce no network policy. Remove it; use node affinity.',
        },
      ],
    });
    new Guard(this, 'bindings', {
      mode: platform.guards,
      name: 'bindings',
      requests: [{ operations: ['CREATE'], resources: ['bindings', 'pods/binding'] }],
      bindings,
      refusals: [
        {
          expression: callerIs(SCHEDULER),
          message: `Only ${SCHEDULER} binds pods here: a node chosen by another may enforce no network policy. Use node affinity.`,
        },
      ],
    });
  }
}
