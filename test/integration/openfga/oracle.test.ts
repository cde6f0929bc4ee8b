import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ACTIONS, relationOf, type Action } from '../../../src/model/authorization/actions.js';
import { AUTHORIZATION_MODEL } from '../../../src/model/authorization/model.js';
import { keyOf, type Tuple } from '../../../src/model/authorization/tuple.js';
import { workspaceTuples } from '../../../src/model/authorization/tuples.js';
import { GLOBEX, PLATFORM, ACME } from '../../model/examples.js';
import { answers, newStore, store, useOpenFga } from './fixture.js';
import { allowed, ROWS, type Row } from './oracle.js';

const fga = useOpenFga();

const WORKSPACES = ['a', 'b'];
const USERS = ['u1', 'u2', 'u3'].map((name) => `user:${name}`);
const AGENTS = WORKSPACES.map((ws) => `agent:${ws}/bot`);
const WORKLOADS = ['workload:w1', 'workload:w2'];
const TIMES = ['2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z', '2026-03-01T00:00:00Z', '2026-04-01T00:00:00Z'];
const objectsOf = (type: string): readonly string[] =>
  WORKSPACES.map((ws) =>
    type === 'workspace' ? `workspace:${ws}` : type === 'agent' ? `agent:${ws}/bot` : `${type}:${ws}/x`,
  );

const tuple = (users: readonly string[], relations: readonly string[], type: string): fc.Arbitrary<Tuple> =>
  fc.record({
    user: fc.constantFrom(...users),
    relation: fc.constantFrom(...relations),
    object: fc.constantFrom(...objectsOf(type)),
  });
const conditional = (
  users: readonly string[],
  relation: string,
  type: string,
  condition: fc.Arbitrary<Tuple['condition']>,
) =>
  fc
    .tuple(tuple(users, [relation], type), condition)
    .map(([each, when]): Tuple => (when ? { ...each, condition: when } : each));

/** Any tuples that the model takes, wrong ones too: two parents, none, grants across workspaces. */
const anyTuple = fc.oneof(
  tuple(USERS, ['admin', 'approver', 'auditor'], 'workspace'),
  tuple([...USERS, ...AGENTS], ['operator', 'suspended'], 'workspace'),
  tuple(WORKLOADS, ['direct_member', 'suspended'], 'workspace'),
  tuple(objectsOf('workspace'), ['workspace'], 'agent'),
  tuple(USERS, ['registered_owner'], 'agent'),
  tuple(objectsOf('workspace'), ['workspace'], 'run'),
  tuple([...USERS, ...AGENTS], ['initiator', 'assigned_operator', 'assigned_viewer'], 'run'),
  tuple(objectsOf('run'), ['run'], 'approval'),
  tuple([...USERS, ...AGENTS.map((agent) => `${agent}#registered_owner`)], ['extra_conflict'], 'approval'),
  conditional(
    USERS,
    'assigned_approver',
    'approval',
    fc.constantFrom(...USERS, ...AGENTS).map((initiator) => ({ name: 'separate_duties', context: { initiator } })),
  ),
  tuple(objectsOf('workspace'), ['workspace'], 'credential'),
  conditional(
    WORKLOADS,
    'lease',
    'credential',
    fc
      .tuple(fc.constantFrom(...TIMES), fc.constantFrom(...TIMES))
      .map(([not_before, expires_at]) => ({ name: 'active_lease', context: { not_before, expires_at } })),
  ),
);

test('on any tuples the server answers the runbook’s six rows as its words say', async () => {
  const now = '2026-02-15T00:00:00Z';
  const questions = (Object.keys(ROWS) as Row[]).flatMap((row) =>
    objectsOf(ROWS[row].type).flatMap((object) =>
      [...USERS, ...AGENTS, ...WORKLOADS].map((user) => ({
        row,
        user,
        relation: ROWS[row].relation,
        object,
        context: { actor: user, current_time: now },
      })),
    ),
  );
  let yes = 0;
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(anyTuple, { selector: keyOf, minLength: 15, maxLength: 60 }), async (tuples) => {
      const ref = await newStore(fga.server);
      await store(fga.server, ref, tuples);
      const right = questions.map(({ row, user, object }) => allowed(tuples, row, user, object, now));
      const given = await answers(
        fga.server,
        ref,
        questions.map(({ row: _row, ...question }) => question),
      );
      yes += right.filter(Boolean).length;
      expect(given).toEqual(right);
    }),
    { numRuns: 40 },
  );
  // Not true because nothing is ever allowed.
  expect(yes).toBeGreaterThan(200);
});

