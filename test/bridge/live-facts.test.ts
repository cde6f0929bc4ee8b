import { describe, expect, test } from 'vitest';
import { Cluster } from '../../src/bridge/cluster.js';
import { planHash, readLiveFacts, UNNAMED } from '../../src/bridge/live-facts.js';
import { stampedName } from '../../src/bridge/stamped-name.js';
import { renderStack } from '../../src/bridge/render.js';
import { loadStack } from '../../src/config/load.js';
import type { Relaxing, Workspace } from '../../src/model/workspace.js';
import { fakeApi } from './fake-api.js';

const loaded = loadStack('ws-acme', { dir: 'stacks', level: 'enforced' });
if (loaded.kind !== 'workspace') throw new Error('ws-acme is no workspace');
const stack = loaded;
const relaxing = (relaxation?: string, controls: Relaxing['controls'] = ['egress']): Workspace => ({
  ...stack.workspace,
  relaxing: { controls, as: 'rollback 1', ...(relaxation !== undefined && { relaxation }) },
});
const rendered = (workspace: Workspace, closedAfter?: string) =>
  renderStack({ ...stack, workspace }, closedAfter === undefined ? {} : { closedAfter });

describe('planHash', () => {
  const named = 'ws-acme-20261122t101500z';

  test('does not depend on the Relaxation’s name, the order of objects or what closed before', () => {
    const hash = planHash(rendered(relaxing(UNNAMED)));
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(planHash(rendered(relaxing(named)))).toBe(hash);
    expect(planHash([...rendered(relaxing(named))].reverse())).toBe(hash);
    const mtls = relaxing(UNNAMED, ['mtls']);
    expect(planHash(rendered(relaxing(named, ['mtls']), 'ws-acme-20260101t000000z'))).toBe(planHash(rendered(mtls)));
  });

  test('depends on everything else', () => {
    const hash = planHash(rendered(relaxing(named)));
    const { systemsOfRecord, agents } = stack.workspace;
    const others: Workspace[] = [
      stack.workspace,
      relaxing(named, ['mtls', 'egress']),
      { ...relaxing(named), systemsOfRecord: [...systemsOfRecord, { name: 'x', host: 'x.example.com', ports: [443] }] },
      { ...relaxing(named), agents: agents.map((agent) => ({ ...agent, image: 'registry.example.com/other:1' })) },
    ];
    for (const other of others) expect(planHash(rendered(other))).not.toBe(hash);
  });
});

