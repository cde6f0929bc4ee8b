/** Roles of a workspace, as relations of the model. */
export const ROLES = ['admin', 'operator', 'approver', 'auditor'] as const;
export type Role = (typeof ROLES)[number];

const EVERYBODY = ROLES;
const STAFF = ['admin', 'operator'] as const;

/**
 * What the control plane lets a role do in a workspace: its 28 actions. Its own check asks OpenFGA for a relation of
 * the workspace of each action's name, so a model that lacks one locks everybody out of it.
 * Source: upstream's role matrix (application/iam/rbac/workspace-rbac.ts), restated.
 */
export const ACTIONS = {
  'workspace:register': ['admin'],
  'workspace:read': EVERYBODY,
  'approval:create': STAFF,
  'approval:read': EVERYBODY,
  'approval:submit': ['admin', 'approver'],
  'policy-change:propose': STAFF,
  'policy-change:approve': ['admin', 'approver'],
  'policy-change:rollback': STAFF,
  'policy-change:replay': STAFF,
  'evidence:read': EVERYBODY,
  'plan:read': EVERYBODY,
  'run:read': EVERYBODY,
  'run:start': STAFF,
  'run:intervene': EVERYBODY,
  'work-item:read': EVERYBODY,
  'map-command:submit': STAFF,
  'workforce:assign': STAFF,
  'workforce:complete': ['admin', 'operator', 'approver'],
  'agent:heartbeat': STAFF,
  'machine-agent:register': ['admin'],
  'machine-agent:read': ['admin', 'operator', 'auditor'],
  'machine-agent:bridge-sync': ['admin'],
  'tool:invoke': STAFF,
  'agent-action:propose': STAFF,
  'agent-action:execute': STAFF,
  'autonomy-digest:generate': STAFF,
  'autonomy-digest:acknowledge': EVERYBODY,
  'policy-calibration:draft': ['admin', 'operator', 'approver'],
} as const satisfies Readonly<Record<string, readonly Role[]>>;

export type Action = keyof typeof ACTIONS;

/** The relation of a workspace that stands for an action: what is no letter, digit or `_` becomes `_`, as upstream does. */
export const relationOf = (action: Action): string => action.replaceAll(/[^A-Za-z0-9_]/g, '_');

/** `openfga/portarium-compat.fga`: a relation of the workspace for each action. */
export function compatModule(): string {
  const lines = (Object.keys(ACTIONS) as Action[]).map((action) => {
    const roles: readonly Role[] = ACTIONS[action];
    return `    define ${relationOf(action)}: ${roles.length > 1 ? `(${roles.join(' or ')})` : roles[0]} but not suspended`;
  });
  return [
    '# Generated from src/model/authorization/actions.ts; UPDATE_GOLDEN=1 rewrites it. The control plane’s own check asks for these.',
    'module portarium-compat',
    '',
    'extend type workspace',
    '  relations',
    ...lines,
    '',
  ].join('\n');
}