test('nobody of a workspace has any relation to anything of another', async () => {
  const ref = await newStore(fga.server);
  const named = (ws: string) => ({
    ...(ws === 'acme' ? ACME : GLOBEX),
    access: {
      admins: [`${ws}-admin`],
      operators: [`${ws}-operator`],
      approvers: [`${ws}-approver`],
      auditors: [`${ws}-auditor`],
      suspended: [],
    },
    agents: (ws === 'acme' ? ACME : GLOBEX).agents.map((agent) => ({ ...agent, owner: `${ws}-operator` })),
    credentials: [{ id: 'key', notBefore: TIMES[0]!, expiresAt: TIMES[3]! }],
  });
  const all = [named('acme'), named('globex')].map((workspace) => {
    const id = workspace.id;
    const [run, approval] = [`run:${id}/r`, `approval:${id}/a`];
    const initiator = `agent:${id}/${workspace.agents[0]!.name}`;
    const records: readonly Tuple[] = [
      { user: `workspace:${id}`, relation: 'workspace', object: run },
      { user: initiator, relation: 'initiator', object: run },
      { user: run, relation: 'run', object: approval },
      ...workspace.access.approvers.map((subject) => ({
        user: `user:${subject}`,
        relation: 'assigned_approver',
        object: approval,
        condition: { name: 'separate_duties', context: { initiator } },
      })),
    ];
    const tuples = [...workspaceTuples(PLATFORM, workspace), ...records];
    // The execution workers serve every workspace, so they are members of each; asked about below.
    const principals = [...new Set(tuples.map(({ user }) => user))].filter((user) => /^(user|agent):/.test(user));
    return { tuples, principals, objects: [...new Set(tuples.map(({ object }) => object))] };
  });
  await store(
    fga.server,
    ref,
    all.flatMap(({ tuples }) => tuples),
  );
  const relations = Object.fromEntries(
    AUTHORIZATION_MODEL.type_definitions.map((type) => [
      type.type,
      Object.keys((type as { relations?: object }).relations ?? {}),
    ]),
  );
  const ask = (principals: readonly string[], objects: readonly string[]) =>
    principals.flatMap((user) =>
      objects.flatMap((object) =>
        relations[object.split(':')[0]!]!.map((relation) => ({
          user,
          relation,
          object,
          context: { actor: user, current_time: TIMES[1] },
        })),
      ),
    );
  const [acme, globex] = all as [(typeof all)[number], (typeof all)[number]];
  const across = [...ask(acme.principals, globex.objects), ...ask(globex.principals, acme.objects)];
  expect(across.length).toBeGreaterThan(700);
  const given = await answers(fga.server, ref, across);
  expect(across.filter((_, index) => given[index] !== false)).toEqual([]);
  // The same questions at home are not all refused.
  const atHome = await answers(fga.server, ref, ask(acme.principals, acme.objects));
  expect(atHome.filter((answer) => answer === true).length).toBeGreaterThan(100);
});

test('every action of the control plane is a relation that can be asked for', async () => {
  const ref = await newStore(fga.server);
  await store(fga.server, ref, [{ user: 'user:a', relation: 'admin', object: 'workspace:w' }]);
  const questions = (Object.keys(ACTIONS) as Action[]).map((action) => ({
    user: 'user:a',
    relation: relationOf(action),
    object: 'workspace:w',
  }));
  expect(await answers(fga.server, ref, questions)).toEqual(questions.map(() => true));
});
