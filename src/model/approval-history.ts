import type { PolicyApproval } from './policy-approval.js';
import { policyDiff, type PolicyDiff } from './policy-diff.js';

/** An approval with what it changed against the one before it. */
export interface HistoryEntry {
  readonly name: string;
  readonly approvedBy: string;
  /** RFC 3339, UTC. */
  readonly approvedAt: string;
  readonly reason: string;
  readonly ticket: string;
  /** Absent of the first. */
  readonly previousHash?: string;
  readonly policyHash: string;
  readonly current: boolean;
  /** Whether its policy is the deployed one, and no newer approval is of the same. */
  readonly live: boolean;
  readonly diff: PolicyDiff;
}

/**
 * The trail of a workspace's policy.
 *
 * @param approvals newest first, as the answer is
 * @param liveHash of the deployed policy; undefined where there is none
 */
export function approvalHistory(
  approvals: readonly PolicyApproval[],
  liveHash: string | undefined,
): readonly HistoryEntry[] {
  const deployed = approvals.find(({ policyHash }) => policyHash === liveHash);
  return approvals.map((approval, index) => {
    const before = approvals[index + 1];
    const { name, approvedBy, createdAt, reason, ticket, policyHash, policy, current } = approval;
    return {
      ...{ name, approvedBy, approvedAt: createdAt.toISOString(), reason, ticket },
      ...(before && { previousHash: before.policyHash }),
      ...{ policyHash, current, live: approval === deployed },
      diff: policyDiff(before?.policy ?? {}, policy),
    };
  });
}
