import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { AUTHORIZATION_MODEL } from '../../../src/model/authorization/model.js';
import type { Tuple } from '../../../src/model/authorization/tuple.js';
import { failedChecks, SUITES } from '../../../src/openfga/checks.js';
import { MODEL_FOLDER } from '../../support/authorization-model.js';
import { modelMutants } from '../../support/model-mutants.js';
import { answers, ask, newModel, newStore, store, useOpenFga } from './fixture.js';

const fga = useOpenFga();
const suites = SUITES;

interface ListTests {
  readonly tests: readonly {
    readonly list_objects?: readonly {
      readonly user: string;
      readonly type: string;
      readonly assertions: Readonly<Record<string, readonly string[]>>;
    }[];
    readonly list_users?: readonly {
      readonly object: string;
      readonly user_filter: { readonly type: string }[];
      readonly context?: object;
      readonly assertions: Readonly<Record<string, { readonly users: readonly string[] }>>;
    }[];
  }[];
}

describe('the store tests', () => {
  test('hold with their tuples as contextual ones, and with nothing stored', async () => {
    expect(suites.map(({ name, checks }) => [name, checks.length > 50])).toEqual([
      ['portarium-actions', true],
      ['portarium', true],
    ]);
    expect(await failedChecks(fga.server, await newStore(fga.server), suites)).toEqual([]);
  });

  test.each(suites.map((suite) => [suite.name, suite] as const))(
    '%s: hold with their tuples stored',
    async (_, suite) => {
      const ref = await newStore(fga.server);
      await store(fga.server, ref, suite.tuples);
      expect(await answers(fga.server, ref, suite.checks)).toEqual(suite.checks.map(({ expected }) => expected));
    },
  );

  test('list the objects and the users that they must', async () => {
    const ref = await newStore(fga.server);
    const options = { storeId: ref.storeId, authorizationModelId: ref.modelId };
    await store(fga.server, ref, suites.find(({ name }) => name === 'portarium')!.tuples);
    const { tests } = parse(readFileSync(join(MODEL_FOLDER, 'store.fga.yaml'), 'utf8')) as ListTests;
    let lists = 0;
    for (const { list_objects = [], list_users = [] } of tests) {
      for (const { user, type, assertions } of list_objects) {
        for (const [relation, objects] of Object.entries(assertions)) {
          const found = await fga.server.ask('list', (client) => client.listObjects({ user, type, relation }, options));
          expect([...found.objects].sort()).toEqual([...objects].sort());
          lists += 1;
        }
      }
      for (const { object, user_filter, context, assertions } of list_users) {
        const [type = '', id = ''] = object.split(':');
        for (const [relation, { users }] of Object.entries(assertions)) {
          const { users: found } = await fga.server.ask('list', (client) =>
            client.listUsers(
              { object: { type, id }, relation, user_filters: user_filter, ...(context && { context }) },
              options,
            ),
          );
          expect(found.map(({ object: each }) => `${each?.type}:${(each as { id: string }).id}`)).toEqual(users);
          lists += 1;
        }
      }
    }
    expect(lists).toBe(4);
  });

  test('kill every mutant of the model', async () => {
    // Stored, since the same tuples a thousand times over take most of a minute.
    const stores = await Promise.all(
      [...suites].reverse().map(async (suite) => {
        const ref = await newStore(fga.server);
        await store(fga.server, ref, suite.tuples);
        return { suite, storeId: ref.storeId };
      }),
    );
    const mutants = modelMutants();
    expect(mutants.length).toBeGreaterThanOrEqual(14);
    const survivors: string[] = [];
    for (const { what, model } of mutants) {
      let alive = true;
      for (const { suite, storeId } of stores) {
        if (!alive) break;
        const modelId = await newModel(fga.server, storeId, model);
        const given = await answers(fga.server, { storeId, modelId }, suite.checks);
        alive = given.every((answer, index) => answer === suite.checks[index]!.expected);
      }
      if (alive) survivors.push(what);
    }
    expect(survivors).toEqual([]);
  });
});

