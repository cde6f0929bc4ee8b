/** Who may take a route at all, whatever else they may do. */
export type CallerKind = 'agent' | 'workload' | 'person';

/**
 * What OpenFGA is asked beside `workspace#member`. `new-…` is about an object that does not exist yet; `self` holds the
 * caller to be the agent that the path names, and asks nothing more.
 */
export type RouteCheck =
  | { readonly object: 'workspace' | 'new-run' | 'new-agent'; readonly relation: string }
  | { readonly object: 'run' | 'approval' | 'agent' | 'credential'; readonly relation: string }
  | { readonly object: 'self' };

export interface Route {
  readonly method: string;
  /** `{ws}` is the workspace; the other parameter, if there is one, the object's id. */
  readonly template: string;
  readonly callers: readonly CallerKind[];
  readonly check: RouteCheck;
  /** The route carries a tool's name in its body: it is buffered, judged and passed on as it was read. */
  readonly tool?: 'propose' | 'execute' | 'mcp';
}

export interface RouteMatch {
  readonly route: Route;
  readonly workspaceId?: string;
  /** The parameter that is not the workspace. */
  readonly id?: string;
}

const WS = '/v1/workspaces/{ws}';
const PEOPLE = ['person'] as const;
const ALL = ['agent', 'workload', 'person'] as const;
const MACHINES = ['agent', 'workload'] as const;

const inWorkspace = (relation: string): RouteCheck => ({ object: 'workspace', relation });
const route =
  (method: string, callers: readonly CallerKind[]) =>
  (path: string, check: RouteCheck, tool?: Route['tool']): Route => ({
    method,
    template: path.startsWith('/v1') || path === '/mcp' ? path : `${WS}${path}`,
    callers,
    check,
    ...(tool && { tool }),
  });

const get = route('GET', ALL);
const getByPeople = route('GET', PEOPLE);
const post = route('POST', ALL);
const postByMachines = route('POST', MACHINES);
const postByPeople = route('POST', PEOPLE);
const patchByPeople = route('PATCH', PEOPLE);
const deleteByPeople = route('DELETE', PEOPLE);

/**
 * Every route of the control plane that the front lets through, and what it takes. A route that is not here is refused.
 * Approval decisions, human tasks and whatever changes who may do what are for people alone.
 * Source: upstream's handler table (runtime routes, not its OpenAPI, which differ); runbook Phase 4 step 4.
 */
