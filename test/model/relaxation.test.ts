import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atLeast, CONTROLS, LEVELS, modesAt } from '../../src/model/levels.js';
import { effectiveModes, MAX_MINUTES, relaxedControls, tryRefusal } from '../../src/model/relaxation.js';
import type { Relaxation } from '../../src/model/relaxation.js';
import { minutes, NOW, RELAXATION } from './examples.js';

const UNAPPROVED: Relaxation = Object.fromEntries(
  Object.entries(RELAXATION).filter(([key]) => key !== 'approvedBy'),
) as unknown as Relaxation;

const refused: readonly (readonly [what: string, relaxation: Relaxation, why: string])[] = [
  ['ended', { ...RELAXATION, state: 'ended' }, 'Relaxation inc-4711 has been ended.'],
  ['not approved yet', { ...UNAPPROVED, state: 'requested' }, 'Relaxation inc-4711 is not approved yet.'],
  ['approved by nobody', { ...UNAPPROVED, state: 'approved' }, 'Relaxation inc-4711 is not approved yet.'],
  [
    'still requested, whoever is named as approver',
    { ...RELAXATION, state: 'requested' },
    'Relaxation inc-4711 is not approved yet.',
  ],
  [
    'approved by its requester',
    { ...RELAXATION, approvedBy: 'alice' },
    'Relaxation inc-4711 was approved by its own requester, alice.',
  ],
  [
    'approved by a pipeline',
    { ...RELAXATION, approvedBy: 'system:serviceaccount:ci:deployer' },
    'Relaxation inc-4711 was approved by system:serviceaccount:ci:deployer, which is no person.',
  ],
  ['expired', { ...RELAXATION, expiresAt: minutes(-1) }, 'Relaxation inc-4711 expired at 2026-10-01T11:59:00.000Z.'],
  [
    'expired this very millisecond',
    { ...RELAXATION, expiresAt: NOW },
    'Relaxation inc-4711 expired at 2026-10-01T12:00:00.000Z.',
  ],
  [
    'too long, by a minute',
    { ...RELAXATION, expiresAt: minutes(MAX_MINUTES + 1, RELAXATION.createdAt) },
    'Relaxation inc-4711 lasts longer than 240 minutes.',
  ],
  [
    'without a valid expiry, which would never come',
    { ...RELAXATION, expiresAt: new Date('soon') },
    'Relaxation inc-4711 has no valid times.',
  ],
  [
    'without a valid creation, from which it could last for ever',
    { ...RELAXATION, createdAt: new Date(''), expiresAt: minutes(100_000) },
    'Relaxation inc-4711 has no valid times.',
  ],
];

describe('a relaxation', () => {
  it('is in force when approved by another person, not expired and not too long', () => {
    expect(tryRefusal(RELAXATION, NOW)).toBeUndefined();
    expect(tryRefusal({ ...RELAXATION, expiresAt: minutes(MAX_MINUTES, RELAXATION.createdAt) }, NOW)).toBeUndefined();
    expect(effectiveModes('ws-acme', 'enforced', [RELAXATION], NOW)).toEqual(modesAt('allowlist'));
  });

  it.each(refused)('permits nothing when %s', (_what, relaxation, why) => {
    expect(tryRefusal(relaxation, NOW)).toBe(why);
    expect(relaxedControls('ws-acme', [relaxation], NOW)).toEqual([]);
    for (const level of LEVELS) expect(effectiveModes('ws-acme', level, [relaxation], NOW)).toEqual(modesAt(level));
  });
});

const person = fc.constantFrom('alice', 'bob', 'carol', 'system:serviceaccount:ci:deployer');
const time = fc.integer({ min: -500, max: 500 }).map((count) => minutes(count));
const relaxation: fc.Arbitrary<Relaxation> = fc
  .record({
    workspaceId: fc.constantFrom('ws-acme', 'ws-globex'),
    controls: fc.subarray([...CONTROLS]),
    requestedBy: person,
    approvedBy: fc.option(person, { nil: undefined }),
    state: fc.constantFrom('requested' as const, 'approved' as const, 'ended' as const),
    createdAt: time,
    expiresAt: time,
  })
  .map(({ approvedBy, ...rest }) => ({
    ...UNAPPROVED,
    ...rest,
    ...(approvedBy !== undefined && { approvedBy }),
  }));
const level = fc.constantFrom(...LEVELS);

describe('any set of relaxations', () => {
  it('leaves other workspaces as they are', () => {
    fc.assert(
      fc.property(level, fc.array(relaxation), (reached, relaxations) => {
        const others = relaxations.filter(({ workspaceId }) => workspaceId !== 'ws-acme');
        expect(effectiveModes('ws-acme', reached, others, NOW)).toEqual(modesAt(reached));
        expect(effectiveModes('ws-globex', reached, relaxations, NOW)).toEqual(
          effectiveModes('ws-globex', reached, others, NOW),
        );
      }),
    );
  });

  it('never tightens, and loosens only what an approved, unexpired one of that workspace names', () => {
    fc.assert(
      fc.property(level, fc.array(relaxation), (reached, relaxations) => {
        const modes = effectiveModes('ws-acme', reached, relaxations, NOW);
        expect(atLeast(modesAt(reached), modes)).toBe(true);
        for (const control of CONTROLS) {
          if (modes[control] === modesAt(reached)[control]) continue;
          const why = relaxations.filter(
            (each) =>
              each.workspaceId === 'ws-acme' &&
              each.controls.includes(control) &&
              each.state === 'approved' &&
              each.approvedBy !== undefined &&
              each.approvedBy !== each.requestedBy &&
              !each.approvedBy.startsWith('system:') &&
              each.expiresAt > NOW &&
              each.expiresAt.getTime() - each.createdAt.getTime() <= 4 * 3_600_000,
          );
          expect(why).not.toEqual([]);
        }
      }),
    );
  });

  it('loses its effect by time alone: once the last has expired, the level is back', () => {
    fc.assert(
      fc.property(level, fc.array(relaxation), (reached, relaxations) => {
        expect(effectiveModes('ws-acme', reached, relaxations, minutes(501))).toEqual(modesAt(reached));
      }),
    );
  });
});
