import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  atLeast,
  CONTROLS,
  join,
  LEVELS,
  meet,
  modes,
  modesAt,
  rank,
  relax,
  relaxedBy,
  ROLLBACK_TARGETS,
  tryLevelOf,
} from '../../src/model/levels.js';
import type { Control, Level, Modes } from '../../src/model/levels.js';

const level = fc.constantFrom(...LEVELS);
const controls = fc.subarray([...CONTROLS]);
const anyModes = controls.map((enforced) => modes((control) => (enforced.includes(control) ? 'enforce' : 'shadow')));
const enforcedAt = (wanted: Modes): Control[] => CONTROLS.filter((control) => wanted[control] === 'enforce');

describe('levels', () => {
  it('enforce one control more on each rung, in the runbook’s order', () => {
    expect(LEVELS.map((each) => [each, enforcedAt(modesAt(each))])).toEqual([
      ['routing', []],
      ['authz', ['authz']],
      ['identity', ['authz', 'mtls']],
      ['allowlist', ['authz', 'mtls', 'allowlist']],
      ['enforced', ['authz', 'mtls', 'allowlist', 'egress']],
    ]);
  });

  it('never lack a control that a lower one has', () => {
    fc.assert(
      fc.property(level, level, (a, b) => {
        expect(atLeast(modesAt(a), modesAt(b))).toBe(rank(a) >= rank(b));
      }),
    );
  });

  it('are found again by their preset, and nothing between presets is a level', () => {
    fc.assert(
      fc.property(anyModes, (wanted) => {
        const found = tryLevelOf(wanted);
        if (found !== undefined) expect(modesAt(found)).toEqual(wanted);
        else for (const each of LEVELS) expect(modesAt(each)).not.toEqual(wanted);
      }),
    );
    for (const each of LEVELS) expect(tryLevelOf(modesAt(each))).toBe(each);
  });

  it('reach every other by raising the level, relaxing below it, and ending the relaxation', () => {
    fc.assert(
      fc.property(level, level, (from, to) => {
        const reached: Level = rank(to) > rank(from) ? to : from;
        expect(relax(reached, relaxedBy(reached, to))).toEqual(modesAt(to));
        // Back again: the relaxation has ended, what was reached is still there.
        expect(atLeast(relax(reached, []), modesAt(from))).toBe(true);
        expect(relax(reached, relaxedBy(reached, from))).toEqual(modesAt(from));
      }),
    );
  });
});

describe('relaxing', () => {
  it('and ending it is the identity', () => {
    fc.assert(
      fc.property(level, controls, (reached, relaxed) => {
        const before = relax(reached, []);
        relax(reached, relaxed);
        expect(relax(reached, [])).toEqual(before);
        expect(before).toEqual(modesAt(reached));
      }),
    );
  });

  it('leaves exactly the named controls in shadow and every other as it was', () => {
    fc.assert(
      fc.property(level, controls, (reached, relaxed) => {
        const result = relax(reached, relaxed);
        for (const control of CONTROLS) {
          expect(result[control]).toBe(relaxed.includes(control) ? 'shadow' : modesAt(reached)[control]);
        }
      }),
    );
  });

  it('twice relaxes both, in any order', () => {
    fc.assert(
      fc.property(level, controls, controls, (reached, a, b) => {
        expect(meet(relax(reached, a), relax(reached, b))).toEqual(relax(reached, [...b, ...a]));
      }),
    );
  });
});

describe('rollback targets', () => {
  it('are the runbook’s: 1 opens egress, 2 also the allowlist, 3 also mTLS, full everything', () => {
    const opened = Object.entries(ROLLBACK_TARGETS).map(([to, target]) => [to, relaxedBy('enforced', target)]);
    expect(opened).toEqual([
      ['1', ['egress']],
      ['2', ['allowlist', 'egress']],
      ['3', ['mtls', 'allowlist', 'egress']],
      ['full', ['authz', 'mtls', 'allowlist', 'egress']],
    ]);
  });

  it('at or above the level that was reached relax nothing', () => {
    fc.assert(
      fc.property(level, level, (reached, target) => {
        expect(relaxedBy(reached, target).length).toBe(Math.max(0, rank(reached) - rank(target)));
      }),
    );
  });
});

describe('modes', () => {
  it('are a lattice: join and meet are idempotent, commutative, associative and absorb each other', () => {
    fc.assert(
      fc.property(anyModes, anyModes, anyModes, (a, b, c) => {
        for (const op of [join, meet]) {
          expect(op(a, a)).toEqual(a);
          expect(op(a, b)).toEqual(op(b, a));
          expect(op(op(a, b), c)).toEqual(op(a, op(b, c)));
        }
        expect(join(a, meet(a, b))).toEqual(a);
        expect(meet(a, join(a, b))).toEqual(a);
        expect(join(a, meet(b, c))).toEqual(meet(join(a, b), join(a, c)));
      }),
    );
  });

  it('are ordered by what they enforce: the join is the least above both, the meet the greatest below', () => {
    fc.assert(
      fc.property(anyModes, anyModes, anyModes, (a, b, c) => {
        expect(atLeast(join(a, b), a) && atLeast(a, meet(a, b))).toBe(true);
        expect(atLeast(c, join(a, b))).toBe(atLeast(c, a) && atLeast(c, b));
        expect(atLeast(meet(a, b), c)).toBe(atLeast(a, c) && atLeast(b, c));
        expect(atLeast(a, b)).toBe(enforcedAt(b).every((control) => enforcedAt(a).includes(control)));
      }),
    );
  });
});
