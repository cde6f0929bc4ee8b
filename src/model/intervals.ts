/**
 * Sets of numbers as half-open intervals `[from, end)`. Half-open, because then union, complement and difference need
 * comparison alone, and the same code serves ports (number) and addresses (bigint, since IPv6 has 128 bits).
 */
export interface Interval<T extends number | bigint> {
  readonly from: T;
  readonly end: T;
}

/** Sorted, disjoint, not touching, none empty: two equal sets have equal representations. */
export type IntervalSet<T extends number | bigint> = readonly Interval<T>[];

/** The canonical set that covers exactly the given intervals, which may overlap, touch, be empty and come unsorted. */
export function intervalSet<T extends number | bigint>(intervals: Iterable<Interval<T>>): IntervalSet<T> {
  const sorted = [...intervals].filter(({ from, end }) => from < end).sort((a, b) => (a.from < b.from ? -1 : 1));
  const merged: { from: T; end: T }[] = [];
  for (const { from, end } of sorted) {
    const last = merged.at(-1);
    if (last === undefined || last.end < from) merged.push({ from, end });
    else if (last.end < end) last.end = end;
  }
  return merged;
}

export function union<T extends number | bigint>(...sets: readonly IntervalSet<T>[]): IntervalSet<T> {
  return intervalSet(sets.flat());
}

export function intersect<T extends number | bigint>(a: IntervalSet<T>, b: IntervalSet<T>): IntervalSet<T> {
  const common: Interval<T>[] = [];
  let i = 0;
  let j = 0;
  for (let x = a[i], y = b[j]; x !== undefined && y !== undefined; x = a[i], y = b[j]) {
    const from = x.from > y.from ? x.from : y.from;
    const end = x.end < y.end ? x.end : y.end;
    if (from < end) common.push({ from, end });
    if (x.end < y.end) i++;
    else j++;
  }
  return common;
}

/** What is in `a` and not in `b`. */
export function subtract<T extends number | bigint>(a: IntervalSet<T>, b: IntervalSet<T>): IntervalSet<T> {
  const rest: Interval<T>[] = [];
  let j = 0;
  for (const { from, end } of a) {
    let start = from;
    for (let hole = b[j]; hole !== undefined && hole.from < end; hole = b[j]) {
      if (start < hole.from) rest.push({ from: start, end: hole.from });
      if (start < hole.end) start = hole.end;
      if (hole.end > end) break; // this hole may reach into the next interval of `a`
      j++;
    }
    if (start < end) rest.push({ from: start, end });
  }
  return rest;
}

export function complement<T extends number | bigint>(set: IntervalSet<T>, universe: Interval<T>): IntervalSet<T> {
  return subtract([universe], set);
}

export function includes<T extends number | bigint>(set: IntervalSet<T>, value: T): boolean {
  let low = 0;
  let high = set.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const interval = set[middle]!;
    if (value < interval.from) high = middle;
    else if (value >= interval.end) low = middle + 1;
    else return true;
  }
  return false;
}

export function equal<T extends number | bigint>(a: IntervalSet<T>, b: IntervalSet<T>): boolean {
  return a.length === b.length && a.every(({ from, end }, i) => from === b[i]!.from && end === b[i]!.end);
}