export const ROUTES: readonly Route[] = [
  getByPeople('/v1/workspaces', inWorkspace('member')),
  get('', inWorkspace('workspace_read')),
  getByPeople('/cockpit/extension-context', inWorkspace('workspace_read')),

  get('/runs', inWorkspace('run_read')),
  post('/runs', { object: 'new-run', relation: 'operator' }),
  get('/runs/{id}', { object: 'run', relation: 'viewer' }),
  get('/runs/{id}/evidence', { object: 'run', relation: 'viewer' }),
  post('/runs/{id}/cancel', { object: 'run', relation: 'operator' }),
  postByPeople('/runs/{id}/interventions', { object: 'run', relation: 'operator' }),
  get('/workflows/{id}', inWorkspace('workspace_read')),
  get('/plans/{id}', inWorkspace('plan_read')),
  get('/evidence', inWorkspace('evidence_read')),

  get('/approvals', inWorkspace('approval_read')),
  post('/approvals', inWorkspace('approval_create')),
  get('/approvals/{id}', { object: 'approval', relation: 'viewer' }),
  postByPeople('/approvals/{id}/decide', { object: 'approval', relation: 'approver' }),

  postByMachines('/agent-actions:propose', inWorkspace('agent_action_propose'), 'propose'),
  postByMachines('/agent-actions/{id}/execute', { object: 'approval', relation: 'executor' }, 'execute'),
  post('/intents:plan', inWorkspace('agent_action_propose')),
  postByMachines('/mcp', inWorkspace('tool_invoke'), 'mcp'),
  route('GET', MACHINES)('/mcp', inWorkspace('tool_invoke')),
  route('DELETE', MACHINES)('/mcp', inWorkspace('tool_invoke')),

  get('/agents', inWorkspace('machine_agent_read')),
  postByPeople('/agents', { object: 'new-agent', relation: 'owner' }),
  get('/agents/{id}', { object: 'agent', relation: 'viewer' }),
  get('/agents/{id}/work-items', { object: 'agent', relation: 'viewer' }),
  patchByPeople('/agents/{id}', { object: 'agent', relation: 'owner' }),
  postByPeople('/agents/{id}/test', { object: 'agent', relation: 'owner' }),
  route('POST', ['agent'])('/agents/{id}/heartbeat', { object: 'self' }),
  get('/machines', inWorkspace('machine_agent_read')),
  get('/machines/{id}', inWorkspace('machine_agent_read')),
  postByPeople('/machines', inWorkspace('machine_agent_register')),
  postByPeople('/machines/{id}/test', inWorkspace('machine_agent_register')),
  deleteByPeople('/machines/{id}', inWorkspace('machine_agent_register')),
  route('POST', ['workload'])('/machines/{id}/heartbeat', inWorkspace('member')),

  getByPeople('/credential-grants', inWorkspace('admin')),
  route('GET', ['workload'])('/credential-grants/{id}', { object: 'credential', relation: 'reader' }),
  postByPeople('/credential-grants', inWorkspace('admin')),
  postByPeople('/credential-grants/{id}/revoke', inWorkspace('admin')),
  postByPeople('/credential-grants/{id}/rotate', inWorkspace('admin')),

  getByPeople('/policies', inWorkspace('workspace_read')),
  getByPeople('/policies/{id}', inWorkspace('workspace_read')),
  postByPeople('/policies', inWorkspace('admin')),
  getByPeople('/users', inWorkspace('admin')),
  getByPeople('/users/{id}', inWorkspace('admin')),
  postByPeople('/users', inWorkspace('admin')),
  patchByPeople('/users/{id}', inWorkspace('admin')),
  deleteByPeople('/users/{id}', inWorkspace('admin')),
  getByPeople('/adapter-registrations', inWorkspace('workspace_read')),
  getByPeople('/adapter-registrations/{id}', inWorkspace('workspace_read')),
  postByPeople('/adapter-registrations', inWorkspace('admin')),
  patchByPeople('/adapter-registrations/{id}', inWorkspace('admin')),

  getByPeople('/human-tasks', inWorkspace('workspace_read')),
  getByPeople('/human-tasks/{id}', inWorkspace('workspace_read')),
  postByPeople('/human-tasks/{id}/assign', inWorkspace('workforce_assign')),
  postByPeople('/human-tasks/{id}/complete', inWorkspace('workforce_complete')),
  postByPeople('/human-tasks/{id}/escalate', inWorkspace('workforce_assign')),
  getByPeople('/workforce', inWorkspace('workspace_read')),
  getByPeople('/workforce/queues', inWorkspace('workspace_read')),
  getByPeople('/workforce/{id}', inWorkspace('workspace_read')),
  patchByPeople('/workforce/{id}/availability', inWorkspace('workforce_assign')),

  get('/work-items', inWorkspace('work_item_read')),
  get('/work-items/{id}', inWorkspace('work_item_read')),
  get('/work-items/{id}/assignment', inWorkspace('work_item_read')),
  postByPeople('/work-items', inWorkspace('workforce_assign')),
  patchByPeople('/work-items/{id}', inWorkspace('workforce_assign')),
  patchByPeople('/work-items/{id}/assignment', inWorkspace('workforce_assign')),
  route('PUT', PEOPLE)('/work-items/{id}/assignment', inWorkspace('workforce_assign')),

  get('/events:stream', inWorkspace('workspace_read')),
  get('/beads/{id}/events', inWorkspace('workspace_read')),
  getByPeople('/beads/{id}/diff', inWorkspace('workspace_read')),
  getByPeople('/location-events', inWorkspace('workspace_read')),
  getByPeople('/location-events:stream', inWorkspace('workspace_read')),
  getByPeople('/map-layers', inWorkspace('workspace_read')),
  post('/retrieval/search', inWorkspace('workspace_read')),
  post('/graph/query', inWorkspace('workspace_read')),
  get('/derived-artifacts', inWorkspace('workspace_read')),
];

/** What OpenFGA takes in an object's id, less what has a meaning to it, in a path or to a shell. */
export const PATH_ID = /^[A-Za-z0-9][A-Za-z0-9._~-]{0,127}$/;

interface Compiled {
  readonly route: Route;
  readonly segments: readonly string[];
}

/** By method and number of segments; literal segments before parameters, so that `workforce/queues` is no member. */
const byShape: ReadonlyMap<string, readonly Compiled[]> = new Map(
  [...Map.groupBy(ROUTES, ({ method, template }) => `${method} ${template.split('/').length}`)].map(
    ([shape, routes]) => [
      shape,
      routes
        .map((each) => ({ route: each, segments: each.template.split('/') }))
        .sort((a, b) => parameters(a) - parameters(b)),
    ],
  ),
);

function parameters({ segments }: Compiled): number {
  return segments.filter((segment) => segment.startsWith('{')).length;
}

/**
 * The route of a method and a path without query, exactly: no trailing slash, no other case, no escapes in ids.
 * Undefined where there is none.
 */
export function tryRoute(method: string, path: string): RouteMatch | undefined {
  const given = path.split('/');
  for (const { route: found, segments } of byShape.get(`${method} ${given.length}`) ?? []) {
    const values = new Map<string, string>();
    const fits = segments.every((segment, index) => {
      const value = given[index] ?? '';
      if (!segment.startsWith('{')) return segment === value;
      values.set(segment, value);
      return PATH_ID.test(value);
    });
    if (!fits) continue;
    const [workspaceId, id] = [values.get('{ws}'), values.get('{id}')];
    return { route: found, ...(workspaceId !== undefined && { workspaceId }), ...(id !== undefined && { id }) };
  }
  return undefined;
}
