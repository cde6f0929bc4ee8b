import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isNormal } from '../../src/authorizer/path.js';
import { ROUTES, tryRoute, type Route } from '../../src/model/routes.js';

const id = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._~-]{0,40}$/);
/** Not a literal segment of another route, which comes first. */
const literals = new Set(ROUTES.flatMap(({ template }) => template.split('/')));
const objectId = id.filter((each) => !literals.has(each));
const filled = ({ template }: Route, ws: string, of: string) => template.replace('{ws}', ws).replace('{id}', of);
const route = fc.constantFrom(...ROUTES);
const keyOf = ({ method, template }: Route) => `${method} ${template}`;
const WS = '/v1/workspaces/ws-acme';

describe('every route', () => {
  it('is found by its own path, with the ids in it', () => {
    fc.assert(
      fc.property(route, id, objectId, (each, ws, of) => {
        const { template } = each;
        expect(tryRoute(each.method, filled(each, ws, of))).toEqual({
          route: each,
          ...(template.includes('{ws}') && { workspaceId: ws }),
          ...(template.includes('{id}') && { id: of }),
        });
      }),
      { numRuns: 500 },
    );
  });

  it('has a path in the normal form that Envoy brings paths into, and at most one workspace and one id', () => {
    for (const each of ROUTES) {
      expect(isNormal(filled(each, 'ws-acme', 'a1'))).toBe(true);
      expect(each.template).toMatch(/^\/(mcp|v1\/workspaces(\/\{ws\}(\/[a-z:-]+|\/\{id\})*)?)$/);
      expect(each.template.match(/\{id\}/g)?.length ?? 0).toBeLessThanOrEqual(1);
    }
  });

  it('is there once, and has callers', () => {
    expect(new Set(ROUTES.map(keyOf)).size).toBe(ROUTES.length);
    for (const { callers } of ROUTES) expect(callers.length).toBeGreaterThan(0);
  });

  it('that asks about an object has an id to ask with, and one that carries a tool has a body', () => {
    for (const { template, method, check, tool } of ROUTES) {
      if (['run', 'approval', 'agent', 'credential', 'self'].includes(check.object)) expect(template).toContain('{id}');
      if (check.object !== 'self') expect(check.relation).toMatch(/^[a-z][a-z_]+$/);
      if (tool !== undefined) expect(method).toBe('POST');
    }
  });
});

describe('a path that is not exactly a route’s is none', () => {
  const changes: readonly (readonly [what: string, change: (path: string) => string])[] = [
    ['a slash at the end', (path) => `${path}/`],
    ['a slash before', (path) => `/${path}`],
    ['two slashes', (path) => path.replace(/\/(?=[^/]*$)/, '//')],
    ['the first segment in capitals', (path) => path.replace(/^\/\w+/, (each) => each.toUpperCase())],
    [
      'an escaped letter',
      (path) => path.replace(/^\/(.)/, (_all, letter: string) => `/%${letter.charCodeAt(0).toString(16)}`),
    ],
    ['a matrix parameter', (path) => `${path};x=1`],
    ['a dot segment', (path) => `/.${path}`],
    ['a segment more', (path) => `${path}/x/y/z`],
    ['a query', (path) => `${path}?x=1`],
    ['a fragment', (path) => `${path}#x`],
    ['a blank', (path) => `${path} `],
    ['a NUL', (path) => `${path}\u0000`],
    ['a backslash', (path) => path.replaceAll('/', '\\')],
    ['an address', (path) => `http://x${path}`],
  ];
  it.each(changes)('%s', (_what, change) => {
    for (const each of ROUTES) {
      const path = filled(each, 'ws-acme', 'a1');
      expect(change(path)).not.toBe(path);
      expect(tryRoute(each.method, change(path))).toBeUndefined();
    }
  });

  it('an escaped colon, or another mark in its place', () => {
    for (const colon of ['%3A', '%3a', '：', ';', '/'])
      expect(tryRoute('POST', `${WS}/agent-actions${colon}propose`)).toBeUndefined();
    expect(tryRoute('POST', `${WS}/agent-actions:Propose`)).toBeUndefined();
    expect(tryRoute('POST', `${WS}/agent-actions:propose`)?.route.tool).toBe('propose');
  });

  it.each([
    '',
    '.',
    '..',
    '~new',
    '-x',
    'a%2Fb',
    'a/b',
    'a:b',
    'a#b',
    'a@b',
    'a b',
    'a*',
    'ä',
    '{id}',
    'a'.repeat(129),
  ])('an id %j', (bad) => {
    expect(tryRoute('GET', `${WS}/runs/${bad}`)).toBeUndefined();
    expect(tryRoute('GET', `/v1/workspaces/${bad}/runs`)).toBeUndefined();
  });

  it('another method, or one in small letters', () => {
    expect(tryRoute('GET', `${WS}/runs`)).toBeDefined();
    for (const method of ['get', 'HEAD', 'OPTIONS', 'DELETE', 'PUT', 'CONNECT', '', 'GET '])
      expect(tryRoute(method, `${WS}/runs`)).toBeUndefined();
  });

  it('nothing that is on no list', () => {
    for (const path of [
      '/',
      '',
      '*',
      '/healthz',
      '/metrics',
      '/v1',
      '/v2/workspaces/ws-acme/runs',
      '/mcp/x',
      `${WS}/x`,
    ])
      expect(tryRoute('GET', path)).toBeUndefined();
  });

  it('whatever the path, what is found fits it segment by segment', () => {
    const segment = fc.oneof(fc.constantFrom(...literals), id, fc.string({ maxLength: 4 }));
    let found = 0;
    fc.assert(
      fc.property(route, id, id, fc.nat(6), segment, (each, ws, of, place, other) => {
        const path = filled(each, ws, of)
          .split('/')
          .with(1, 'v1')
          .map((was, index) => (index === place ? other : was))
          .join('/');
        const match = tryRoute(each.method, path);
        if (match === undefined) return;
        found += 1;
        expect(filled(match.route, match.workspaceId ?? '', match.id ?? '')).toBe(path);
      }),
      { numRuns: 1000 },
    );
    expect(found).toBeGreaterThan(200);
  });
});

