import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AuditResult } from '../../../src/audit/index.js';
import { chained, entriesOfRun, keys, runDocument, sampleOf, WORKSPACE } from '../../audit/log.js';
import { enforce, type Ran } from '../../cli/run.js';
import { ControlPlane, json, problem, TOKEN, type Listing } from './control-plane.js';

/** The command against a server on loopback that lists as upstream does, and as it should not. */
let dir: string;
let url: string;
const server = new ControlPlane();
const sample = sampleOf(40);
const anchor = String(sample.log[0]?.['hashSha256']);

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'portarium-audit-'));
  writeFileSync(join(dir, 'key.pem'), keys.publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(join(dir, 'token'), `${TOKEN}\n`);
  url = await server.start();
});
afterAll(async () => {
  await server.stop();
  rmSync(dir, { recursive: true });
});
beforeEach(() => {
  server.sample = sample;
  server.listing = {};
  server.asked.length = 0;
});

const audit = (...more: readonly string[]): Promise<Ran> =>
  enforce(
    ...['audit', '--stack', 'ws-acme', '--api', url, '--bearer-token-file', join(dir, 'token')],
    ...['--public-key', join(dir, 'key.pem'), '--anchor', anchor, '--json', ...more],
  );

/** Checks that do not pass, each with its verdict, note and findings as one text. */
const failing = (ran: Ran): string =>
  (JSON.parse(ran.stdout) as AuditResult).checks
    .filter(({ verdict }) => verdict !== 'pass')
    .map(({ name, verdict, note, findings }) =>
      [`${name}: ${verdict}: ${note}`, ...findings.map(({ object, problem: what }) => `${object} ${what}`)].join('\n'),
    )
    .join('\n');

