import { describe, expect, it } from 'vitest';
import { entryOf, type Entry } from '../../src/audit/index.js';
import { walk } from '../../src/audit/chain.js';
import { sha256 } from '../../src/model/canonical.js';
import { judge, sampleOf, WORKSPACE, type Document } from './log.js';

const at = (seconds: number): string => new Date(Date.parse('2026-11-01T00:00:00Z') + seconds * 1000).toISOString();
const content = (id: string, seconds: number): Document => ({
  schemaVersion: 1,
  evidenceId: id,
  workspaceId: WORKSPACE,
  correlationId: 'c-1',
  occurredAtIso: at(seconds),
  category: 'System',
});

type Row = readonly [id: string, after: string | undefined, seconds: number];

/** Entries written after the one that is named, as a store without locks leaves them. */
async function written(...rows: readonly Row[]): Promise<Entry[]> {
  const done = new Map<string, Entry>();
  for (const [id, after, seconds] of rows) {
    const previousHash = after === undefined ? undefined : done.get(after)!.hash;
    const document = { ...content(id, seconds), ...(previousHash !== undefined && { previousHash }) };
    done.set(id, await entryOf({ ...document, hashSha256: sha256(document) }, WORKSPACE));
  }
  return [...done.values()];
}

const ids = (entries: readonly Entry[]): readonly string[] => entries.map(({ id }) => id);

describe('walk', () => {
  it('follows the links, not the times: entries of one millisecond are in order', async () => {
    const log = await written(['b', undefined, 0], ['a', 'b', 0], ['c', 'a', 0]);
    const chain = walk([log[2]!, log[0]!, log[1]!]);
    expect(ids(chain.ordered)).toEqual(['b', 'a', 'c']);
    expect(chain).toMatchObject({ altered: [], repeated: [], orphans: [], forks: [], circular: [], backwards: [] });
    expect(chain.heads).toEqual([log[2]!.hash]);
  });

  it('takes a race of two writers for one, and an entry put in later for none', async () => {
    const raced = walk(await written(['a', undefined, 0], ['b', 'a', 10], ['c', 'a', 11], ['d', 'c', 20]));
    expect(raced.forks).toMatchObject([{ asRaced: true }]);
    expect(raced.heads).toHaveLength(2);
    const forged = walk(await written(['a', undefined, 0], ['b', 'a', 10], ['d', 'b', 20], ['x', 'a', 15]));
    expect(forged.forks).toMatchObject([{ asRaced: false }]);
    const early = walk(await written(['a', undefined, 30], ['b', 'a', 31], ['x', 'a', 5]));
    expect(early.forks).toMatchObject([{ asRaced: false }]);
  });

  it('takes upstream’s order by id within a millisecond for what it is, an hour later too', async () => {
    // “b” links to “z”, which sorts after it, so the next is written after “z” again.
    const log = walk(await written(['z', undefined, 0], ['b', 'z', 0], ['c', 'z', 3600]));
    expect(log.forks).toMatchObject([{ asRaced: true }]);
  });

  it('sees several beginnings, raced or not', async () => {
    expect(walk(await written(['a', undefined, 0], ['b', undefined, 1])).forks).toMatchObject([{ asRaced: true }]);
    expect(walk(await written(['a', undefined, 0], ['b', undefined, 100])).forks).toMatchObject([{ asRaced: false }]);
  });

  it('sees circles, orphans, doubles and times that run backwards', async () => {
    const [a, b, c] = await written(['a', undefined, 0], ['b', 'a', 10], ['c', 'b', 20]);
    expect(ids(walk([a!, c!]).orphans)).toEqual(['c']);
    expect(ids(walk([a!, b!, c!, { ...b! }]).repeated)).toEqual(['b']);
    expect(ids(walk([a!, { ...b!, previous: c!.hash }, c!]).circular)).toEqual(['b', 'c']);
    expect(ids(walk(await written(['a', undefined, 500], ['b', 'a', 0])).backwards)).toEqual(['b']);
  });

  it('lets a log begin behind the anchor', async () => {
    const [a, b, c] = await written(['a', undefined, 0], ['b', 'a', 10], ['c', 'b', 20]);
    expect(walk([b!, c!], a!.hash)).toMatchObject({ orphans: [], forks: [] });
    expect(ids(walk([b!, c!]).orphans)).toEqual(['b']);
  });

  it('reads the hashes of upstream’s store in memory, which have a prefix', async () => {
    const { verdict, chain } = await judge(sampleOf(5, { prefix: 'sha256:' }));
    expect(verdict).toBe('pass');
    expect(chain.head).toMatch(/^[0-9a-f]{64}$/);
  });

  it('walks a log of any length without recursion', async () => {
    const [first] = await written(['a', undefined, 0]);
    const long = Array.from({ length: 20_000 }, (_each, index): Entry => ({
      ...first!,
      id: String(index),
      hash: String(index),
      computed: String(index),
      ...(index > 0 && { previous: String(index - 1) }),
    }));
    expect(walk(long.reverse()).ordered).toHaveLength(20_000);
  });
});

describe('forks', () => {
  const verdictOf = async (...rows: readonly Row[]) =>
    (await judge(sampleOf(1), { entries: await written(...rows) })).checks.find(({ name }) => name === 'forks');

  it('are inconclusive where a race explains all of them, else they fail; none passes', async () => {
    expect(await verdictOf(['a', undefined, 0], ['b', 'a', 10], ['c', 'a', 11])).toMatchObject({
      verdict: 'inconclusive',
      note: 'the log branches: concurrent writers, or an inserted entry',
      findings: [{ problem: 'is followed by 2 entries, as writers leave that do not see each other within 2 s' }],
    });
    expect(await verdictOf(['a', undefined, 0], ['b', 'a', 10], ['d', 'b', 20], ['x', 'a', 15])).toMatchObject({
      verdict: 'fail',
      findings: [{ problem: 'is followed by 2 entries, which no race of writers explains' }],
    });
  });
});
