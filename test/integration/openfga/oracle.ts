import type { Tuple } from '../../../src/model/authorization/tuple.js';

/**
 * The six rows of the runbook (Phase 4 step 4) once more, as sets and from its words alone: an opinion of its own on
 * what the model must answer. Knows nothing of OpenFGA's rewrites.
 */
export type Row = 'member' | 'viewer' | 'run operator' | 'approver' | 'owner' | 'reader';

export const ROWS: Readonly<Record<Row, { readonly relation: string; readonly type: string }>> = {
  member: { relation: 'member', type: 'workspace' },
  viewer: { relation: 'viewer', type: 'run' },
  'run operator': { relation: 'operator', type: 'run' },
  approver: { relation: 'approver', type: 'approval' },
  owner: { relation: 'owner', type: 'agent' },
  reader: { relation: 'reader', type: 'credential' },
};

export function allowed(tuples: readonly Tuple[], row: Row, user: string, object: string, now: string): boolean {
  const users = (relation: string, of: string): readonly Tuple[] =>
    tuples.filter((tuple) => tuple.relation === relation && tuple.object === of);
  const has = (relation: string, of: string): boolean => users(relation, of).some((tuple) => tuple.user === user);
  const parents = (of: string, relation = 'workspace'): readonly string[] =>
    users(relation, of).map(({ user: id }) => id);

  const operates = (workspace: string): boolean => has('operator', workspace) || has('admin', workspace);
  const belongs = (workspace: string): boolean =>
    !has('suspended', workspace) &&
    (operates(workspace) || ['approver', 'auditor', 'direct_member'].some((role) => has(role, workspace)));
  /** Who has no place in one of the workspaces of a thing has no right to it. */
  const inside = (of: string): boolean => parents(of).some(belongs);
  const sees = (run: string): boolean =>
    has('assigned_viewer', run) ||
    has('initiator', run) ||
    has('assigned_operator', run) ||
    parents(run).some((workspace) => operates(workspace) || has('auditor', workspace) || has('approver', workspace));

  switch (row) {
    case 'member':
      return belongs(object);
    case 'viewer':
      return inside(object) && sees(object);
    case 'run operator':
      return inside(object) && (has('assigned_operator', object) || parents(object).some(operates));
    case 'owner':
      return (
        inside(object) &&
        (has('registered_owner', object) || parents(object).some((workspace) => has('admin', workspace)))
      );
    case 'approver': {
      const runs = parents(object, 'run');
      const assigned = users('assigned_approver', object).some(
        (tuple) => tuple.user === user && tuple.condition?.context['initiator'] !== user,
      );
      const eligible = runs.some((run) => inside(run) && parents(run).some((workspace) => has('approver', workspace)));
      const conflicted =
        runs.some((run) => has('initiator', run)) ||
        users('extra_conflict', object).some(
          (tuple) =>
            tuple.user === user ||
            (tuple.user.endsWith('#registered_owner') && has('registered_owner', tuple.user.split('#')[0]!)),
        );
      return assigned && eligible && !conflicted;
    }
    case 'reader':
      return (
        inside(object) &&
        users('lease', object).some(
          ({ user: holder, condition }) =>
            holder === user && condition!.context['not_before']! <= now && now < condition!.context['expires_at']!,
        )
      );
  }
}