describe('enforce audit --api', () => {
  it('passes what upstream’s own listing gives whole', async () => {
    const ran = await audit();
    expect(failing(ran)).toBe('');
    expect(ran.code).toBe(0);
    // Never a limit for evidence: its cursor would lose entries.
    expect(server.asked.slice(0, 3)).toEqual([
      `/v1/workspaces/${WORKSPACE}/runs?limit=200`,
      `/v1/workspaces/${WORKSPACE}/evidence`,
      `/v1/workspaces/${WORKSPACE}/evidence?category=Plan`,
    ]);
    expect(ran.stdout).not.toContain(TOKEN);
  });

  it('follows pages that are in the order of their cursor', async () => {
    server.listing = { entriesAPage: 7, order: 'id', runsRead: 1000 };
    server.sample = sampleOf(230);
    const ran = await audit();
    expect(failing(ran)).toBe('');
    expect(ran.code).toBe(0);
    expect((JSON.parse(ran.stdout) as AuditResult).frame.count).toBe(230);
  });

  it('knows the run store’s limit of 201, and takes the frame from elsewhere then', async () => {
    server.sample = sampleOf(230);
    const ran = await audit();
    expect(ran.code).not.toBe(0);
    expect(failing(ran)).toContain('it lists 201 runs, as many as upstream’s store ever reads');
    writeFileSync(join(dir, 'runs'), server.sample.runs.map((run) => `${JSON.stringify(run)}\n`).join(''));
    const whole = await audit('--runs-from', join(dir, 'runs'));
    expect(failing(whole)).toBe('');
    expect((JSON.parse(whole.stdout) as AuditResult).frame.count).toBe(230);
  });

  it.each<[string, Listing, string]>([
    [
      'upstream’s cursor, which loses entries between pages',
      { entriesAPage: 7 },
      '/evidence came in 4 pages that are not in the order of their cursor, evidenceId: some may be lost between them',
    ],
    [
      'as many entries as the store ever reads',
      { answer: (at, page) => (at.pathname.endsWith('evidence') && !at.search ? { items: tenThousand() } : page) },
      'it lists 10000 entries, as many as upstream’s store ever reads',
    ],
    [
      'pages that repeat',
      {
        answer: (at, page) =>
          at.pathname.endsWith('evidence') && !at.searchParams.has('cursor') ? { ...page, nextCursor: '!' } : page,
      },
      'page 2 of /evidence repeats 100 that were listed before',
    ],
    [
      'pages that lead back',
      { answer: (at, page) => (at.pathname.endsWith('runs') ? { ...page, nextCursor: '!' } : page) },
      'page 2 of /runs leads back to an earlier one: the rest was not read',
    ],
    [
      'an empty page that names another',
      { answer: (at, page) => (at.pathname.endsWith('runs') ? { items: [], nextCursor: 'x' } : page) },
      'page 1 of /runs is empty and names another: the rest was not read',
    ],
    [
      'a whole list that lacks what a category has',
      {
        answer: (at, page) =>
          at.pathname.endsWith('evidence') && !at.search ? { items: page.items.filter((_each, i) => i !== 9) } : page,
      },
      'has 1 entries that the whole list lacks',
    ],
    [
      'a category that lacks what the whole list has',
      { answer: (at, page) => (at.searchParams.has('category') ? { items: page.items.slice(1) } : page) },
      'the list of category Policy lacks 1 entries that the whole list has',
    ],
    [
      'runs of another workspace',
      {
        answer: (at, page) =>
          at.pathname.endsWith('runs')
            ? { items: [...page.items, runDocument(99, { workspaceId: 'ws-globex' })] }
            : page,
      },
      'is of workspace ws-globex, not ws-acme',
    ],
    [
      'a clock that is a day off',
      {
        answer: (_at, page, response) => (
          response.setHeader('date', new Date(Date.now() + 86_400_000).toUTCString()),
          page
        ),
      },
      's ahead of the auditor’s',
    ],
    ['no JSON', { answer: (_at, _page, response) => (response.end('<html>'), 'done') }, '/runs answered no JSON'],
    [
      'JSON that is no page',
      { answer: (_at, _page, response) => (json(response, 200, []), 'done') },
      '/runs answered no page with items',
    ],
    [
      '503 without end',
      { answer: (_at, _page, response) => (response.setHeader('retry-after', '0'), problem(response, 503), 'done') },
      '/runs answered 503',
    ],
    [
      '501',
      { answer: (_at, _page, response) => (problem(response, 501), 'done') },
      'the control plane has no such store in this configuration',
    ],
    [
      'an answer that ends early',
      {
        answer: (_at, _page, response) => (
          response.writeHead(200, { 'content-length': 999 }),
          response.write('{'),
          response.destroy(),
          'done'
        ),
      },
      '/runs: ',
    ],
    ['silence', { answer: () => 'done' }, 'aborted due to timeout'],
  ])('never passes: %s', async (_what, listing, text) => {
    server.listing = listing;
    const ran = await audit('--timeout', '1');
    expect(failing(ran)).toContain(text);
    expect([5, 10]).toContain(ran.code);
    expect((JSON.parse(ran.stdout) as AuditResult).verdict).not.toBe('pass');
  });

  it('fails by entries of another workspace', async () => {
    const log = chained(
      sample.runs.flatMap(entriesOfRun).map((each, i) => (i === 5 ? { ...each, workspaceId: 'ws-globex' } : each)),
    );
    server.sample = { ...sample, log };
    const ran = await audit();
    expect(ran.code).toBe(5);
    expect(failing(ran)).toContain('is of workspace ws-globex');
  });

  it('asks again when it was asked too often', async () => {
    let refused = 0;
    server.listing = {
      answer: (_at, page, response) => {
        if (refused++ % 3 !== 0) return page;
        response.setHeader('retry-after', '0');
        problem(response, 429);
        return 'done';
      },
    };
    expect((await audit()).code).toBe(0);
  });

  it('knows nothing of a workspace without runs, or with a token of another', async () => {
    server.sample = { runs: [], log: [] };
    const none = await audit();
    expect(none.code).toBe(10);
    expect(failing(none)).toContain('frame: inconclusive: no run has ended in the window: there is nothing to audit');
    writeFileSync(join(dir, 'other'), 'another');
    const refused = await audit('--bearer-token-file', join(dir, 'other'));
    expect(refused.code).toBe(10);
    expect(failing(refused)).toContain(
      'answered 401: the token must be of this workspace, with a role that may read runs and evidence',
    );
  });

  it('is inconclusive when nobody listens', async () => {
    const ran = await enforce('audit', '--stack', 'ws-acme', '--api', 'http://127.0.0.1:1', '--json');
    expect(ran.code).toBe(10);
    expect(failing(ran)).toContain('ECONNREFUSED');
  });
});

/** Never hashed: enough that there are so many. */
const tenThousand = () =>
  Array.from({ length: 10_000 }, (_each, index) => ({ evidenceId: String(index).padStart(5, '0') }));
