import { typeOf } from '../model/authorization/ids.js';
import { byKey, keyOf, type Tuple } from '../model/authorization/tuple.js';
import { canonicalJson } from '../model/canonical.js';

/** What has to happen to one tuple. `change`: the condition is another. */
export interface TupleChange {
  readonly action: 'grant' | 'revoke' | 'change';
  /** As it will be; for `revoke`, as it is. */
  readonly tuple: Tuple;
  /** What is there now, for `change`. */
  readonly before?: Tuple;
}

/** One request, all of it or nothing. */
export interface Write {
  readonly deletes: readonly Tuple[];
  readonly writes: readonly Tuple[];
}

/** Tuples that one Write takes, written and deleted together. Source: openfga, --max-tuples-per-write. */
export const MAX_WRITE = 100;

/** What leads from the tuples that are there to the desired ones, sorted by object, relation and user. */
export function changesBetween(desired: readonly Tuple[], found: readonly Tuple[]): readonly TupleChange[] {
  const wanted = new Map(desired.map((tuple) => [keyOf(tuple), tuple]));
  const there = new Map(found.map((tuple) => [keyOf(tuple), tuple]));
  const changes: TupleChange[] = [];
  for (const [key, tuple] of wanted) {
    const before = there.get(key);
    if (before === undefined) changes.push({ action: 'grant', tuple });
    else if (conditionOf(before) !== conditionOf(tuple)) changes.push({ action: 'change', tuple, before });
  }
  for (const [key, tuple] of there) if (!wanted.has(key)) changes.push({ action: 'revoke', tuple });
  return changes.sort((a, b) => byKey(a.tuple, b.tuple));
}

/**
 * The Writes that lead from the tuples that are there to the desired ones; none when nothing differs.
 *
 * What takes rights away goes first, since it must not wait for anything; then those whose rights move, each in one
 * Write, so that nobody is without the old and the new in between; then what only gives. A suspension takes away, and
 * its end gives. Nobody's changes are split over two Writes, unless they alone exceed one: then rights are given first.
 *
 * A tuple whose condition changes is deleted in one Write and written in the next: OpenFGA refuses a Write that names
 * the same tuple twice, and one that exists. For a moment it is not there.
 */
export function planWrites(desired: readonly Tuple[], found: readonly Tuple[]): readonly Write[] {
  const changes = changesBetween(desired, found);
  const renewed = changes.flatMap(({ action, tuple, before }) =>
    action === 'change' ? [{ tuple, before: before! }] : [],
  );
  const groups = [
    ...Map.groupBy(
      changes.filter(({ action }) => action !== 'change'),
      holderOf,
    ).values(),
  ];
  const narrowing = groups.filter((group) => group.some(suspends) || group.every(isNarrowing));
  const moving = groups.filter((group) => !narrowing.includes(group) && group.some(isNarrowing));
  const widening = groups.filter((group) => !group.some(isNarrowing));
  return [
    ...packed([...narrowing].sort(parents('last'))),
    ...packed(moving),
    ...packed(renewed.map(({ before }) => [{ action: 'revoke', tuple: before }])),
    ...packed(renewed.map(({ tuple }) => [{ action: 'grant', tuple }])),
    ...packed([...widening].sort(parents('first'))),
  ];
}

/** The order of keys in a condition's context means nothing. */
const conditionOf = ({ condition }: Tuple): string => canonicalJson(condition ?? null);

const suspends = ({ action, tuple }: TupleChange): boolean => action === 'grant' && tuple.relation === 'suspended';

const isNarrowing = ({ action, tuple }: TupleChange): boolean =>
  (action === 'revoke') === (tuple.relation !== 'suspended');

/** Whose rights a tuple is about: the user's; the object's where it says in which workspace that stands. */
const holderOf = ({ tuple: { user, object } }: TupleChange): string => (typeOf(user) === 'workspace' ? object : user);

/** What says where an object stands is the thread by which its other tuples are found again after a crash. */
const parents =
  (place: 'first' | 'last') =>
  (a: readonly TupleChange[], b: readonly TupleChange[]): number =>
    (Number(isParent(b)) - Number(isParent(a))) * (place === 'first' ? 1 : -1);

const isParent = ([change]: readonly TupleChange[]): boolean => typeOf(change?.tuple.user ?? '') === 'workspace';

/** Groups into as few Writes as fit without splitting one, in their order. */
function packed(groups: readonly (readonly TupleChange[])[]): readonly Write[] {
  const writes: TupleChange[][] = [];
  for (const group of groups.flatMap(split)) {
    const last = writes.at(-1);
    if (last && last.length + group.length <= MAX_WRITE) last.push(...group);
    else writes.push([...group]);
  }
  return writes.map((changes) => ({
    deletes: changes.filter(({ action }) => action === 'revoke').map(({ tuple }) => tuple),
    writes: changes.filter(({ action }) => action !== 'revoke').map(({ tuple }) => tuple),
  }));
}

function split(group: readonly TupleChange[]): readonly (readonly TupleChange[])[] {
  if (group.length <= MAX_WRITE) return [group];
  const givesFirst = [...group].sort((a, b) => urgency(a) - urgency(b));
  return Array.from({ length: Math.ceil(group.length / MAX_WRITE) }, (_, index) =>
    givesFirst.slice(index * MAX_WRITE, (index + 1) * MAX_WRITE),
  );
}

const urgency = (change: TupleChange): number => (suspends(change) ? 0 : isNarrowing(change) ? 2 : 1);
