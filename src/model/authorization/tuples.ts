import { COMPONENTS } from '../edges.js';
import { spiffeId } from '../identity.js';
import type { Platform } from '../platform.js';
import type { Workspace } from '../workspace.js';
import { agentObject, credentialObject, userSubject, workloadSubject, workspaceObject } from './ids.js';
import { byKey, type Tuple } from './tuple.js';

/**
 * Every tuple of one workspace that its stack owns: who has which role, its agents and who answers for them, and the
 * credentials that its workers may read and until when. Sorted, so that the order of the config means nothing. Tuples of
 * runs and approvals are never stored: the authorizer supplies those.
 * Source: runbook Phase 4 step 4.
 */
export function workspaceTuples(
  { trustDomain }: Pick<Platform, 'trustDomain'>,
  { id, access, agents, credentials }: Pick<Workspace, 'id' | 'access' | 'agents' | 'credentials'>,
): readonly Tuple[] {
  const workspace = workspaceObject(id);
  const { namespace, serviceAccount } = COMPONENTS.worker;
  const worker = workloadSubject(spiffeId(namespace, serviceAccount!, trustDomain));
  const names = new Set(agents.map(({ name }) => name));
  const principal = (subject: string): string => (names.has(subject) ? agentObject(id, subject) : userSubject(subject));
  const role = (relation: string, subjects: readonly string[]): readonly Tuple[] =>
    subjects.map((subject) => ({ user: userSubject(subject), relation, object: workspace }));
  return [
    ...role('admin', access.admins),
    ...role('operator', access.operators),
    ...role('approver', access.approvers),
    ...role('auditor', access.auditors),
    ...access.suspended.map((subject) => ({ user: principal(subject), relation: 'suspended', object: workspace })),
    { user: worker, relation: 'direct_member', object: workspace },
    ...agents.flatMap(({ name, owner }): readonly Tuple[] => {
      const agent = agentObject(id, name);
      return [
        { user: agent, relation: 'operator', object: workspace },
        { user: workspace, relation: 'workspace', object: agent },
        ...(owner === undefined ? [] : [{ user: userSubject(owner), relation: 'registered_owner', object: agent }]),
      ];
    }),
    ...credentials.flatMap(({ id: name, notBefore, expiresAt }): readonly Tuple[] => {
      const credential = credentialObject(id, name);
      const context = { not_before: notBefore, expires_at: expiresAt };
      return [
        { user: workspace, relation: 'workspace', object: credential },
        { user: worker, relation: 'lease', object: credential, condition: { name: 'active_lease', context } },
      ];
    }),
  ].sort(byKey);
}
