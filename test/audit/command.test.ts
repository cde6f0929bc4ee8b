import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tryRefute, type AuditResult } from '../../src/audit/index.js';
import { canonicalJson, sha256 } from '../../src/model/canonical.js';
import { tryDoubt, type Kept } from '../../src/model/kept.js';
import { enforce, type Ran } from '../cli/run.js';
import { keys, sampleOf, type Document } from './log.js';

/** The command on exports, offline. */
let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'portarium-audit-'));
  writeFileSync(join(dir, 'key.pem'), keys.publicKey.export({ type: 'spki', format: 'pem' }));
});
afterAll(() => rmSync(dir, { recursive: true }));

const sample = sampleOf(12);
const anchor = String(sample.log[0]?.['hashSha256']);
const lines = (documents: readonly Document[]): string => documents.map((each) => `${JSON.stringify(each)}\n`).join('');

function exported(name: string, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(dir, `${name}-`));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  return folder;
}
const sound = (): string =>
  exported('sound', { 'runs.ndjson': lines(sample.runs), 'evidence.ndjson': lines(sample.log) });
const audit = (...args: readonly string[]): Promise<Ran> => enforce('audit', '--stack', 'ws-acme', ...args);
const trusted = (): string[] => ['--public-key', join(dir, 'key.pem'), '--anchor', anchor];
const resultOf = ({ stdout }: Ran): AuditResult => JSON.parse(stdout) as AuditResult;

