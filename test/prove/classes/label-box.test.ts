import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boxOf, boxWith, isIn, isWithin, meet, minus, witness } from '../../../src/prove/classes/label-box.js';
import type { LabelBox } from '../../../src/prove/classes/label-box.js';
import { selects } from '../../../src/prove/selector.js';
import type { Selector } from '../../../src/prove/selector.js';

const KEYS = ['k', 'l', 'm'];
const VALUES = ['1', '2', '3'];
const values = fc.subarray(['1', '2'], { minLength: 1 }).map((listed) => new Set(listed));
const key = fc.constantFrom(...KEYS);
const requirement = fc.oneof(
  fc.record({ key, operator: fc.constantFrom('In' as const, 'NotIn' as const), values }),
  fc.record({
    key,
    operator: fc.constantFrom('Exists' as const, 'DoesNotExist' as const),
    values: fc.constant(new Set<string>()),
  }),
);
const selector: fc.Arbitrary<Selector> = fc.array(requirement, { maxLength: 4 });

/** Every label map over the keys, with values that selectors name and one that none does. */
const EVERY = KEYS.reduce<readonly ReadonlyMap<string, string>[]>(
  (maps, name) => maps.flatMap((map) => [map, ...VALUES.map((value) => new Map([...map, [name, value]]))]),
  [new Map()],
);
const members = (boxes: readonly (LabelBox | undefined)[]): readonly boolean[] =>
  EVERY.map((labels) => boxes.some((box) => box !== undefined && isIn(box, labels)));

describe('boxes of labels', () => {
  it('hold what the selector selects, and are absent where it selects nothing', () => {
    fc.assert(
      fc.property(selector, (wanted) => {
        expect(members([boxOf(wanted)])).toEqual(EVERY.map((labels) => selects(wanted, labels)));
        expect(boxOf(wanted) === undefined).toBe(!EVERY.some((labels) => selects(wanted, labels)));
      }),
    );
  });

  it('meet in what both hold', () => {
    fc.assert(
      fc.property(selector, selector, (a, b) => {
        const [x, y] = [boxOf(a), boxOf(b)];
        fc.pre(x !== undefined && y !== undefined);
        const both = meet(x, y);
        expect(members([both])).toEqual(EVERY.map((labels) => selects(a, labels) && selects(b, labels)));
        expect(both === undefined).toBe(!members([both]).includes(true));
      }),
    );
  });

  it('without others leave disjoint boxes with exactly the rest, none empty', () => {
    fc.assert(
      fc.property(selector, selector, (a, b) => {
        const [x, y] = [boxOf(a), boxOf(b)];
        fc.pre(x !== undefined && y !== undefined);
        const rest = minus(x, y);
        expect(members(rest)).toEqual(EVERY.map((labels) => selects(a, labels) && !selects(b, labels)));
        for (const labels of EVERY) expect(rest.filter((box) => isIn(box, labels)).length).toBeLessThanOrEqual(1);
        for (const box of rest) expect(members([box])).toContain(true);
        expect(isWithin(x, y)).toBe(rest.length === 0);
      }),
    );
  });

  it('have a witness among their members, with no label that it could do without', () => {
    fc.assert(
      fc.property(selector, (wanted) => {
        const box = boxOf(wanted);
        fc.pre(box !== undefined);
        const labels = witness(box);
        expect(isIn(box, labels)).toBe(true);
        for (const name of labels.keys()) {
          expect(isIn(box, new Map([...labels].filter(([other]) => other !== name)))).toBe(false);
        }
      }),
    );
  });

  it('take a value that nobody listed where every listed one is excluded', () => {
    const box = boxOf([
      { key: 'k', operator: 'Exists', values: new Set() },
      { key: 'k', operator: 'NotIn', values: new Set(['x', 'x-2']) },
    ]);
    expect([...witness(box!)]).toEqual([['k', 'x-3']]);
    expect([...witness(boxWith({ a: 'b' }))]).toEqual([['a', 'b']]);
  });
});
