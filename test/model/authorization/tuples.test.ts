import { describe, expect, test } from 'vitest';
import { UnusableId } from '../../../src/model/authorization/ids.js';
import { violations } from '../../../src/model/authorization/invariants.js';
import { keyOf } from '../../../src/model/authorization/tuple.js';
import { workspaceTuples } from '../../../src/model/authorization/tuples.js';
import type { Workspace } from '../../../src/model/workspace.js';
import { ACME, GLOBEX, PLATFORM } from '../examples.js';

const workspace: Workspace = {
  ...ACME,
  agents: [{ ...ACME.agents[0]!, owner: 'u-olaf' }, ACME.agents[2]!],
  access: {
    admins: ['u-dana'],
    operators: ['u-olaf'],
    approvers: ['u-bob'],
    auditors: ['u-alma'],
    suspended: ['u-bob', 'report-reader'],
  },
  credentials: [{ id: 'hubspot', notBefore: '2026-11-01T00:00:00Z', expiresAt: '2027-02-01T00:00:00Z' }],
};
const tuples = workspaceTuples(PLATFORM, workspace);

describe('the tuples of a workspace', () => {
  test('are its roles, agents, owners and leases, and nothing else', () => {
    const worker = 'workload:portarium.io/ns/portarium-execution/sa/worker';
    expect(tuples.map(keyOf)).toEqual([
      'agent:ws-acme/report-reader#workspace@workspace:ws-acme',
      'agent:ws-acme/sales-bot#registered_owner@user:u-olaf',
      'agent:ws-acme/sales-bot#workspace@workspace:ws-acme',
      `credential:ws-acme/hubspot#lease@${worker}`,
      'credential:ws-acme/hubspot#workspace@workspace:ws-acme',
      'workspace:ws-acme#admin@user:u-dana',
      'workspace:ws-acme#approver@user:u-bob',
      'workspace:ws-acme#auditor@user:u-alma',
      `workspace:ws-acme#direct_member@${worker}`,
      'workspace:ws-acme#operator@agent:ws-acme/report-reader',
      'workspace:ws-acme#operator@agent:ws-acme/sales-bot',
      'workspace:ws-acme#operator@user:u-olaf',
      'workspace:ws-acme#suspended@agent:ws-acme/report-reader',
      'workspace:ws-acme#suspended@user:u-bob',
    ]);
    expect(tuples.find(({ relation }) => relation === 'lease')?.condition).toEqual({
      name: 'active_lease',
      context: { not_before: '2026-11-01T00:00:00Z', expires_at: '2027-02-01T00:00:00Z' },
    });
  });

  test('do not depend on the order of the config', () => {
    const turned = { ...workspace, agents: [...workspace.agents].reverse() };
    expect(workspaceTuples(PLATFORM, turned)).toEqual(tuples);
  });

  test('keep every invariant, also together with another workspace’s', () => {
    expect(violations(tuples)).toEqual([]);
    expect(violations([...tuples, ...workspaceTuples(PLATFORM, GLOBEX)])).toEqual([]);
  });

  test('cannot be made of a subject that OpenFGA would take for something else', () => {
    const access = { ...workspace.access, admins: ['alice@acme'] };
    expect(() => workspaceTuples(PLATFORM, { ...workspace, access })).toThrow(UnusableId);
  });

  test('an object with two workspaces, or without one, or of another one, is a violation', () => {
    expect(
      violations([...tuples, { user: 'workspace:ws-beta', relation: 'workspace', object: 'agent:ws-acme/sales-bot' }]),
    ).toEqual([
      'agent:ws-acme/sales-bot has 2 of workspace: workspace:ws-acme, workspace:ws-beta. It is open to each.',
      'agent:ws-acme/sales-bot#workspace@workspace:ws-beta reaches into another workspace.',
    ]);
    expect(violations([{ user: 'user:a', relation: 'registered_owner', object: 'agent:ws-acme/lost' }])).toEqual([
      'agent:ws-acme/lost has no workspace, so what is granted on it means nothing.',
    ]);
    expect(violations([{ user: 'agent:ws-beta/x', relation: 'operator', object: 'workspace:ws-acme' }])).toEqual([
      'workspace:ws-acme#operator@agent:ws-beta/x reaches into another workspace.',
    ]);
  });

  test('an initiator that may approve, or a condition that names somebody else, is a violation', () => {
    const run = [
      { user: 'workspace:w', relation: 'workspace', object: 'run:w/r' },
      { user: 'user:i', relation: 'initiator', object: 'run:w/r' },
      { user: 'run:w/r', relation: 'run', object: 'approval:w/a' },
    ];
    const assigned = (user: string, initiator?: string) => ({
      user,
      relation: 'assigned_approver',
      object: 'approval:w/a',
      ...(initiator !== undefined && { condition: { name: 'separate_duties', context: { initiator } } }),
    });
    expect(violations([...run, assigned('user:b', 'user:i')])).toEqual([]);
    expect(violations([...run, assigned('user:i', 'user:i')])).toEqual([
      'approval:w/a#assigned_approver@user:i: the initiator of run:w/r may not approve it.',
    ]);
    expect(violations([...run, assigned('user:b')])).toEqual([
      'approval:w/a#assigned_approver@user:b: its condition names no initiator, but that of run:w/r is user:i.',
    ]);
    expect(violations(run.slice(0, 1))).toEqual(['run:w/r has 0 initiators, not one.']);
  });
});
