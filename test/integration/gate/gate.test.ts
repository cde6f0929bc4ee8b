import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAuthority, type Authority } from '../../../lab/authority.js';
import { startPrometheus, type LabPrometheus } from '../../../lab/prometheus.js';
import { subjectOf } from '../../../src/cli/gate/subject.js';
import { loadStacks } from '../../../src/config/load.js';
import {
  collect,
  Evidence,
  judge,
  QueryRefused,
  tryGateDoubt,
  type Collecting,
  type GateResult,
  type Judged,
  type Question,
  type Subject,
} from '../../../src/gate/index.js';
import type { Access } from '../../../src/http/request.js';
import { tryDoubt, type Kept } from '../../../src/model/kept.js';
import { enforce } from '../../cli/run.js';
import { startFront, type Front, type FrontOptions } from './front.js';
import { openMetrics } from './series.js';
import { HOUR, platformSeries, QUESTION, SCENARIOS, subject, workspaceSeries } from './workspace.js';

/** A real Prometheus with more than 48 hours of series: a workspace for each scenario, and the two of the stacks. */

const dir = mkdtempSync(join(tmpdir(), 'gate-'));
let prometheus: LabPrometheus;
let now: number;
const fronts: Front[] = [];

beforeAll(async () => {
  now = Math.floor(Date.now() / 60_000) * 60;
  const { platform, workspaces } = loadStacks({ dir: 'stacks' });
  const ours = (id: string): Subject =>
    subjectOf(
      platform,
      workspaces.find((each) => each.id === id)!,
    );
  const series = [
    ...platformSeries(),
    ...Object.keys(SCENARIOS).flatMap((name) => workspaceSeries(subject(`ws-${name}`), name, { now })),
    ...workspaceSeries(ours('ws-acme'), 'clean', { now }),
    ...workspaceSeries(ours('ws-globex'), 'hour-47', { now }),
  ];
  prometheus = await startPrometheus({ series: openMetrics(series, now - 49 * HOUR, now + 600, 60) });
});
afterAll(async () => {
  for (const front of fronts) front.close();
  await prometheus?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const evidenceOf = async (asking: Partial<Collecting> = {}, more: Partial<Question> = {}): Promise<Evidence> => {
  const access: Access = { url: prometheus.url };
  const collected = await collect({ access, ...asking, question: { ...QUESTION, ...more } });
  return new Evidence(collected.question, collected.heard);
};
/** Of one workspace that everything speaks for, so that only the server can spoil it. */
const cleanBy = async (asking: Partial<Collecting>): Promise<Judged> => {
  const { workspaceId, namespace } = subject('ws-clean');
  return judge(await evidenceOf(asking, { only: { workspaceId, namespace } }), subject('ws-clean'));
};
const front = async (options: FrontOptions): Promise<Front> => {
  const started = await startFront(prometheus.url, options);
  fronts.push(started);
  return started;
};
const notesOf = ({ checks }: Judged): readonly string[] =>
  checks.filter(({ verdict }) => verdict !== 'pass').map(({ name, verdict, note }) => `${verdict} ${name}: ${note}`);
const minute = (seconds: number): string => `${new Date(seconds * 1000).toISOString().slice(0, 16)}Z`;

describe('the enforcement gate on a real Prometheus, all workspaces in one pass', () => {
  let evidence: Evidence;
  beforeAll(async () => {
    evidence = await evidenceOf();
  });
  const judged = (name: string): Judged => judge(evidence, subject(`ws-${name}`));

  test.each(['clean', 'blip', 'restart', 'relaxed-before'])('%s passes', (name) => {
    expect(notesOf(judged(name))).toEqual([]);
    expect(judged(name).verdict).toBe('pass');
  });

  test.each<[string, readonly RegExp[]]>([
    [
      'hole',
      [/^inconclusive coverage: 28\d\d of 2880 samples \(97\.9\d %\) are there and are numbers, fewer than 99\.00 %$/],
    ],
    ['stale', [/^inconclusive coverage: .*: the ratio is stale$/]],
    ['nan', [/^inconclusive coverage: 27\d\d of 2880 samples \(95\.\d\d %\) are there and are numbers/]],
    [
      'all-nan',
      [
        /^inconclusive coverage: 0 of 2880 samples/,
        /^inconclusive ratio: ratioMax: the value of .* is NaN: no number$/,
      ],
    ],
    ['young', [/^inconclusive coverage: .* The series is younger, or the server keeps less \(retention\)$/]],
    [
      'absent',
      [
        /^inconclusive coverage: ratioSampled: the server has no sample of ws-absent$/,
        /^inconclusive ratio: /,
        /^inconclusive direct calls: /,
        /^inconclusive agents: 2 of 2/,
      ],
    ],
    ['restart-and-call', [/^fail direct calls: 1 call went past the front, and none may; 1 restart of the counter/]],
    [
      'hour-47',
      [
        /^fail ratio: portarium_direct_sor_ratio went up to 0\.02, and must be 0 throughout$/,
        /^fail direct calls: (about )?1 call went past the front, and none may$/,
      ],
    ],
    ['counter-only', [/^fail direct calls: (about )?1 call went past the front/]],
    ['ratio-only', [/^fail ratio: portarium_direct_sor_ratio went up to 0\.5/]],
    ['born', [/^fail direct calls: 1 call went past the front, and none may$/]],
    ['hash', [/^inconclusive policy: not the stack’s policy at enforced throughout/]],
    ['level', [/^inconclusive policy: not the stack’s policy at enforced throughout/]],
    ['below', [/^fail policy: the level in force is identity/]],
    ['shadow', [/^inconclusive relaxations: about [45] decisions made in shadow/]],
    ['relaxed', [/^inconclusive relaxations: a Relaxation let a control off, last at /]],
    ['quiet', [/^inconclusive volume: no call went through the front/, /^inconclusive agents: 2 of 2/]],
    ['dead', [/^inconclusive agents: 2 of 2/]],
    ['alert', [/^fail alerts: 1 critical alert fired in the window$/]],
    ['flow', [/^fail network: the network let about 1 flow out of the cluster from agents-ws-flow, and none may$/]],
    ['unseen', [/^inconclusive network: flows: the server has no sample of agents-ws-unseen\. Nothing shows/]],
  ])('%s does not, for that reason alone', (name, notes) => {
    const found = notesOf(judged(name));
    expect(found).toEqual(notes.map((note) => expect.stringMatching(note) as string));
    expect(judged(name).verdict).toBe(notes.some(({ source }) => source.startsWith('^fail')) ? 'fail' : 'inconclusive');
  });

  test('and no other scenario passes', () => {
    expect(Object.keys(SCENARIOS).filter((name) => judged(name).verdict === 'pass')).toEqual([
      'clean',
      'blip',
      'restart',
      'relaxed-before',
    ]);
  });

  test('says when a call at hour 47 was, and when the gate can pass again', () => {
    const { cleanSince, earliest, checks } = judged('hour-47');
    const since = now - HOUR + 240;
    expect(cleanSince?.slice(0, 16)).toBe(minute(since).slice(0, 16));
    expect(earliest?.slice(0, 16)).toBe(minute(since + 48 * HOUR).slice(0, 16));
    expect(checks.find(({ name }) => name === 'ratio')?.findings).toEqual([
      {
        object: 'portarium_direct_sor_ratio of ws-hour-47',
        problem: `was up to 0.02 from ${minute(now - HOUR)} to ${minute(since)}`,
      },
    ]);
  });

  test('lists the hole, as wide as Prometheus shows it', () => {
    const findings = judged('hole').checks.find(({ name }) => name === 'coverage')?.findings;
    // The last value before it is still shown for five minutes, by Prometheus 3 for a little less.
    const from = [300, 240].map((late) => minute(now - 20 * HOUR - 60 + late + 60));
    const to = minute(now - 19 * HOUR - 60);
    expect(findings?.map(({ object }) => object)).toEqual(['portarium_direct_sor_ratio of ws-hole']);
    expect([`has no value from ${from[0]} to ${to}, 55m`, `has no value from ${from[1]} to ${to}, 56m`]).toContain(
      findings?.[0]?.problem,
    );
  });

  test('begins anew with the change of the policy', () => {
    const since = Date.parse(judged('hash').cleanSince ?? '') / 1000;
    expect(since).toBeGreaterThanOrEqual(now - 30 * HOUR - 60);
    expect(since).toBeLessThanOrEqual(now - 30 * HOUR + 300);
  });
});

test('the routing gate passes below a tenth and fails above', async () => {
  const evidence = await evidenceOf({}, { gate: 'routing', window: 24 * HOUR });
  expect(notesOf(judge(evidence, subject('ws-tenth')))).toEqual([]);
  expect(notesOf(judge(evidence, subject('ws-ratio-only')))).toEqual([]);
  const long = await evidenceOf({}, { gate: 'routing', window: 48 * HOUR });
  expect(notesOf(judge(long, subject('ws-ratio-only')))).toEqual([
    'fail ratio: portarium_direct_sor_ratio went up to 0.5, and must be below 0.10 throughout',
  ]);
});

describe('a server that fails or lies', () => {
  const asked = (name: string) => (query: string | null) => query?.includes(name) ?? false;
  const ratioMax = asked('max_over_time(portarium_direct_sor_ratio');

  test('is asked again, three times in all', async () => {
    const busy = await front({
      before: ({ attempt, params }) =>
        attempt < 3 && ratioMax(params.get('query')) ? { status: attempt === 1 ? 503 : 429, body: 'busy' } : undefined,
    });
    const evidence = await cleanBy({ access: { url: busy.url } });
    expect(notesOf(evidence)).toEqual([]);
    expect(busy.seen.filter(({ params }) => ratioMax(params.get('query')))).toHaveLength(3);
  });

  test.each<[string, FrontOptions, RegExp]>([
    [
      'busy for good',
      { before: ({ params }) => (ratioMax(params.get('query')) ? { status: 503, body: 'busy' } : undefined) },
      /^inconclusive ratio: ratioMax: HTTP 503, and the answer is no JSON: busy$/,
    ],
    [
      'cutting the line',
      { before: ({ params }) => (ratioMax(params.get('query')) ? 'cut' : undefined) },
      /^inconclusive ratio: ratioMax: no answer: http:.*api\/v1\/query: /,
    ],
    [
      'refusing',
      { before: () => ({ status: 401, body: '{"status":"error","error":"no token"}' }) },
      /^inconclusive ratio: the server does not tell its time, so nothing else was asked: HTTP 401: no token$/,
    ],
    [
      'redirecting',
      { before: ({ params }) => (ratioMax(params.get('query')) ? { status: 302, body: 'elsewhere' } : undefined) },
      /^inconclusive ratio: ratioMax: HTTP 302/,
    ],
    [
      'answering in part',
      {
        after: ({ params }, body) =>
          ratioMax(params.get('query')) ? body.replace('{', '{"warnings":["store 2 did not answer"],') : body,
      },
      /^inconclusive ratio: ratioMax: the answer is not whole, or not meant so; warnings: \["store 2 did not answer"\]$/,
    ],
    [
      'answering of others',
      { after: ({ params }, body) => (ratioMax(params.get('query')) ? body.replace('ws-clean', 'ws-other') : body) },
      /^inconclusive ratio: ratioMax: the server answers for workspace_id "ws-other", and was asked for "ws-clean" alone$/,
    ],
    [
      'with fewer points',
      { after: ({ path }, body) => (path.endsWith('query_range') ? body.replace(/(\[\d+,"0"\],){500}/, '') : body) },
      /^inconclusive coverage: 2380 of 2880 samples/,
    ],
    [
      'a day ahead',
      {
        after: ({ params }, body) =>
          params.get('query') === 'time()'
            ? body.replace(/"(\d+)(\.\d+)?"/, (_, time) => `"${Number(time) + 86_400}"`)
            : body,
      },
      /^inconclusive clock: the server’s clock is 86(399|400)\.\d s ahead of ours/,
    ],
  ])('%s is inconclusive', async (_what, options, note) => {
    const { url } = await front(options);
    const judged = await cleanBy({ access: { url } });
    expect(judged.verdict).toBe('inconclusive');
    expect(notesOf(judged)).toContainEqual(expect.stringMatching(note));
  });

  test('that is slow is inconclusive when the time is over', async () => {
    const slow = await front({ before: ({ params }) => (ratioMax(params.get('query')) ? 5000 : undefined) });
    const started = performance.now();
    const judged = await cleanBy({ access: { url: slow.url }, timeout: 1500 });
    expect(performance.now() - started).toBeLessThan(4000);
    expect(notesOf(judged)).toContainEqual(
      expect.stringMatching(/^inconclusive ratio: ratioMax: no answer: .*aborted due to timeout$/),
    );
  });

  test('is inconclusive where our clock is off by a day', async () => {
    const judged = await cleanBy({ now: () => new Date(Date.now() - 24 * HOUR * 1000) });
    expect(notesOf(judged)).toEqual([
      expect.stringMatching(/^inconclusive clock: the server’s clock is 86(399|400)\.\d s ahead of ours/),
    ]);
  });

  test('that refuses our query makes an error', async () => {
    await expect(evidenceOf({}, { jobs: '(?=portarium)' })).rejects.toThrow(QueryRefused);
  });

  test('that is not there is inconclusive', async () => {
    const judged = await cleanBy({ access: { url: 'http://127.0.0.1:1' } });
    expect(judged.checks.every(({ verdict }) => verdict === 'inconclusive')).toBe(true);
  });
});

describe('a server behind TLS', () => {
  let authority: Authority;
  let tls: { caFile: string; certFile: string; keyFile: string };
  let url: string;
  let tenant: string | undefined;
  const token = join(dir, 'token');
  beforeAll(async () => {
    authority = await createAuthority();
    const client = await authority.issue({ uris: ['spiffe://portarium.io/ns/ci/sa/gate'] });
    tls = { caFile: join(dir, 'ca.pem'), certFile: join(dir, 'client.pem'), keyFile: join(dir, 'client.key') };
    writeFileSync(tls.caFile, authority.certificate);
    writeFileSync(tls.certFile, client.certificate);
    writeFileSync(tls.keyFile, client.key);
    writeFileSync(token, 'first\n');
    ({ url } = await front({
      tls: { pair: await authority.issue({ ips: ['127.0.0.1'] }), clients: authority },
      before: ({ headers }) => {
        tenant = headers['x-scope-orgid'] as string | undefined;
        const allowed = ['Bearer second', `Basic ${Buffer.from('gate:s3cret').toString('base64')}`];
        return allowed.includes(headers.authorization ?? '') ? undefined : { status: 401, body: 'unauthorized' };
      },
    }));
  });

  test('takes our certificate and a token that is read anew, under its prefix and with its tenant', async () => {
    const access: Access = { url: `${url}/prefix/`, tls, bearerTokenFile: token, headers: { 'X-Scope-OrgID': 'acme' } };
    expect(notesOf(await cleanBy({ access }))).toContainEqual(
      expect.stringMatching(/HTTP 401, and the answer is no JSON: unauthorized$/),
    );
    writeFileSync(token, 'second\n');
    expect(notesOf(await cleanBy({ access }))).toEqual([]);
    expect(tenant).toBe('acme');
  });

  test('takes a password', async () => {
    const passwordFile = join(dir, 'password');
    writeFileSync(passwordFile, 's3cret\n');
    expect(notesOf(await cleanBy({ access: { url, tls, basic: { username: 'gate', passwordFile } } }))).toEqual([]);
  });

  test('is not believed by another authority, and does not take us without a certificate', async () => {
    const other = join(dir, 'other.pem');
    writeFileSync(other, (await createAuthority('another')).certificate);
    const { certFile, keyFile, caFile } = tls;
    const because = async (files: Access['tls']) =>
      notesOf(await cleanBy({ access: { url, tls: files!, bearerTokenFile: token } }))[0];
    expect(await because({ caFile: other, certFile, keyFile })).toMatch(/no answer: https:.*certificate/);
    expect(await because({ caFile })).toMatch(
      /no answer: https:.*(certificate required|handshake|ECONNRESET|other side closed)/i,
    );
    expect(await because({ caFile: join(dir, 'nowhere.pem') })).toMatch(/no answer: https:.*ENOENT/);
  });
});

describe('the command', () => {
  const key = generateKeyPairSync('ed25519');
  const keyFile = join(dir, 'signing.key');
  const out = join(dir, 'out');
  writeFileSync(keyFile, key.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const publicKey = createPublicKey(key.privateKey).export({ type: 'spki', format: 'pem' }) as string;

  test('judges every workspace of the stacks, and keeps what it rests on', async () => {
    mkdirSync(out, { recursive: true });
    const ran = await enforce(
      'gate',
      '--all',
      '--gate',
      'enforcement',
      '--prometheus',
      prometheus.url,
      '--network-source',
      'hubble',
      '--out',
      out,
      '--signing-key',
      keyFile,
    );
    expect(ran.code).toBe(5);
    expect(ran.stdout).toMatch(/^pass {10}ws-acme$/m);
    expect(ran.stdout).toMatch(/^fail {10}ws-globex {2}ratio: .*direct calls: /m);
    const files = readdirSync(out).filter((file) => file.endsWith('.json'));
    expect(files.map((file) => file.replace(/-\d{4}-.*/, '')).sort()).toEqual(['gate-ws-acme', 'gate-ws-globex']);
  });

  test('what is kept is judged again without the server', () => {
    for (const file of readdirSync(out).filter((each) => each.endsWith('.json'))) {
      const text = readFileSync(join(out, file), 'utf8');
      expect(tryDoubt(text, publicKey)).toBeUndefined();
      const { result } = JSON.parse(text) as Kept<GateResult>;
      const bodyOf = (sha256: string) => readFileSync(join(out, 'answers', sha256), 'utf8');
      expect(tryGateDoubt(result, bodyOf)).toBeUndefined();
      const passes = (sha256: string) => bodyOf(sha256).replaceAll('"0.02"', '"0"');
      if (result.verdict === 'fail') expect(tryGateDoubt(result, passes)).toMatch(/^its answers /);
    }
  });

  test('passes one workspace, and says what that means', async () => {
    const ran = await enforce(
      'gate',
      '--stack',
      'ws-acme',
      '--gate',
      'enforcement',
      '--prometheus',
      prometheus.url,
      '--network-source',
      'hubble',
    );
    expect([ran.code, ran.stderr]).toEqual([0, '']);
    expect(ran.stdout).toMatch(/^ws-acme, enforcement gate, 48h until \S+: pass\n {2}pass {10}answers: 31 queries at /);
    expect(ran.stdout).toContain('at 95 % confidence (rule of three: 3/');
  });

  test('with --watch asks until there is an answer, and says so', async () => {
    // The first pass hears nothing: it asks for the time three times, and gives up.
    let asked = 0;
    const { url } = await front({ before: () => ((asked += 1) <= 3 ? { status: 503, body: 'starting' } : undefined) });
    const args = ['--stack', 'ws-acme', '--gate', 'enforcement', '--prometheus', url, '--network-source', 'hubble'];
    const ran = await enforce('gate', ...args, '--watch', '--every', '1s', '--json');
    const verdicts = ran.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as GateResult).verdict);
    expect(verdicts).toEqual(['inconclusive', 'pass']);
    expect(ran.stderr).toContain('again in 1s');
    expect(ran.code).toBe(0);
  });

  test('is inconclusive where there is no server, and with one source alone', async () => {
    const unreachable = await enforce(
      'gate',
      '--stack',
      'ws-acme',
      '--gate',
      'enforcement',
      '--prometheus',
      'http://127.0.0.1:1',
      '--json',
    );
    expect(unreachable.code).toBe(10);
    expect(JSON.parse(unreachable.stdout)).toMatchObject({ kind: 'enforce gate', verdict: 'inconclusive' });
    const alone = await enforce(
      'gate',
      '--stack',
      'ws-acme',
      '--gate',
      'enforcement',
      '--prometheus',
      prometheus.url,
      '--network-source',
      'none',
    );
    expect(alone.code).toBe(10);
    expect(alone.stdout).toContain('inconclusive  network: one source alone, what the SDKs own up to.');
  });
});
