import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyOf, type Tuple } from '../../src/model/authorization/tuple.js';
import { changesBetween, MAX_WRITE, planWrites, type Write } from '../../src/openfga/reconcile.js';

const tuple = (text: string, expires?: string): Tuple => {
  const [user, relation, object] = text.split(' ') as [string, string, string];
  return {
    user,
    relation,
    object,
    ...(expires !== undefined && { condition: { name: 'active_lease', context: { expires_at: expires } } }),
  };
};

/** As OpenFGA does: all or nothing, no tuple twice in a Write, none written that exists, none deleted that does not. */
function applied(found: readonly Tuple[], writes: readonly Write[]): readonly Tuple[] {
  const store = new Map(found.map((each) => [keyOf(each), each]));
  for (const { deletes, writes: written } of writes) {
    const keys = [...deletes, ...written].map(keyOf);
    if (new Set(keys).size !== keys.length) throw new Error('a tuple twice in one Write');
    if (keys.length === 0 || keys.length > MAX_WRITE) throw new Error(`${keys.length} tuples in one Write`);
    for (const each of deletes) if (!store.delete(keyOf(each))) throw new Error(`${keyOf(each)} does not exist`);
    for (const each of written) {
      if (store.has(keyOf(each))) throw new Error(`${keyOf(each)} exists`);
      store.set(keyOf(each), each);
    }
  }
  return [...store.values()];
}

const sorted = (tuples: readonly Tuple[]): readonly string[] => tuples.map((each) => JSON.stringify(each)).sort();

const anyTuple = fc
  .tuple(
    fc.constantFrom('user:a', 'user:b', 'user:c', 'agent:ws/x', 'workspace:ws', 'workload:w'),
    fc.constantFrom('admin', 'operator', 'suspended', 'workspace', 'lease'),
    fc.constantFrom('workspace:ws', 'agent:ws/x', 'agent:ws/y', 'credential:ws/z'),
    fc.option(fc.constantFrom('2026', '2027'), { nil: undefined }),
  )
  .map(([user, relation, object, expires]) => tuple(`${user} ${relation} ${object}`, expires));
const anySet = fc.uniqueArray(anyTuple, { selector: keyOf, maxLength: 60 });
const many = (count: number, user = (index: number): string => `user:u${index}`): readonly Tuple[] =>
  Array.from({ length: count }, (_, index) => tuple(`${user(index)} admin workspace:ws${index % 7}`)).filter(
    (each, index, all) => all.findIndex((other) => keyOf(other) === keyOf(each)) === index,
  );

describe('planWrites', () => {
  test('leads from what is there to what is desired, in Writes that OpenFGA takes', () => {
    fc.assert(
      fc.property(anySet, anySet, (desired, found) => {
        expect(sorted(applied(found, planWrites(desired, found)))).toEqual(sorted(desired));
      }),
      { numRuns: 500 },
    );
  });

  test('writes nothing the second time, whatever the order of tuples', () => {
    fc.assert(
      fc.property(anySet, anySet, (desired, found) => {
        expect(planWrites([...desired].reverse(), applied(found, planWrites(desired, found)))).toEqual([]);
      }),
    );
  });

  test('a run that is cut off after any Write is finished by the next one', () => {
    fc.assert(
      fc.property(anySet, anySet, fc.nat(5), (desired, found, cut) => {
        const half = applied(found, planWrites(desired, found).slice(0, cut));
        expect(sorted(applied(half, planWrites(desired, half)))).toEqual(sorted(desired));
      }),
    );
  });

  test('takes at most 100 tuples a Write, and as few Writes as that', () => {
    const sizes = planWrites(many(250), []).map(({ writes, deletes }) => writes.length + deletes.length);
    expect(sizes).toEqual([100, 100, 50]);
  });

  test('what takes rights away goes before what gives some', () => {
    expect(planWrites([tuple('user:new admin workspace:ws')], [tuple('user:old admin workspace:ws')])).toEqual([
      { deletes: [tuple('user:old admin workspace:ws')], writes: [] },
      { deletes: [], writes: [tuple('user:new admin workspace:ws')] },
    ]);
  });

  test('a suspension takes away, and its end gives', () => {
    const suspended = tuple('user:a suspended workspace:ws');
    const other = tuple('user:b admin workspace:ws');
    expect(planWrites([suspended, other], []).map(({ writes }) => writes)).toEqual([[suspended], [other]]);
    expect(planWrites([], [suspended, other]).map(({ deletes }) => deletes)).toEqual([[other], [suspended]]);
  });

  test('one who moves between roles has the old or the new at every moment, in one Write', () => {
    const before = [tuple('user:a operator workspace:ws')];
    const after = [tuple('user:a admin workspace:ws')];
    expect(planWrites(after, before)).toEqual([{ deletes: before, writes: after }]);
  });

  test('rights that move in more tuples than one Write takes are given before they are taken', () => {
    const of = (relation: string): readonly Tuple[] =>
      Array.from({ length: 80 }, (_, index) => tuple(`user:a ${relation} agent:ws/x${index}`));
    const [first, second, ...rest] = planWrites(of('new_owner'), of('old_owner'));
    expect(rest).toEqual([]);
    expect(first!.writes).toHaveLength(80);
    expect(first!.deletes).toHaveLength(20);
    expect(second!.deletes).toHaveLength(60);
  });

  test('another condition is a deletion in one Write and the new tuple in the next', () => {
    const [before, after] = ['2026', '2027'].map((expires) => tuple('workload:w lease credential:ws/z', expires)) as [
      Tuple,
      Tuple,
    ];
    expect(planWrites([after], [before])).toEqual([
      { deletes: [before], writes: [] },
      { deletes: [], writes: [after] },
    ]);
  });

  test('where an object stands is written first and deleted last', () => {
    const set = [tuple('user:a registered_owner agent:ws/x'), tuple('workspace:ws workspace agent:ws/x')];
    const owners = Array.from({ length: 120 }, (_, index) => tuple(`user:o${index} registered_owner agent:ws/x`));
    const all = [...owners, ...set];
    expect(planWrites(all, [])[0]!.writes).toContainEqual(set[1]);
    expect(planWrites([], all).at(-1)!.deletes).toContainEqual(set[1]);
  });
});

describe('changesBetween', () => {
  test('says what is granted, revoked and changed, in one order', () => {
    const lease = tuple('workload:w lease credential:ws/z', '2026');
    const longer = tuple('workload:w lease credential:ws/z', '2027');
    expect(
      changesBetween(
        [longer, tuple('user:b admin workspace:ws')],
        [tuple('user:c admin workspace:ws'), lease, tuple('user:a admin workspace:ws')],
      ),
    ).toEqual([
      { action: 'change', tuple: longer, before: lease },
      { action: 'revoke', tuple: tuple('user:a admin workspace:ws') },
      { action: 'grant', tuple: tuple('user:b admin workspace:ws') },
      { action: 'revoke', tuple: tuple('user:c admin workspace:ws') },
    ]);
  });

  test('the order of keys in a context is no change', () => {
    const withContext = (context: Record<string, string>): Tuple => ({
      ...tuple('workload:w lease credential:ws/z'),
      condition: { name: 'active_lease', context },
    });
    expect(changesBetween([withContext({ a: '1', b: '2' })], [withContext({ b: '2', a: '1' })])).toEqual([]);
  });
});
