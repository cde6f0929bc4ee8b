import type { Labels, Selector } from '../selector.js';

/**
 * What one label may be. `values` are the only ones it may have, or with `except` the only ones it may not; `absent`
 * says whether the label may be missing.
 */
interface Possible {
  readonly values: ReadonlySet<string>;
  readonly except: boolean;
  readonly absent: boolean;
}

const ANYTHING: Possible = { values: new Set(), except: true, absent: true };

/**
 * A set of label maps, infinite as a rule: each key on its own may be what is listed for it, every other key anything.
 * Never empty: a set without members is `undefined`, so that nobody can take it for one that has some.
 */
export type LabelBox = ReadonlyMap<string, Possible>;

/** All label maps. */
export const ANY_LABELS: LabelBox = new Map();

/** The label maps that a selector selects, `NotIn` with the absent label among them (trap S6); undefined for none. */
export function boxOf(selector: Selector): LabelBox | undefined {
  return selector.reduce<LabelBox | undefined>(
    (box, { key, operator, values }) => box && meetKey(box, key, POSSIBLE[operator](values)),
    ANY_LABELS,
  );
}

const POSSIBLE: Readonly<Record<Selector[number]['operator'], (values: ReadonlySet<string>) => Possible>> = {
  In: (values) => ({ values, except: false, absent: false }),
  NotIn: (values) => ({ values, except: true, absent: true }),
  Exists: () => ({ values: new Set(), except: true, absent: false }),
  DoesNotExist: () => ({ values: new Set(), except: false, absent: true }),
};

/** The label maps of which nothing but these keys is known, each with exactly this value. */
export function boxWith(labels: Readonly<Record<string, string>>): LabelBox {
  return new Map(
    Object.entries(labels).map(([key, value]) => [key, { values: new Set([value]), except: false, absent: false }]),
  );
}

/** The label maps without this key. */
export const boxWithout = (key: string): LabelBox => new Map([[key, POSSIBLE.DoesNotExist(new Set())]]);

/** The label maps in both; undefined for none. */
export function meet(a: LabelBox, b: LabelBox): LabelBox | undefined {
  const [small, large] = a.size < b.size ? [a, b] : [b, a];
  // Copied only where something is narrower than in the larger: most boxes that meet are one within the other.
  let both: Map<string, Possible> | undefined;
  for (const [key, possible] of small) {
    const known = large.get(key);
    const common = known === undefined ? possible : intersect(known, possible);
    if (isNone(common)) return undefined;
    if (common !== known) (both ??= new Map(large)).set(key, common);
  }
  return both ?? large;
}

/** Whether some label map is in both. */
export function overlap(a: LabelBox, b: LabelBox): boolean {
  const [small, large] = a.size < b.size ? [a, b] : [b, a];
  for (const [key, possible] of small) {
    const known = large.get(key);
    if (known !== undefined && isNone(intersect(known, possible))) return false;
  }
  return true;
}

/** The label maps of `a` that are not in `b`, as disjoint boxes. */
export function minus(a: LabelBox, b: LabelBox): readonly LabelBox[] {
  const rest: LabelBox[] = [];
  let common = a;
  for (const [key, possible] of b) {
    const outside = meetKey(common, key, not(possible));
    if (outside !== undefined) rest.push(outside);
    const inside = meetKey(common, key, possible);
    // Nothing of `a` is in `b`: what has been cut off so far is all of `a`, but in pieces.
    if (inside === undefined) return [a];
    common = inside;
  }
  return rest;
}

/** Whether the labels are in the box. */
export function isIn(box: LabelBox, labels: Labels): boolean {
  return [...box].every(([key, possible]) => {
    const value = labels.get(key);
    return value === undefined ? possible.absent : possible.values.has(value) !== possible.except;
  });
}

/** Whether every label map of `a` is in `b`. */
export function isWithin(a: LabelBox, b: LabelBox): boolean {
  for (const [key, possible] of b) if (!isNone(intersect(a.get(key) ?? ANYTHING, not(possible)))) return false;
  return true;
}

/** One label map of the box, with as few labels as can be. @param unlisted a value where every listed one is excluded */
export function witness(box: LabelBox, unlisted = 'x'): Labels {
  const labels = new Map<string, string>();
  for (const [key, { values, except, absent }] of box) {
    if (absent) continue;
    labels.set(key, except ? fresh(values, unlisted) : [...values].sort()[0]!);
  }
  return labels;
}

function fresh(taken: ReadonlySet<string>, wanted: string): string {
  let value = wanted;
  for (let i = 2; taken.has(value); i++) value = `${wanted}-${i}`;
  return value;
}

function meetKey(box: LabelBox, key: string, possible: Possible): LabelBox | undefined {
  const known = box.get(key);
  const both = known === undefined ? possible : intersect(known, possible);
  if (isNone(both)) return undefined;
  return both === known ? box : new Map(box).set(key, both);
}

/** `a` itself where `b` takes nothing of it. */
function intersect(a: Possible, b: Possible): Possible {
  if (a === b) return a;
  const absent = a.absent && b.absent;
  if (a.except && b.except) {
    const values = new Set([...a.values, ...b.values]);
    return absent === a.absent && values.size === a.values.size ? a : { values, except: true, absent };
  }
  const [listed, other] = a.except ? [b, a] : [a, b];
  const values = new Set([...listed.values].filter((value) => other.values.has(value) !== other.except));
  if (listed === a && absent === a.absent && values.size === a.values.size) return a;
  return { values, except: false, absent };
}

const not = ({ values, except, absent }: Possible): Possible => ({ values, except: !except, absent: !absent });

const isNone = ({ values, except, absent }: Possible): boolean => !absent && !except && values.size === 0;
