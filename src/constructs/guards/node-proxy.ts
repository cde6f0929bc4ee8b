import { Construct } from 'constructs';
import { GROUPS } from '../../model/names.js';
import { callerIn, literal } from './cel.js';
import { Guard, type GuardFamilyProps } from './guard.js';

/** What monitoring reads of a kubelet; nothing here enters a pod. */
const READS = [
  'configz',
  'healthz',
  'metrics',
  'metrics/cadvisor',
  'metrics/probes',
  'metrics/resource',
  'pods',
  'stats/summary',
];

/**
 * By the API server's proxy to the kubelet one executes in any pod of the node, and no pod is named in the request. So
 * but for break-glass it is open for what monitoring reads, by exact path. Who may talk to the kubelet itself is a matter
 * of RBAC (`nodes/proxy`), which admission does not see.
 *
 * Makes `portarium-guard-node-proxy`, for every node. Closes part of B13 and B14.
 */
export class NodeProxy extends Construct {
  constructor(scope: Construct, id: string, { platform }: GuardFamilyProps) {
    super(scope, id);
    new Guard(this, 'guard', {
      mode: platform.guards,
      name: 'node-proxy',
      requests: [{ operations: ['CONNECT'], resources: ['nodes/proxy'] }],
      bindings: [{}],
      refusals: [
        {
          expression: `object.?path.orValue("").replace("/", "", 1) in ${literal(READS)} || ${callerIn(GROUPS.breakGlass)}`,
          message:
            `nodes/proxy may be used by the group ${GROUPS.breakGlass} only, but for ${READS.join(', ')}: the kubelet behind it executes in any pod. ` +
            'Use logs and metrics, or ask for break-glass access.',
        },
      ],
    });
  }
}
