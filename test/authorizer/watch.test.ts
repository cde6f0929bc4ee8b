import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { ApiFailure, type ApiServer } from '../../src/authorizer/api-server.js';
import { watch } from '../../src/authorizer/watch.js';

const named = (name: string, resourceVersion: string) => ({ metadata: { name, resourceVersion } });
const event = (type: string, name: string, version: string) => ({ type, object: named(name, version) });
const page = (version: string, names: readonly string[], next?: string) => ({
  metadata: { resourceVersion: version, ...(next !== undefined && { continue: next }) },
  items: names.map((name) => named(name, '1')),
});

/** Answers in order; an error is thrown; after the last it waits until the end. */
async function scripted(lists: readonly unknown[], watches: readonly (readonly unknown[])[]) {
  const [toList, toWatch] = [[...lists], [...watches]];
  const asked: string[] = [];
  const seen: string[] = [];
  const ending = new AbortController();
  const api: ApiServer = {
    put: () => Promise.reject(new Error('nothing is written')),
    get(path) {
      asked.push(path);
      const next = toList.shift();
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
    },
    async *lines(path, signal, opened) {
      asked.push(path);
      const next = toWatch.shift();
      if (next === undefined) {
        ending.abort();
        throw signal.reason;
      }
      if (!(next[0] instanceof Error)) opened();
      for (const line of next) {
        if (line instanceof Error) throw line;
        await sleep(1, undefined, { signal });
        yield line;
      }
    },
  };
  await watch(
    api,
    {
      replace: (objects) => seen.push(`all ${objects.map(({ metadata }) => metadata.name).join()}`),
      put: ({ metadata }) => seen.push(`put ${metadata.name}`),
      remove: (name) => seen.push(`remove ${name}`),
      heard: () => seen.push('heard'),
      failed: (error) => seen.push(`failed ${(error as Error).message}`),
    },
    { path: '/x', seconds: 10, signal: ending.signal },
  );
  return { asked: asked.map((path) => path.replace('/x?', '')), seen };
}
const from = (version: string) => `watch=1&allowWatchBookmarks=true&resourceVersion=${version}&timeoutSeconds=10`;

it('lists page by page, then goes on from the list’s version and from that of the last event or bookmark', async () => {
  const { asked, seen } = await scripted(
    [page('7', ['a', 'b'], 'more/'), page('7', ['c'])],
    [
      [event('ADDED', 'd', '8'), event('MODIFIED', 'a', '9'), event('DELETED', 'b', '10')],
      [event('BOOKMARK', '', '20')],
    ],
  );
  expect(asked).toEqual(['limit=250', 'limit=250&continue=more%2F', from('7'), from('10'), from('20')]);
  expect(seen.filter((each) => each !== 'heard')).toEqual(['all a,b,c', 'put d', 'put a', 'remove b']);
});

it('has heard of the server when a watch begins, with every line, and when the server ends it in order', async () => {
  const { seen } = await scripted([page('7', [])], [[event('BOOKMARK', '', '8')], []]);
  expect(seen.slice(0, 6)).toEqual(['all ', 'heard', 'heard', 'heard', 'heard', 'heard']);
});

it('has not heard of a server that cannot be reached', async () => {
  const refused = new Error('refused');
  const { asked, seen } = await scripted([page('7', []), refused, page('9', ['a'])], [[refused]]);
  expect(seen).toEqual(['all ', 'failed refused', 'failed refused', 'all a']);
  expect(asked).toEqual(['limit=250', from('7'), 'limit=250', 'limit=250', from('9')]);
});

it('lists again when the connection breaks, so that it hears of nobody before it knows what it missed', async () => {
  const broken = [event('ADDED', 'a', '8'), new Error('ECONNRESET')];
  const { asked, seen } = await scripted([page('7', []), page('9', ['b'])], [broken]);
  expect(asked).toEqual(['limit=250', from('7'), 'limit=250', from('9')]);
  expect(seen).toEqual(['all ', 'heard', 'put a', 'heard', 'failed ECONNRESET', 'all b']);
});

it.each<[string, unknown]>([
  ['by its status', new ApiFailure(410, 'too old')],
  ['in the watch', { type: 'ERROR', object: { kind: 'Status', code: 410, message: 'too old' } }],
])('lists again when the version is too old to go on from, told %s', async (_how, gone) => {
  const { asked, seen } = await scripted([page('7', ['a']), page('30', ['b'])], [[gone]]);
  expect(asked).toEqual(['limit=250', from('7'), 'limit=250', from('30')]);
  expect(seen.filter((each) => each !== 'heard')).toEqual(['all a', 'failed too old', 'all b']);
});

it('lists again until it can: the kind may not be served yet, a page may have expired', async () => {
  const lists = [
    new ApiFailure(404, 'no such kind'),
    page('7', ['a'], 'more'),
    new ApiFailure(410, 'expired'),
    page('9', ['a']),
  ];
  const { asked, seen } = await scripted(lists, []);
  expect(asked).toEqual(['limit=250', 'limit=250', 'limit=250&continue=more', 'limit=250', from('9')]);
  expect(seen.slice(0, 3)).toEqual(['failed no such kind', 'failed expired', 'all a']);
});

it('waits between attempts, and longer from one to the next', async () => {
  const start = performance.now();
  await scripted([page('7', []), new Error('b'), new Error('c'), page('8', [])], [[new Error('a')]]);
  // 100, 200 and 400 ms, each half to one and a half times.
  expect(performance.now() - start).toBeGreaterThan(350);
});

it('does not ask a server without end that ends every watch at once', async () => {
  const start = performance.now();
  await scripted([page('7', [])], [[], [], [], []]);
  expect(performance.now() - start).toBeGreaterThan(200);
});