describe('readLiveFacts', () => {
  const now = new Date('2026-11-22T12:00:00Z');
  const minutes = (count: number) => new Date(now.getTime() + count * 60_000).toISOString().replace('.000', '');
  interface Given {
    readonly name: string;
    readonly [field: string]: unknown;
  }
  const relaxation = ({ name, created = -10, ...spec }: Given) => ({
    metadata: { name, creationTimestamp: minutes(Number(created)), labels: { 'portarium.io/workspace': 'ws-acme' } },
    spec: {
      workspaceId: 'ws-acme',
      controls: ['egress'],
      planHash: 'abc',
      reason: 'because of it',
      ticket: 'INC-1',
      requestedBy: 'alice',
      approvedBy: 'bob',
      state: 'approved',
      expiresAt: minutes(50),
      ...spec,
    },
  });
  const facts = (workspace: Workspace, relaxations: readonly Given[], reachedLevel?: string, planHash?: string) =>
    readLiveFacts(
      new Cluster(
        fakeApi(({ path }) => {
          if (path.includes('/relaxations')) return { body: { items: relaxations.map(relaxation), metadata: {} } };
          if (path.includes('/workspacepolicies/') && reachedLevel) return { body: { spec: { reachedLevel } } };
          return undefined;
        }),
      ),
      workspace,
      { now, ...(planHash !== undefined && { planHash }) },
    );

  test('nothing is known of a new workspace', async () => {
    expect(await facts(stack.workspace, [])).toEqual({});
  });

  test('takes the newest Relaxation in force for exactly these controls, or the one that is named', async () => {
    const given = [
      { name: 'old', created: -20 },
      { name: 'new', created: -5 },
      { name: 'newer-but-wider', created: -4, controls: ['egress', 'mtls'] },
      { name: 'newest-but-unapproved', created: -1, state: 'requested', approvedBy: undefined },
    ];
    expect((await facts(relaxing(), given, 'enforced')).relaxation?.name).toBe('new');
    expect((await facts(relaxing('old'), given)).relaxation?.name).toBe('old');
    expect((await facts(relaxing('old'), given, undefined, 'abc')).relaxation?.name).toBe('old');
  });

  test.each<[string, Workspace, readonly Given[], string]>([
    [
      'there is none',
      relaxing(),
      [],
      'No Relaxation covers egress of workspace "ws-acme". The config says: rollback 1. To come back, remove the key (enforce rollback --stack ws-acme --undo); to ask for a Relaxation: enforce rollback --stack ws-acme --to 1',
    ],
    [
      'there is none of that name',
      relaxing('nope'),
      [{ name: 'x' }],
      'There is no Relaxation "nope" of workspace "ws-acme"',
    ],
    [
      'it is not approved',
      relaxing('x'),
      [{ name: 'x', state: 'requested', approvedBy: undefined }],
      'Relaxation x is not approved yet. The config says: rollback 1. Have another person approve it (enforce approve x), or remove the key.',
    ],
    [
      'it was not approved in time',
      relaxing(),
      [{ name: 'x', state: 'requested', approvedBy: undefined, expiresAt: minutes(-1) }],
      'To come back, remove the key',
    ],
    [
      'it has expired',
      relaxing('x'),
      [{ name: 'x', expiresAt: minutes(-1) }],
      'Relaxation x expired at 2026-11-22T11:59:00.000Z. The config says: rollback 1. To come back',
    ],
    [
      'it has been ended',
      relaxing('x'),
      [{ name: 'x', state: 'ended', endedBy: 'alice' }],
      'Relaxation x has been ended.',
    ],
    [
      'it covers something else',
      relaxing('x'),
      [{ name: 'x', controls: ['mtls'] }],
      'Relaxation x covers mtls, not exactly egress.',
    ],
    [
      'it covers more',
      relaxing('x'),
      [{ name: 'x', controls: ['mtls', 'egress'] }],
      'Relaxation x covers mtls, egress, not exactly egress.',
    ],
    [
      'it was approved by its requester',
      relaxing('x'),
      [{ name: 'x', approvedBy: 'alice' }],
      'approved by its own requester',
    ],
  ])('refuses when %s, with what to do', async (_what, workspace, given, message) => {
    const refused = facts(workspace, given, 'enforced');
    await expect(refused).rejects.toMatchObject({ name: 'RelaxationRefused' });
    await expect(refused).rejects.toThrow(message);
  });

  test('refuses one that was approved for another plan', async () => {
    await expect(facts(relaxing('x'), [{ name: 'x' }], 'enforced', 'f'.repeat(64))).rejects.toThrow(
      'Relaxation x was approved for another plan (abc…, this one is ffffffffffff…): the stack’s config has changed since.',
    );
  });

  test('names the newest Relaxation that had egress open and is over, never one that was not approved', async () => {
    const given = [
      { name: 'first', state: 'ended', endedBy: 'a', endedAt: minutes(-30) },
      { name: 'second', state: 'ended', endedBy: 'a', endedAt: minutes(-20) },
      { name: 'mtls-only', controls: ['mtls'], state: 'ended', endedBy: 'a', endedAt: minutes(-2) },
      { name: 'never-approved', approvedBy: undefined, state: 'ended', endedBy: 'a', endedAt: minutes(-1) },
      { name: 'in-force' },
    ];
    expect(await facts(stack.workspace, given)).toEqual({ closedAfter: 'second' });
    const expired = { name: 'expired', expiresAt: minutes(-1) };
    expect(await facts(stack.workspace, [...given, expired])).toEqual({ closedAfter: 'expired' });
  });

  test('a level below what was reached is refused, with the way down', async () => {
    expect(await facts(stack.workspace, [], 'allowlist')).toEqual({ reachedLevel: 'allowlist' });
    await expect(facts({ ...stack.workspace, level: 'authz' }, [], 'enforced')).rejects.toThrow(
      'workspace "ws-acme" has reached level "enforced", and enforcement.level says "authz". A level only rises; to go back for a while leave it at "enforced" and run: enforce rollback --stack ws-acme --to 1|2|3|full',
    );
  });
});

test('a Relaxation’s name is a label’s value: 63 characters at most, whatever the workspace is called', () => {
  const at = new Date('2026-11-22T10:15:00Z');
  expect(stampedName('ws-acme', at)).toBe('ws-acme-20261122t101500z');
  for (const length of [1, 45, 46, 47, 63]) {
    expect(stampedName('a'.repeat(length), at)).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
  }
  expect(stampedName(`${'a'.repeat(45)}-${'b'.repeat(10)}`, at)).toMatch(/^a+-2026/);
});
