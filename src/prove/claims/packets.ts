import type { PodClass } from '../classes/pod-class.js';
import { reasonOf } from '../not-evaluated.js';
import type { NotEvaluated } from '../not-evaluated.js';
import type { Policy } from '../policies/policy.js';
import type { ClaimVerdict, CounterExample } from './claim.js';
import { closedEdgesOf, counterExamplesOf } from './counter-example.js';
import type { Intent } from './intent.js';
import { reachRows } from './reach-rows.js';
import type { RoleReach } from './reach-rows.js';
import { missingOf } from './missing.js';
import { judging, violationsOf } from './violations.js';

export interface PacketsInput {
  readonly policies: readonly Policy[];
  /** Objects that may open or close something and were not understood. */
  readonly notEvaluated: readonly NotEvaluated[];
  readonly intent: Intent;
  /** The pods that admission lets be in a namespace of agents. */
  readonly admissible: (namespace: string) => readonly PodClass[];
  /** Ways past every policy: pods in the network of their node that admission lets be, guards that are not in force. @default none */
  readonly pastPolicies?: readonly CounterExample[];
}

/** Claim P with what may pass. */
export interface PacketsVerdict extends ClaimVerdict {
  readonly rows: readonly RoleReach[];
}

/**
 * Claim P: no packet from a pod that could exist in the agents' namespaces, or to it, outside the edge matrix; for every
 * protocol, both families, both readings of `ipBlock`, over all policies together.
 */
export function provePackets({
  policies,
  notEvaluated,
  intent,
  admissible,
  pastPolicies = [],
}: PacketsInput): PacketsVerdict {
  const judged = judging(intent, admissible)(policies);
  const closed = intent.exact ? judged.flatMap((group) => missingOf(policies, group)) : [];
  const violations = judged.flatMap((group) => violationsOf(policies, group));
  const counterExamples = [...counterExamplesOf(violations), ...pastPolicies, ...closedEdgesOf(closed)];
  const reasons = notEvaluated.map(reasonOf);
  const inconclusive = reasons.length > 0 || intent.namespaces.length === 0 || intent.roles.length === 0;
  return {
    claim: 'P',
    verdict: counterExamples.length > 0 ? 'refuted' : inconclusive ? 'inconclusive' : 'proved',
    argument: [
      `every pod that could exist in ${intent.namespaces.join(', ')}, in ${judged.length} groups that no policy and no edge tells apart`,
      `${policies.length} policies together, IPv4 and IPv6, TCP, UDP, SCTP and every other protocol, whether or not an ipBlock selects pods`,
    ],
    counterExamples,
    rows: reachRows(intent, violations),
    reasons: intent.namespaces.length === 0 ? ['there is no namespace of agents', ...reasons] : reasons,
    assumptions: [
      {
        assumed:
          'the network layer of every node that can run agents enforces these policies, from a pod’s first packet on',
        checkedBy: 'enforce verify: probes on every node, each with a positive control',
      },
    ],
  };
}
