import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../src/audit/index.js';
import { sha256 } from '../../src/model/canonical.js';
import { chained, inputsOf, keys, omit, sampleOf, type Document } from './log.js';

/** Whoever may write the store may do all of this; only the key and the anchor are out of reach. */
const RUNS = 10;
const sound = sampleOf(RUNS);
const { options } = await inputsOf(sound);
const judged = async (log: readonly Document[]) =>
  evaluate(await inputsOf({ runs: sound.runs, log }, { options })).verdict;

const place = fc.integer({ min: 0, max: sound.log.length - 1 });
const other = (value: unknown): unknown =>
  typeof value === 'string' ? `${value}x` : typeof value === 'number' ? value + 1 : value === null ? 0 : {};

/** Paths of all members, nested ones and those of arrays too. */
function paths(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (value === null || typeof value !== 'object') return [path];
  return [
    ...(path.length > 0 ? [path] : []),
    ...Object.entries(value).flatMap(([key, each]) => paths(each, [...path, key])),
  ];
}

function changed(document: Document, path: readonly string[], change: (value: unknown) => unknown): Document {
  const copy = structuredClone(document);
  let at = copy;
  for (const key of path.slice(0, -1)) at = at[key] as Document;
  const last = path.at(-1)!;
  const value = change(at[last]);
  if (value === undefined) delete at[last];
  else at[last] = value;
  return copy;
}

const replaced = (index: number, entry: Document): Document[] =>
  sound.log.map((each, at) => (at === index ? entry : each));