describe('an approval of which nothing is stored', () => {
  const run = 'run:ws-acme/r1';
  const approval = 'approval:ws-acme/a1';
  const stored: readonly Tuple[] = [
    { user: 'user:u-bob', relation: 'approver', object: 'workspace:ws-acme' },
    { user: 'user:u-olaf', relation: 'approver', object: 'workspace:ws-acme' },
    { user: 'user:u-olaf', relation: 'operator', object: 'workspace:ws-acme' },
    { user: 'user:u-eve', relation: 'approver', object: 'workspace:ws-globex' },
    { user: 'agent:ws-acme/bot', relation: 'operator', object: 'workspace:ws-acme' },
    { user: 'workspace:ws-acme', relation: 'workspace', object: 'agent:ws-acme/bot' },
    { user: 'user:u-olaf', relation: 'registered_owner', object: 'agent:ws-acme/bot' },
  ];
  /** What the authorizer reads from the control plane and says with the question. */
  const record = (approver: string, initiator: string): readonly Tuple[] => [
    { user: 'workspace:ws-acme', relation: 'workspace', object: run },
    { user: initiator, relation: 'initiator', object: run },
    { user: run, relation: 'run', object: approval },
    {
      user: approver,
      relation: 'assigned_approver',
      object: approval,
      condition: { name: 'separate_duties', context: { initiator } },
    },
  ];
  const financial: Tuple = { user: 'agent:ws-acme/bot#registered_owner', relation: 'extra_conflict', object: approval };
  const question = (user: string, initiator: string, more: readonly Tuple[] = []) => ({
    user,
    relation: 'approver',
    object: approval,
    context: { actor: user },
    contextual: [...record(user, initiator), ...more],
  });

  test('is decided by an eligible approver and not by its initiator', async () => {
    const ref = await newStore(fga.server);
    await store(fga.server, ref, stored);
    expect(
      await answers(fga.server, ref, [
        question('user:u-bob', 'agent:ws-acme/bot'),
        question('user:u-bob', 'user:u-olaf'),
        question('user:u-olaf', 'user:u-olaf'),
        question('user:u-eve', 'agent:ws-acme/bot'),
        { ...question('user:u-bob', 'agent:ws-acme/bot'), contextual: [] },
      ]),
    ).toEqual([true, true, false, false, false]);
  });

  test('is decided by the agent’s owner unless it is financial', async () => {
    const ref = await newStore(fga.server);
    await store(fga.server, ref, stored);
    expect(
      await answers(fga.server, ref, [
        question('user:u-olaf', 'agent:ws-acme/bot'),
        question('user:u-olaf', 'agent:ws-acme/bot', [financial]),
        question('user:u-bob', 'agent:ws-acme/bot', [financial]),
      ]),
    ).toEqual([true, false, true]);
  });

  test('without what the record must say is an error or a refusal, never an allow', async () => {
    const ref = await newStore(fga.server);
    await store(fga.server, ref, stored);
    const complete = question('user:u-bob', 'agent:ws-acme/bot');
    for (let index = 0; index < complete.contextual.length; index += 1) {
      if (complete.contextual[index]!.relation === 'initiator') continue;
      const contextual = complete.contextual.filter((_, at) => at !== index);
      expect(await ask(fga.server, ref, { ...complete, contextual })).toBe(false);
    }
    expect(await ask(fga.server, ref, { ...complete, context: {} })).toMatch(/actor/);
    // Without its initiator the condition alone keeps them apart.
    const anonymous = question('user:u-olaf', 'user:u-olaf').contextual.filter(
      ({ relation }) => relation !== 'initiator',
    );
    expect(await ask(fga.server, ref, { ...question('user:u-olaf', 'user:u-olaf'), contextual: anonymous })).toBe(
      false,
    );
  });

  test('a new run or agent is asked about before it exists, and in no other workspace', async () => {
    const ref = await newStore(fga.server);
    await store(fga.server, ref, [...stored, { user: 'user:u-dana', relation: 'admin', object: 'workspace:ws-acme' }]);
    const fresh = (user: string, relation: string, object: string, workspace = 'workspace:ws-acme') => ({
      user,
      relation,
      object,
      contextual: [{ user: workspace, relation: 'workspace', object }],
    });
    expect(
      await answers(fga.server, ref, [
        fresh('agent:ws-acme/bot', 'operator', 'run:ws-acme/~new'),
        fresh('user:u-dana', 'owner', 'agent:ws-acme/~new'),
        fresh('user:u-olaf', 'owner', 'agent:ws-acme/~new'),
        fresh('agent:ws-acme/bot', 'operator', 'run:ws-globex/~new', 'workspace:ws-globex'),
        { ...fresh('agent:ws-acme/bot', 'operator', 'run:ws-acme/~new'), contextual: [] },
      ]),
    ).toEqual([true, true, false, false, false]);
  });
});

test('the model of this version is what is tested', () => {
  expect(AUTHORIZATION_MODEL.type_definitions.map(({ type }) => type)).toEqual([
    'user',
    'workload',
    'workspace',
    'agent',
    'run',
    'approval',
    'credential',
  ]);
});
