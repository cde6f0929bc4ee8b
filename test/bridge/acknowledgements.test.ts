import { describe, expect, it } from 'vitest';
import { acknowledgements, tryUnacknowledged } from '../../src/bridge/acknowledgements.js';
import type { LiveObject } from '../../src/bridge/cluster.js';

const NOW = new Date('2026-03-01T12:00:00Z');
const HASH = 'a'.repeat(64);
const OTHER = 'b'.repeat(64);

const live = (name: string, rest: object = {}) =>
  ({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, ...rest }) as unknown as LiveObject;
const policy = (...observed: object[]) => live('ws-acme', { spec: { policyHash: HASH }, status: { observed } });
const row = (replica: string, hash = HASH, time = '2026-03-01T11:00:00Z') => ({ replica, hash, time });
const states = (found: LiveObject | undefined, ...pods: string[]) =>
  acknowledgements(
    found,
    pods.map((name) => live(name)),
    NOW,
  ).map(({ replica, state }) => `${replica} ${state}`);

describe('acknowledgements', () => {
  it.each([
    ['every replica with the hash', policy(row('p-1'), row('p-2')), ['p-1 acknowledged', 'p-2 acknowledged']],
    ['a replica without a row', policy(row('p-2')), ['p-1 missing', 'p-2 acknowledged']],
    ['another hash', policy(row('p-1'), row('p-2', OTHER)), ['p-1 acknowledged', 'p-2 other']],
    [
      'a row just within 24 h, and one of 24 h',
      policy(row('p-1', HASH, '2026-02-28T12:00:01Z'), row('p-2', HASH, '2026-02-28T12:00:00Z')),
      ['p-1 acknowledged', 'p-2 stale'],
    ],
    ['a time that is none', policy(row('p-1', HASH, 'soon'), row('p-2')), ['p-1 stale', 'p-2 acknowledged']],
    [
      'rows of pods that are gone',
      policy(row('gone', OTHER), row('p-1'), row('p-2')),
      ['p-1 acknowledged', 'p-2 acknowledged'],
    ],
    ['no status', live('ws-acme', { spec: { policyHash: HASH } }), ['p-1 missing', 'p-2 missing']],
    ['no policy', undefined, ['p-1 missing', 'p-2 missing']],
  ])('%s', (_, found, expected) => {
    expect(states(found, 'p-2', 'p-1')).toEqual(expected);
  });

  it('a policy without a hash is acknowledged by nobody', () => {
    expect(states(live('ws-acme', { spec: {}, status: { observed: [row('p-1')] } }), 'p-1')).toEqual(['p-1 other']);
  });
});

describe('tryUnacknowledged', () => {
  it('is silent only when every replica acknowledged', () => {
    expect(tryUnacknowledged([{ replica: 'p-1', state: 'acknowledged' }])).toBeUndefined();
  });

  it.each([
    ['missing', 'has not acknowledged the policy'],
    ['other', 'acknowledged another policy'],
    ['stale', 'acknowledged the policy too long ago'],
  ] as const)('names a replica that is %s', (state, says) => {
    expect(
      tryUnacknowledged([
        { replica: 'p-1', state: 'acknowledged' },
        { replica: 'p-2', state },
      ]),
    ).toBe(`1 of 2 replicas of the front do not say that they decide by it: p-2 ${says}`);
  });

  it('takes no replica for no acknowledgement', () => {
    expect(tryUnacknowledged([])).toBe('the front has no replica that could have acknowledged the policy');
  });
});