describe('a log that was tampered with never passes', () => {
  it('passes as it is', async () => expect(await judged(sound.log)).toBe('pass'));

  it.each(['changed', 'removed'] as const)('fails when any member of any entry is %s', async (how) => {
    // Every member of one entry of each kind, not a sample of them.
    for (const category of ['Policy', 'Approval', 'Action']) {
      const index = sound.log.findIndex((entry) => entry['category'] === category);
      for (const path of paths(sound.log[index])) {
        const entry = changed(sound.log[index]!, path, (value) => (how === 'changed' ? other(value) : undefined));
        expect(await judged(replaced(index, entry)), `${category} ${path.join('.')}`).toBe('fail');
      }
    }
  });

  it('fails when a member is added', async () => {
    for (const [index, entry] of sound.log.entries())
      expect(await judged(replaced(index, { ...entry, note: 'x' })), String(index)).toBe('fail');
  });

  it('fails when any entry but the last is deleted, and when the anchor goes with what was before it', async () => {
    for (let index = 0; index < sound.log.length - 1; index += 1)
      expect(await judged(sound.log.filter((_each, at) => at !== index)), String(index)).not.toBe('pass');
  });

  it('fails when the end is cut off behind the anchor: the runs are still known', async () => {
    for (let length = 1; length < sound.log.length; length += 1)
      expect(await judged(sound.log.slice(0, length)), String(length)).toBe('fail');
  });

  it('fails when the end is cut off before the anchor, whatever the runs', async () => {
    const anchor = String(sound.log.at(-1)?.['hashSha256']);
    const short = { runs: sound.runs.slice(0, 4), log: sound.log.slice(0, 10) };
    const { checks } = evaluate(await inputsOf(short, { options: { anchor } }));
    expect(checks.find(({ name }) => name === 'anchor')).toMatchObject({
      verdict: 'fail',
      note: 'the log was truncated or rewritten since',
    });
  });

  it('says without an anchor that it cannot see a cut', async () => {
    const rest = omit({ ...options }, 'anchor') as unknown as typeof options;
    const short = { runs: sound.runs.slice(0, 4), log: sound.log.slice(0, 10) };
    expect(evaluate({ ...(await inputsOf(short)), options: rest })).toMatchObject({ verdict: 'inconclusive' });
  });

  it('is judged the same in whatever order it comes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([...sound.log], { minLength: sound.log.length }),
        async (log) => (await judged(log)) === 'pass',
      ),
      { numRuns: 20 },
    );
  });

  it('fails when two entries change places and all is linked anew without the key', async () => {
    await fc.assert(
      fc.asyncProperty(place, place, async (a, b) => {
        fc.pre(a !== b);
        const log = [...sound.log];
        [log[a], log[b]] = [log[b]!, log[a]!];
        return (await judged(chained(log, { key: null }))) !== 'pass';
      }),
      { numRuns: 30 },
    );
  });

  it('fails when an entry is altered and everything after it hashed and linked anew, with the old signatures or none', async () => {
    await fc.assert(
      fc.asyncProperty(place, fc.boolean(), async (index, strip) => {
        const contents = replaced(index, { ...sound.log[index], summary: 'nothing happened' });
        const log = chained(contents, { key: null }).map((entry, at) =>
          strip ? entry : { ...entry, signatureBase64: sound.log[at]?.['signatureBase64'] },
        );
        return (await judged(log)) === 'fail';
      }),
      { numRuns: 30 },
    );
  });

  it('fails by the anchor alone when even the key was stolen', async () => {
    const contents = replaced(0, { ...sound.log[0], summary: 'nothing happened' });
    expect(await judged(chained(contents))).toBe('fail');
  });

  it('fails when an entry is put in, linked to any other, with the hash that it should have', async () => {
    await fc.assert(
      fc.asyncProperty(place, place, async (after, like) => {
        const content = { ...omit(sound.log[like]!, 'signatureBase64', 'hashSha256'), evidenceId: 'forged' };
        const linked = { ...content, previousHash: sound.log[after]?.['hashSha256'] };
        const forged = { ...linked, hashSha256: sha256(linked) };
        return (await judged([...sound.log, forged])) === 'fail';
      }),
      { numRuns: 30 },
    );
  });

  it('fails when an entry is there twice', async () => {
    for (const entry of sound.log) expect(await judged([...sound.log, structuredClone(entry)])).toBe('fail');
  });

  it('fails when a signature is stripped, another’s, or the same bytes in another text', async () => {
    for (const [index, entry] of sound.log.entries()) {
      const stripped = omit(entry, 'signatureBase64');
      const text = String(entry['signatureBase64']);
      expect(await judged(replaced(index, stripped))).toBe('fail');
      expect(
        await judged(
          replaced(index, {
            ...entry,
            signatureBase64: sound.log[(index + 1) % sound.log.length]?.['signatureBase64'],
          }),
        ),
      ).toBe('fail');
      expect(await judged(replaced(index, { ...entry, signatureBase64: `${text}\n` }))).toBe('fail');
      expect(await judged(replaced(index, { ...entry, signatureBase64: text.replace(/=+$/, '') }))).toBe('fail');
    }
  });

  it('fails when the whole log is of another workspace, however well it is made', async () => {
    const foreign = chained(
      sound.log.map((entry) => ({ ...entry, workspaceId: 'ws-globex' })),
      { key: keys.privateKey },
    );
    expect(await judged(foreign)).toBe('fail');
  });

  it('fails by any combination of these', async () => {
    const step = fc.record({
      how: fc.constantFrom('delete', 'double', 'summary', 'time', 'strip', 'hash'),
      index: place,
    });
    const alter = (log: readonly Document[], { how, index }: { how: string; index: number }): Document[] => {
      const at = index % log.length;
      const entry = log[at]!;
      const changes: Readonly<Record<string, readonly Document[]>> = {
        delete: [],
        double: [entry, entry],
        summary: [{ ...entry, summary: 'x' }],
        time: [{ ...entry, occurredAtIso: '2026-11-02T00:00:00.000Z' }],
        strip: [omit(entry, 'signatureBase64')],
        hash: [{ ...entry, hashSha256: 'a'.repeat(64) }],
      };
      return [...log.slice(0, at), ...changes[how]!, ...log.slice(at + 1)];
    };
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), async (steps) => {
        const log = steps.reduce<readonly Document[]>(
          (before, each) => (before.length > 1 ? alter(before, each) : before),
          sound.log,
        );
        fc.pre(JSON.stringify(log) !== JSON.stringify(sound.log));
        return (await judged(log)) !== 'pass';
      }),
      { numRuns: 60 },
    );
  });
});