describe('enforce audit of an export', () => {
  it('passes, and says what was looked at and what it means', async () => {
    const { code, stdout } = await audit('--export', sound(), ...trusted());
    expect(code).toBe(0);
    expect(stdout).toContain('ws-acme: pass');
    expect(stdout).toContain('12 ended runs of the run store’s export');
    expect(stdout).toContain('0 of 12 sampled runs lack an item, which means with 95 % confidence: at most 22.09 %');
    expect(stdout).toContain('limit: The frame is the run store’s export');
  });

  it('reads pages of the API and arrays in files too, in parts', async () => {
    const folder = exported('parts', {
      'runs.json': JSON.stringify({ items: sample.runs }),
      'evidence-1.json': JSON.stringify(sample.log.slice(0, 7)),
      'evidence-2.jsonl': lines(sample.log.slice(7)),
    });
    const { code, stdout } = await audit('--export', folder, ...trusted(), '--json');
    expect(code).toBe(0);
    expect(resultOf({ stdout } as Ran).source).toMatchObject({
      files: [{ name: 'runs.json' }, { name: 'evidence-1.json' }, { name: 'evidence-2.jsonl' }],
    });
  });

  it.each([
    ['a run without evidence', 5, 'has no policy evaluation', lines(sample.runs), lines(sample.log.slice(0, -1))],
    [
      'a line that is no JSON',
      5,
      'line 31 of evidence.ndjson is no JSON',
      lines(sample.runs),
      `${lines(sample.log)}{"a":`,
    ],
    ['no runs', 5, 'no run has ended in the window: there is nothing to audit', '', lines(sample.log)],
    [
      'a page that is not the last',
      10,
      'is a page that says that there is another',
      JSON.stringify({ items: sample.runs, nextCursor: 'x' }),
      lines(sample.log),
    ],
  ])('does not pass %s', async (_what, _code, text, runs, evidence) => {
    const name = runs.startsWith('{"items') ? 'runs.json' : 'runs.ndjson';
    const { code, stdout } = await audit(
      '--export',
      exported('bad', { [name]: runs, 'evidence.ndjson': evidence }),
      ...trusted(),
    );
    expect([5, 10]).toContain(code);
    if (text !== 'has no policy evaluation') expect(stdout).toContain(text);
  });

  it('doubts a frame with runs of another workspace, or that are none', async () => {
    const bad = [
      { ...sample.runs[0], runId: 'r-1', workspaceId: 'ws-globex' },
      { status: 'Failed' },
      { runId: 'r-2', executionTier: 'x' },
    ];
    const folder = exported('runs', {
      'runs.ndjson': lines([...sample.runs, ...bad]),
      'evidence.ndjson': lines(sample.log),
    });
    const { code, stdout } = await audit('--export', folder, ...trusted(), '--json');
    expect(code).toBe(10);
    expect(resultOf({ stdout } as Ran).frame.doubts).toEqual([
      'line 13 of runs.ndjson: r-1 is of workspace ws-globex, not ws-acme',
      'line 14 of runs.ndjson: has no runId',
      'line 15 of runs.ndjson: r-2 has an executionTier that is none of Auto, Assisted, HumanApprove, ManualOnly',
    ]);
  });

  it('is inconclusive without a file of runs or of evidence', async () => {
    for (const [left, file, text] of [
      ['runs', 'evidence.ndjson', lines(sample.log)],
      ['evidence', 'runs.ndjson', lines(sample.runs)],
    ] as const) {
      const { code, stdout } = await audit('--export', exported('half', { [file]: text }), ...trusted());
      expect(code).not.toBe(0);
      expect(stdout).toContain(`the export has no file ${left}*.ndjson or ${left}*.json`);
    }
  });

  it('freezes a frame, and draws from it by the nonce that answers it', async () => {
    const folder = sound();
    const frame = join(folder, 'frame.json');
    const frozen = await audit('--export', folder, '--freeze', frame);
    expect(frozen.code).toBe(0);
    expect(frozen.stdout).toContain('Let the auditor answer this hash with a nonce');
    const draw = (): Promise<Ran> =>
      audit('--export', folder, '--frame', frame, '--nonce', 'Tuesday', '--sample', '5', ...trusted(), '--json');
    const [one, two] = [resultOf(await draw()), resultOf(await draw())];
    expect(one.nonce).toEqual({ text: 'Tuesday', origin: 'given' });
    expect(one.sampling.sample).toHaveLength(5);
    expect(two.sampling).toEqual(one.sampling);
    writeFileSync(join(folder, 'runs.ndjson'), lines(sample.runs.slice(1)));
    const lost = await draw();
    expect(lost.code).toBe(5);
    expect(JSON.stringify(resultOf(lost).checks)).toContain('is in the frame, and its source no longer knows it');
  });

  it('draws a nonce of its own after the frame, and says that this is weaker', async () => {
    const result = resultOf(await audit('--export', sound(), '--no-census', '--sample', '3', ...trusted(), '--json'));
    expect(result.nonce).toMatchObject({ origin: 'random' });
    expect(result.limits[0]).toBe(
      'The nonce was drawn by this program: who ran it could run it until the sample was good.',
    );
    const before = await audit(
      '--export',
      sound(),
      '--no-census',
      '--sample',
      '3',
      '--nonce',
      'x',
      ...trusted(),
      '--json',
    );
    expect(resultOf(before).limits[0]).toContain('The nonce was known before the frame');
  });

  it('takes the frame from another source, and holds the run store against it', async () => {
    const folder = sound();
    const ids = sample.runs.map(({ runId }) => String(runId));
    const given = (list: readonly string[]): string => {
      writeFileSync(join(folder, 'ids'), `${list.join('\n')}\n`);
      return join(folder, 'ids');
    };
    expect((await audit('--export', folder, '--runs-from', given(ids), ...trusted())).code).toBe(0);
    const more = await audit('--export', folder, '--runs-from', given([...ids, 'r-deleted']), ...trusted());
    expect(more.code).toBe(5);
    expect(more.stdout).toContain('run r-deleted is not in the run store, and no proposed action');
    const fewer = await audit('--export', folder, '--runs-from', given(ids.slice(1)), ...trusted());
    expect(fewer.code).not.toBe(0);
    expect(fewer.stdout).toContain(`--runs-from does not have 1 of the runs, such as ${ids[0]}`);
  });

  it('keeps a signed result that follows from what is kept beside it, and is the next one’s anchor', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    writeFileSync(join(dir, 'signing.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const out = join(dir, 'kept');
    const ran = await audit('--export', sound(), ...trusted(), '--out', out, '--signing-key', join(dir, 'signing.pem'));
    expect(ran.code).toBe(0);
    const [inputs, file] = readdirSync(out)
      .sort()
      .map((name) => join(out, name)) as [string, string];
    expect([inputs, file].map((name) => name.replace(/\d{4}-.*Z/, 'TIME'))).toEqual([
      join(out, 'audit-ws-acme-TIME.inputs.ndjson'),
      join(out, 'audit-ws-acme-TIME.json'),
    ]);
    const text = readFileSync(file, 'utf8');
    expect(tryDoubt(text, String(publicKey.export({ type: 'spki', format: 'pem' })))).toBeUndefined();
    const { result } = JSON.parse(text) as Kept<AuditResult>;
    const rows = readFileSync(inputs, 'utf8').split('\n');
    expect(tryRefute(result, rows)).toBeUndefined();
    expect(tryRefute({ ...result, verdict: 'inconclusive' }, rows)).toBe(
      'judging the inputs again gives another result.',
    );
    expect(tryRefute({ ...result, checks: result.checks.slice(1) }, rows)).toBe(
      'judging the inputs again gives another result.',
    );
    expect(tryRefute(result, rows.slice(0, -2))).toBe('the inputs do not have the SHA-256 that the result names.');
    const next = await audit('--export', sound(), '--public-key', join(dir, 'key.pem'), '--anchor', file);
    expect(next.code).toBe(0);
    expect(next.stdout).toContain('pass');
    const forged = { ...result, checks: result.checks.map((each) => ({ ...each, verdict: 'fail' })) };
    writeFileSync(file, canonicalJson({ result: forged, sha256: sha256(forged) }));
    expect((await audit('--export', sound(), '--anchor', file)).stderr).toContain(
      'that audit found the log itself broken: entries',
    );
    writeFileSync(file, text.replace('"pass"', '"fail"'));
    expect((await audit('--export', sound(), '--anchor', file)).stderr).toContain(
      'the result does not have the SHA-256 that it is kept with',
    );
    expect(readFileSync(inputs, 'utf8')).not.toContain('decided: Approved by');
    expect(canonicalJson(result)).not.toContain('decided: Approved by');
  });
});

describe('enforce audit refuses', () => {
  it.each([
    [[], 'give either --api URL or --export DIR, where the evidence log is.'],
    [['--api', 'http://x', '--export', 'y'], 'give either --api URL or --export DIR'],
    [['--api', 'ftp://x'], '--api ftp://x: expected an http or https URL.'],
    [['--export', 'nowhere'], '--export nowhere: ENOENT'],
    [['--export', '.', '--sample', '0'], 'Expected a whole number from 1 on.'],
    [['--export', '.', '--from', 'yesterday'], 'Expected ISO 8601, for example 2026-11-01T00:00:00Z.'],
    [
      ['--export', '.', '--until', '2999-01-01'],
      'is in the future: runs would come into the window after it was frozen.',
    ],
    [['--export', '.', '--from', '2026-02-01', '--until', '2026-01-01'], 'is not before --until'],
    [['--export', '.', '--frame', 'package.json'], '--frame package.json: it is no frame of version 1.'],
    [['--export', '.', '--frame', 'a', '--freeze', 'b'], '--freeze takes a frame and --frame draws from one.'],
    [['--export', '.', '--anchor', 'package.json'], '--anchor package.json: it is no kept result of enforce audit'],
    [['--export', '.', '--public-key', 'package.json'], 'Allowed: Ed25519, RSA or EC, as PEM.'],
    [['--export', '.', '--signing-key', 'k'], '--signing-key signs what is kept. Give --out DIR too.'],
    [['--export', '.', '--runs-from', 'nowhere'], '--runs-from nowhere: ENOENT'],
  ])('%j', async (args, message) => {
    const { code, stderr } = await audit(...args);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  it('a stack that does not exist', async () => {
    const { code, stderr } = await enforce('audit', '--stack', 'ws-none', '--export', '.');
    expect(code).toBe(6);
    expect(stderr).toContain('no workspace stack "ws-none" in stacks. There are: ');
  });
});
