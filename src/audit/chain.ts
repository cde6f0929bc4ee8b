import type { Entry } from './entry.js';

/** Entries that name the same predecessor, or none. */
export interface Fork {
  /** Hash of the predecessor. @default - none: each says that it is the first */
  readonly after?: string;
  readonly branches: readonly Entry[];
  /** What upstream leaves when entries are written at the same time, or in the same millisecond; could be forged too. */
  readonly asRaced: boolean;
}

/** What the links of a whole log say. */
export interface Chain {
  /** From the first entry to the last, each after its predecessor; entries on no path from a beginning are last. */
  readonly ordered: readonly Entry[];
  /** Stored hash and content differ. */
  readonly altered: readonly Entry[];
  /** The log has another entry of the same id or hash. */
  readonly repeated: readonly Entry[];
  /** Names a predecessor that is not in the log. */
  readonly orphans: readonly Entry[];
  readonly forks: readonly Fork[];
  /** On no path from a beginning: links that run in a circle. */
  readonly circular: readonly Entry[];
  /** Earlier than its predecessor by more than a clock may be off. */
  readonly backwards: readonly Entry[];
  /** Hashes that nobody names as predecessor, in ascending order; of a sound log exactly one. */
  readonly heads: readonly string[];
}

/** Milliseconds within which two writers may not have seen each other's entry. */
export const RACE = 2000;
/** Milliseconds by which the clocks of two writers may differ. */
export const SKEW = 60_000;

/**
 * Walks a workspace's log by `previousHash`; the order in which the entries come is of no importance.
 *
 * @param before hash of the last entry that an earlier audit saw, where the log begins after it. @default - none
 */
export function walk(entries: readonly Entry[], before?: string): Chain {
  const byHash = new Map<string, Entry>();
  const ids = new Set<string>();
  const repeated: Entry[] = [];
  for (const entry of entries) {
    if (ids.has(entry.id) || byHash.has(entry.hash)) repeated.push(entry);
    else byHash.set(entry.hash, entry);
    ids.add(entry.id);
  }
  const twice = new Set(repeated);
  const followers = new Map<string, Entry[]>();
  const orphans: Entry[] = [];
  const roots: Entry[] = [];
  for (const entry of entries) {
    if (twice.has(entry)) continue;
    const { previous } = entry;
    if (previous !== undefined && byHash.has(previous)) {
      const siblings = followers.get(previous);
      if (siblings === undefined) followers.set(previous, [entry]);
      else siblings.push(entry);
      continue;
    }
    roots.push(entry);
    if (previous !== undefined && previous !== before) orphans.push(entry);
  }
  const ordered = inOrder(roots, followers);
  const circular = outside(entries, ordered, twice);
  return {
    ordered: [...ordered, ...circular, ...repeated],
    altered: entries.filter(({ hash, computed }) => hash !== computed),
    repeated,
    orphans,
    forks: forksOf(entries, roots, orphans, followers, byHash),
    circular,
    backwards: ordered.filter(({ at, previous }) => {
      const predecessor = previous === undefined ? undefined : byHash.get(previous);
      return predecessor !== undefined && Date.parse(at) < Date.parse(predecessor.at) - SKEW;
    }),
    heads: [...byHash.keys()].filter((hash) => !followers.has(hash)).sort(),
  };
}

/** Depth first, so that a branch stays together. */
function inOrder(roots: readonly Entry[], followers: ReadonlyMap<string, readonly Entry[]>): readonly Entry[] {
  const ordered: Entry[] = [];
  const waiting = [...roots].reverse();
  for (let entry = waiting.pop(); entry !== undefined; entry = waiting.pop()) {
    ordered.push(entry);
    for (const next of followers.get(entry.hash) ?? []) waiting.push(next);
  }
  return ordered;
}

function outside(all: readonly Entry[], ordered: readonly Entry[], twice: ReadonlySet<Entry>): readonly Entry[] {
  if (ordered.length + twice.size === all.length) return [];
  const reached = new Set(ordered);
  return all.filter((entry) => !reached.has(entry) && !twice.has(entry));
}

function forksOf(
  entries: readonly Entry[],
  roots: readonly Entry[],
  orphans: readonly Entry[],
  followers: ReadonlyMap<string, readonly Entry[]>,
  byHash: ReadonlyMap<string, Entry>,
): readonly Fork[] {
  const lost = new Set(orphans);
  const beginnings = roots.filter((entry) => !lost.has(entry));
  const forked = [...followers].filter(([, branches]) => branches.length > 1);
  if (beginnings.length < 2 && forked.length === 0) return [];
  const raced = racedIn(entries);
  const after = forked.map(([hash, branches]): Fork => {
    const predecessor = byHash.get(hash);
    return { after: hash, branches, asRaced: branches.every((entry) => raced(entry, predecessor)) };
  });
  if (beginnings.length < 2) return after;
  return [{ branches: beginnings, asRaced: beginnings.every((entry) => raced(entry)) }, ...after];
}

/**
 * Upstream's append takes no lock and reads the log in order of time, ties by id; the last is what it links to. So what
 * stood after the predecessor in that order must be younger than the new entry, or so fresh that its writer missed it.
 */
function racedIn(entries: readonly Entry[]): (entry: Entry, predecessor?: Entry) => boolean {
  const sorted = [...entries].sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || (a.id < b.id ? -1 : 1));
  const places = new Map(sorted.map((entry, place) => [entry, place]));
  return (entry, predecessor) => {
    const from = predecessor === undefined ? 0 : (places.get(predecessor) ?? 0) + 1;
    const next = sorted[from] === entry ? sorted[from + 1] : sorted[from];
    const at = Date.parse(entry.at);
    if (predecessor !== undefined && at < Date.parse(predecessor.at) - RACE) return false;
    return next === undefined || Date.parse(next.at) >= at - RACE;
  };
}
