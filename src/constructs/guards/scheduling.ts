import { Construct } from 'constructs';
import { UNENFORCED_TAINTS } from '../../model/unenforced-nodes.js';
import { callerIs, literal } from './cel.js';
import { Guard, type GuardFamilyProps } from './guard.js';
import { agentNamespaces, guardedNamespaces } from './scope.js';

const SCHEDULER = 'system:kube-scheduler';

/**
 * Only the scheduler chooses the node: neither the pod itself (`nodeName`) nor another who binds it. A chosen node could
 * be one whose data plane enforces no policy, and a binding writes annotations and labels that no other guard sees. Nor
 * do agents tolerate the taints that keep pods off nodes without a data plane of ours (virtual kubelets), or all taints.
 *
 * Makes `portarium-guard-node-name`, `portarium-guard-bindings` and `portarium-guard-agent-tolerations`. Closes part of
 * B21 and B29; that the remaining nodes enforce is the preflight's (`src/prove/preflight.ts`).
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
    new Guard(this, 'tolerations', {
      mode: platform.guards,
      name: 'agent-tolerations',
      requests: [{ operations: ['CREATE', 'UPDATE'], resources: ['pods'] }],
      conditions: {
        changes: 'request.operation == "CREATE" || object.spec.?tolerations != oldObject.spec.?tolerations',
      },
      bindings: [{ namespaces: agentNamespaces(platform) }],
      refusals: [
        {
          expression: `object.spec.?tolerations.orValue([]).all(toleration, !(toleration.?key.orValue("") in ${literal(['', ...UNENFORCED_TAINTS])}))`,
          message: `Tolerations of every taint, or of ${UNENFORCED_TAINTS.join(', ')}, are refused for agents: they lead to nodes that enforce no network policy. Name the taint that is meant.`,
        },
      ],
    });
  }
}
