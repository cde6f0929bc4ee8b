import { expect, test } from 'vitest';
import { plannedTuple } from '../../src/bridge/authorization-plan.js';
import type { Tuple } from '../../src/model/authorization/tuple.js';

const lease = (expires_at: string): Tuple => ({
  user: 'workload:w',
  relation: 'lease',
  object: 'credential:ws/key',
  condition: { name: 'active_lease', context: { not_before: '2026-01-01T00:00:00Z', expires_at } },
});

test('a change of a tuple is one of a plan, with what its condition says as fields', () => {
  const tuple = { user: 'user:a', relation: 'admin', object: 'workspace:ws' };
  expect(plannedTuple({ action: 'grant', tuple })).toEqual({
    key: 'OpenFGA tuple workspace:ws#admin@user:a',
    action: 'create',
    fields: [],
  });
  expect(plannedTuple({ action: 'revoke', tuple }).action).toBe('delete');
  const [before, after] = [lease('2026-02-01T00:00:00Z'), lease('2026-03-01T00:00:00Z')];
  expect(plannedTuple({ action: 'change', tuple: after, before })).toMatchObject({
    action: 'update',
    fields: [{ path: 'condition.context.expires_at', before: '2026-02-01T00:00:00Z', after: '2026-03-01T00:00:00Z' }],
  });
});
