import { describe, expect, test } from 'vitest';
import { historyOf, type UpdateRecord } from '../../src/bridge/pulumi-history.js';

const update = (enforcement: unknown, at: string, others: Partial<UpdateRecord> = {}): UpdateRecord => ({
  kind: 'update',
  result: 'succeeded',
  endTime: at,
  config: { 'portarium:enforcement': { value: JSON.stringify(enforcement) } },
  ...others,
});

describe('levels from `pulumi stack history`', () => {
  test('oldest first, with what each update relaxed', () => {
    expect(
      historyOf([
        update({ level: 'enforced', relax: { controls: ['egress', 'authz'] } }, '2026-11-22T12:00:00Z'),
        update({ level: 'enforced', rollback: { to: 2 } }, '2026-11-22T11:00:00Z'),
        update({ level: 'enforced', rollback: { to: 'full' } }, '2026-11-22T10:30:00Z'),
        update({ level: 'enforced' }, '2026-11-22T10:00:00Z'),
      ]),
    ).toEqual([
      { level: 'enforced', relaxing: [], at: '2026-11-22T10:00:00.000Z' },
      { level: 'enforced', relaxing: ['authz', 'mtls', 'allowlist', 'egress'], at: '2026-11-22T10:30:00.000Z' },
      { level: 'enforced', relaxing: ['allowlist', 'egress'], at: '2026-11-22T11:00:00.000Z' },
      { level: 'enforced', relaxing: ['authz', 'egress'], at: '2026-11-22T12:00:00.000Z' },
    ]);
  });

  test('reads both forms in which backends record a structured value', () => {
    const config = { 'portarium:enforcement': { objectValue: { level: 'identity' } } };
    expect(historyOf([update({}, '2026-11-22T10:00:00Z', { config })])).toMatchObject([{ level: 'identity' }]);
  });

  test('leaves out what brought the workspace nowhere: failed updates, destroys, refreshes, unreadable config', () => {
    const at = '2026-11-22T10:00:00Z';
    expect(
      historyOf([
        update({ level: 'enforced' }, at, { result: 'failed' }),
        update({ level: 'enforced' }, at, { kind: 'destroy' }),
        update({ level: 'enforced' }, at, { kind: 'refresh' }),
        update({ level: 'maximum' }, at),
        update({}, at, { config: { 'portarium:enforcement': { value: '{' } } }),
        update({}, at, { config: {} }),
      ]),
    ).toEqual([]);
  });
});
