import { checkOf, inconclusive, type Check } from '../../model/check.js';
import type { ReportInput } from '../input.js';
import { sectionOf, type Section } from '../section.js';

/** Who approved what the agents may do, by hash. */
export function approvalsSection({ observed }: ReportInput): Section {
  if (observed === undefined) {
    const why = 'approvals are read from the live cluster, which was not read (--no-cluster)';
    return sectionOf('approvals', why, [inconclusive('approvals', why)], []);
  }
  const { policy, approvals, unread } = observed;
  const missing = unread.find(({ what }) => what === 'PolicyApprovals');
  if (missing !== undefined) {
    const why = `they could not be read: ${missing.why}`;
    return sectionOf('approvals', why, [inconclusive('approvals', why)], ['cluster']);
  }
  if (policy === undefined) {
    const why = 'no policy is deployed';
    return sectionOf('approvals', why, [inconclusive('live policy', why)], ['cluster']);
  }
  const current = approvals.filter((each) => each.current);
  const hash = `${policy.policyHash.slice(0, 12)}…`;
  const counts = current.find(({ policyHash }) => policyHash === policy.policyHash);
  if (policy.reachedLevel === 'routing' && counts === undefined) {
    const why = `at routing the policy ${hash} needs no approval, and has none`;
    return sectionOf('approvals', why, [inconclusive('live policy', why)], ['cluster']);
  }
  const checks: readonly Check[] = [
    checkOf(
      'live policy',
      counts === undefined
        ? [{ object: 'WorkspacePolicy', found: policy.policyHash, problem: 'is not what is approved' }]
        : [],
      counts === undefined
        ? `${current.length} current approvals`
        : `${hash} approved by ${counts.approvedBy}, ${counts.ticket}`,
    ),
    checkOf(
      'one approval counts',
      current.length > 1
        ? current.map(({ name }) => ({ object: `PolicyApproval ${name}`, problem: 'counts beside another' }))
        : [],
      `${current.length} of ${approvals.length}`,
    ),
    checkOf(
      'approved by persons',
      approvals
        .filter(({ approvedBy }) => approvedBy.startsWith('system:'))
        .map(({ name, approvedBy }) => ({
          object: `PolicyApproval ${name}`,
          problem: `was given by ${approvedBy}, which is no person`,
        })),
      'no pipeline and no service account',
    ),
  ];
  const summary =
    counts === undefined
      ? `${hash}, which is live, is not approved`
      : `${hash} approved by ${counts.approvedBy} on ${counts.approvedAt.slice(0, 10)}, ${counts.ticket}`;
  return sectionOf('approvals', summary, checks, ['cluster']);
}