describe('a literal segment comes before an id', () => {
  it('so that the queues of the workforce are no member of it', () => {
    expect(tryRoute('GET', `${WS}/workforce/queues`)).toMatchObject({
      route: { template: '/v1/workspaces/{ws}/workforce/queues' },
    });
    expect(tryRoute('GET', `${WS}/workforce/queues`)).not.toHaveProperty('id');
    expect(tryRoute('GET', `${WS}/workforce/queue`)?.id).toBe('queue');
  });
});

describe('who may take a route', () => {
  const templatesOf = (kind: Route['callers'][number]) =>
    ROUTES.filter(({ callers }) => callers.includes(kind)).map(keyOf);

  it('agents and workloads decide no approval, do no human task, and change neither policies nor users nor grants', () => {
    const forbidden = /\/decide$|\/human-tasks|\/policies|\/users|\/workforce|\/adapter-registrations|\/interventions$/;
    for (const kind of ['agent', 'workload'] as const)
      expect(templatesOf(kind).filter((template) => forbidden.test(template))).toEqual([]);
    for (const kind of ['agent', 'workload'] as const)
      expect(
        templatesOf(kind).filter((template) => /^(POST|DELETE|PATCH|PUT) .*\/credential-grants/.test(template)),
      ).toEqual([]);
  });

  it('agents change exactly this', () => {
    expect(templatesOf('agent').filter((template) => !template.startsWith('GET '))).toEqual([
      'POST /v1/workspaces/{ws}/runs',
      'POST /v1/workspaces/{ws}/runs/{id}/cancel',
      'POST /v1/workspaces/{ws}/approvals',
      'POST /v1/workspaces/{ws}/agent-actions:propose',
      'POST /v1/workspaces/{ws}/agent-actions/{id}/execute',
      'POST /v1/workspaces/{ws}/intents:plan',
      'POST /mcp',
      'DELETE /mcp',
      'POST /v1/workspaces/{ws}/agents/{id}/heartbeat',
      'POST /v1/workspaces/{ws}/retrieval/search',
      'POST /v1/workspaces/{ws}/graph/query',
    ]);
  });

  it('agents read no credential, and only workloads do', () => {
    const leases = ROUTES.filter(({ check }) => check.object === 'credential');
    expect(leases.map(keyOf)).toEqual(['GET /v1/workspaces/{ws}/credential-grants/{id}']);
    expect(leases[0]!.callers).toEqual(['workload']);
  });

  it('people call no tool: what they could call it by is for agents and workloads', () => {
    const tools = ROUTES.filter(({ tool }) => tool !== undefined);
    expect(tools.map(({ tool }) => tool)).toEqual(['propose', 'execute', 'mcp']);
    for (const { callers } of tools) expect(callers).not.toContain('person');
  });

  it('a heartbeat is of the agent itself, and no machine’s heartbeat is an agent’s', () => {
    expect(tryRoute('POST', `${WS}/agents/sales-bot/heartbeat`)?.route).toMatchObject({
      callers: ['agent'],
      check: { object: 'self' },
    });
    expect(tryRoute('POST', `${WS}/machines/m1/heartbeat`)?.route.callers).toEqual(['workload']);
  });
});
