import { deployersOf, GROUPS } from '../../model/names.js';
import { CONTROL_PLANE_GROUPS, CONTROL_PLANE_USERS } from './write-access-principals.js';
import type { Protected, ProtectedFacts } from './write-access-protected.js';

const VERBS = [
  'impersonate',
  ...['user-info', 'serviceaccount', 'arbitrary-node', 'associated-node'].map((mode) => `impersonate:${mode}`),
];

/**
 * Acting as a principal of ours or as the control plane. A user’s groups do not come along with the user, so that among
 * users only the control plane’s own matter; for a service account the right is asked for in its own namespace.
 */
export const impersonation = ({ workspaces, platformNamespaces }: ProtectedFacts): readonly Protected[] => {
  const as = (name: string, namespaces: Protected['namespaces'], access: Protected['access']): Protected => ({
    name,
    worth: 'has every right of theirs',
    access,
    namespaces,
    principals: [],
    heldBy: [],
  });
  const groups = [...Object.values(GROUPS), ...workspaces.map(({ id }) => deployersOf(id)), ...CONTROL_PLANE_GROUPS];
  return [
    as('acting as a principal or as the control plane', 'cluster', [
      { group: '', resources: ['groups'], verbs: VERBS, names: groups },
      { group: '', resources: ['users'], verbs: VERBS, names: [...CONTROL_PLANE_USERS] },
    ]),
    as(
      'acting as a service account of the platform or of the control plane',
      [...platformNamespaces, 'kube-system'],
      [{ group: '', resources: ['serviceaccounts'], verbs: VERBS }],
    ),
  ];
};
