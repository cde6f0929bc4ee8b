import { describe, expect, test } from 'vitest';
import { keyOf, type Tuple } from '../../../src/model/authorization/tuple.js';
import { workspaceTuples } from '../../../src/model/authorization/tuples.js';
import type { Workspace } from '../../../src/model/workspace.js';
import type { ModelRef } from '../../../src/openfga/checks.js';
import { OpenFgaFailed, OpenFgaServer } from '../../../src/openfga/server.js';
import { planTuples, readSlice, reconcileTuples } from '../../../src/openfga/tuples.js';
import { ACME, GLOBEX, PLATFORM } from '../../model/examples.js';
import { ask, newStore, remove, store, useOpenFga } from './fixture.js';

const fga = useOpenFga();

const people = (role: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${role}-${index}`);

/** A workspace of about 300 tuples. */
const large: Workspace = {
  ...ACME,
  access: {
    admins: people('admin', 20),
    operators: people('operator', 60),
    approvers: people('approver', 40),
    auditors: people('auditor', 20),
    suspended: people('operator', 5),
  },
  agents: people('bot', 45).map((name) => ({ ...ACME.agents[0]!, name, owner: 'operator-1' })),
  credentials: people('cred', 10).map((id) => ({
    id,
    notBefore: '2026-01-01T00:00:00Z',
    expiresAt: '2027-01-01T00:00:00Z',
  })),
};
const desired = workspaceTuples(PLATFORM, large);

const reconciled = (ref: ModelRef, tuples: readonly Tuple[] = desired) =>
  reconcileTuples(fga.server, ref, ACME.id, tuples);
const stored = async ({ storeId }: ModelRef): Promise<readonly string[]> => {
  const keys: string[] = [];
  let continuationToken: string | undefined;
  do {
    const page = await fga.server.ask('read', (client) =>
      client.read({}, { storeId, pageSize: 100, ...(continuationToken && { continuationToken }) }),
    );
    keys.push(...page.tuples.map(({ key }) => keyOf(key as Tuple)));
    continuationToken = page.continuation_token;
  } while (continuationToken);
  return keys.sort();
};

describe('reconcileTuples', () => {
  test('writes 300 tuples in Writes of 100, and nothing the second time', async () => {
    expect(desired.length).toBeGreaterThan(300);
    const ref = await newStore(fga.server);
    const first = await reconciled(ref);
    expect(first.changes).toHaveLength(desired.length);
    expect(first.writes).toBe(Math.ceil(desired.length / 100));
    expect(await stored(ref)).toEqual(desired.map(keyOf).sort());
    expect(await reconciled(ref, [...desired].reverse())).toEqual({ changes: [], writes: 0 });
    expect(await readSlice(fga.server, ref.storeId, ACME.id, [])).toHaveLength(desired.length);
  });

  test('repairs what somebody has added, taken away or changed', async () => {
    const ref = await newStore(fga.server);
    const ours = workspaceTuples(PLATFORM, { ...large, access: { ...large.access, suspended: [] } }).slice(-80);
    await reconciled(ref, ours);
    const added: Tuple = { user: 'user:mallory', relation: 'admin', object: 'workspace:ws-acme' };
    await store(fga.server, ref, [added]);
    await remove(fga.server, ref, ours.slice(0, 1));
    const { changes } = await reconciled(ref, ours);
    expect(changes.map(({ action, tuple }) => `${action} ${keyOf(tuple)}`).sort()).toEqual(
      [`grant ${keyOf(ours[0]!)}`, `revoke ${keyOf(added)}`].sort(),
    );
    expect(await stored(ref)).toEqual(ours.map(keyOf).sort());
  });

  test('gives a lease another end', async () => {
    const ref = await newStore(fga.server);
    const until = (expiresAt: string): readonly Tuple[] =>
      workspaceTuples(PLATFORM, {
        ...ACME,
        credentials: [{ id: 'hubspot', notBefore: '2026-01-01T00:00:00Z', expiresAt }],
      });
    await reconciled(ref, until('2026-02-01T00:00:00Z'));
    const question = {
      user: 'workload:portarium.io/ns/portarium-execution/sa/worker',
      relation: 'reader',
      object: 'credential:ws-acme/hubspot',
      context: { current_time: '2026-03-01T00:00:00Z' },
    };
    expect(await ask(fga.server, ref, question)).toBe(false);
    const { changes, writes } = await reconciled(ref, until('2026-04-01T00:00:00Z'));
    expect(changes.map(({ action }) => action)).toContain('change');
    expect(writes).toBe(2);
    expect(await ask(fga.server, ref, question)).toBe(true);
    expect((await reconciled(ref, until('2026-04-01T00:00:00Z'))).writes).toBe(0);
  });

  test('leaves other workspaces, runs and approvals alone, also when everything goes', async () => {
    const ref = await newStore(fga.server);
    const globex = workspaceTuples(PLATFORM, GLOBEX);
    const others: readonly Tuple[] = [
      ...globex,
      { user: 'workspace:ws-acme', relation: 'workspace', object: 'run:ws-acme/r1' },
      { user: 'user:u-bob', relation: 'initiator', object: 'run:ws-acme/r1' },
      { user: 'run:ws-acme/r1', relation: 'run', object: 'approval:ws-acme/a1' },
    ];
    await store(fga.server, ref, others);
    const ours = workspaceTuples(PLATFORM, ACME);
    await reconciled(ref, ours);
    const { changes } = await reconciled(ref, []);
    expect(changes).toHaveLength(ours.length);
    expect(changes.every(({ action }) => action === 'revoke')).toBe(true);
    expect(await stored(ref)).toEqual(others.map(keyOf).sort());
  });

  test('takes out what puts another workspace’s agent into this one', async () => {
    const ref = await newStore(fga.server);
    await store(fga.server, ref, workspaceTuples(PLATFORM, GLOBEX));
    await reconciled(ref, workspaceTuples(PLATFORM, ACME));
    const leak: Tuple = { user: 'workspace:ws-acme', relation: 'workspace', object: 'agent:ws-globex/support-bot' };
    const admin: Tuple = { user: 'user:acme-admin', relation: 'admin', object: 'workspace:ws-acme' };
    await store(fga.server, ref, [leak, admin]);
    const question = { user: 'user:acme-admin', relation: 'owner', object: leak.object };
    expect(await ask(fga.server, ref, question)).toBe(true);
    await reconciled(ref, [...workspaceTuples(PLATFORM, ACME), admin]);
    expect(await ask(fga.server, ref, question)).toBe(false);
    expect(await stored(ref)).not.toContain(keyOf(leak));
  });

  test('two at the same moment agree, whoever writes first', async () => {
    const ref = await newStore(fga.server);
    const results = await Promise.all([reconciled(ref), reconciled(ref), reconciled(ref)]);
    expect(results.some(({ writes }) => writes > 0)).toBe(true);
    expect(await stored(ref)).toEqual(desired.map(keyOf).sort());
    expect((await reconciled(ref)).writes).toBe(0);
  });

  test('plans without writing', async () => {
    const ref = await newStore(fga.server);
    const ours = workspaceTuples(PLATFORM, ACME);
    expect(await planTuples(fga.server, ref.storeId, ACME.id, ours)).toHaveLength(ours.length);
    expect(await stored(ref)).toEqual([]);
  });

  test('a tuple that the model does not know is an error, not a repetition', async () => {
    const ref = await newStore(fga.server);
    const unknown: Tuple = { user: 'user:a', relation: 'emperor', object: 'workspace:ws-acme' };
    await expect(reconciled(ref, [unknown])).rejects.toThrow(
      /could not write tuples of workspace "ws-acme": .*relation 'workspace#emperor' not found.* \(400\)/,
    );
  });

  test('a server that goes away is an error', async () => {
    const gone = await OpenFgaServer.connect({ url: 'http://127.0.0.1:9', token: 'x' });
    const failure = await reconcileTuples(
      gone,
      { storeId: '01JJJJJJJJJJJJJJJJJJJJJJJJ', modelId: '' },
      'ws-acme',
      [],
    ).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(OpenFgaFailed);
  });
});
