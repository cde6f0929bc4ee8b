import type { Endpoint } from '../connect.js';
import type { Isolation } from '../isolation.js';
import type { Candidates } from './class-index.js';

/** What a side says about classes that none of its rules is about, and about whom its rules may be. */
interface Side {
  /** Everyone else is refused. */
  readonly closed: boolean;
  readonly about: ReadonlySet<number>;
}

/**
 * The pairs of classes, as indexes, between which something may be allowed: for those that are left out one side has no
 * rule about the other. So the work grows with what is allowed and not with all pairs.
 */
export function classPairs(ends: readonly Endpoint[], candidates: Candidates): [number, number][] {
  const sideOf = sides(candidates);
  const [egress, ingress] = [ends.map((end) => sideOf(end.egress)), ends.map((end) => sideOf(end.ingress))];
  const open = ingress.flatMap(({ closed }, i) => (closed ? [] : [i]));
  // Whose ingress has a rule about this class.
  const admitting = ends.map((): number[] => []);
  ingress.forEach(({ closed, about }, i) => {
    if (closed) for (const source of about) admitting[source]!.push(i);
  });
  return ends.flatMap((_, from) => {
    const { closed, about } = egress[from]!;
    const into = admitting[from]!;
    if (!closed) return [...open, ...into].map((to): [number, number] => [from, to]);
    const fewer = about.size < open.length + into.length;
    const admits = (to: number): boolean => !ingress[to]!.closed || ingress[to]!.about.has(from);
    const both = fewer ? [...about].filter(admits) : [...open, ...into].filter((to) => about.has(to));
    return both.map((to): [number, number] => [from, to]);
  });
}

/** Classes that are isolated by the same policies share one answer. */
function sides(candidates: Candidates): (isolation: Isolation | undefined) => Side {
  const everyone: Side = { closed: false, about: new Set() };
  const known = new Map<Isolation, Side>();
  return (isolation) => {
    if (isolation === undefined) return everyone;
    const found = known.get(isolation) ?? sideOf(isolation, candidates);
    known.set(isolation, found);
    return found;
  };
}

/** Only rules that accept make somebody reachable where the rest is refused. */
function sideOf(isolation: Isolation, candidates: Candidates): Side {
  const about = isolation.rules.filter(({ action }) => action === 'Accept').map(candidates);
  if (!isolation.isolates || about.includes(undefined)) return { closed: false, about: new Set() };
  return { closed: true, about: new Set(about.flatMap((indexes) => indexes ?? [])) };
}
