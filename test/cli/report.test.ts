import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enforce } from './run.js';

let dir: string;
const path = (name: string): string => join(dir, name);

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'portarium-report-'));
  mkdirSync(path('evidence'));
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(path('key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(path('public.pem'), createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const report = (...more: readonly string[]) =>
  enforce('report', '--stack', 'ws-acme', '--evidence', path('evidence'), '--no-cluster', '--pdf', 'none', ...more);

describe('enforce report', () => {
  it('without evidence and cluster is inconclusive, says what is missing, and can be verified', async () => {
    const { code, stdout } = await report('--out', path('out'), '--signing-key', path('key.pem'), '--json');
    expect(code).toBe(10);
    const answer = JSON.parse(stdout) as { verdict: string; reasons: readonly { text: string }[]; signed: boolean };
    expect(answer).toMatchObject({ verdict: 'inconclusive', signed: true });
    for (const command of ['prove', 'verify', 'gate', 'audit']) {
      expect(answer.reasons.map(({ text }) => text)).toContain(
        `result of enforce ${command}: no result in the evidence; run enforce ${command} --out`,
      );
    }
    expect(readdirSync(path('out')).sort()).toEqual([
      'attestation.json',
      'manifests',
      'oscal-assessment-results.json',
      'report.html',
      'report.json',
    ]);
    const verified = await enforce('report', 'verify', path('out'), '--public-key', path('public.pem'));
    expect(verified.stdout).toContain('- signed by this key, and every file is what was signed');
    expect(verified.code).toBe(0);
  });

  it('is found out where a byte was changed', async () => {
    const file = path('out/report.html');
    writeFileSync(file, readFileSync(file, 'utf8').replace('Inconclusive', 'Inconclusiva'));
    const { code, stdout } = await enforce(
      'report',
      'verify',
      path('out'),
      '--public-key',
      path('public.pem'),
      '--json',
    );
    expect(code).toBe(5);
    expect(JSON.parse(stdout)).toMatchObject({ believed: false, problems: ['report.html is not what was signed.'] });
  });

  const given = ['--stack', 'ws-acme', '--evidence', 'evidence', '--no-cluster'];
  it.each([
    [['--evidence', 'evidence', '--out', 'y'], 'give --stack NAME, the stack of a workspace.'],
    [
      ['--stack', 'ws-acme', '--out', 'y'],
      'give --evidence DIR, the folder with what prove, verify, gate and audit have kept.',
    ],
    [['--stack', 'ws-acme', '--evidence', 'nowhere', '--out', 'y'], '--evidence: there is no folder'],
    [given, 'give --out DIR, a new folder for the report.'],
    [[...given, '--out', '.'], 'is not empty, and a report is never written over another. Name a new folder.'],
    [[...given, '--out', 'y', '--from', '2026-11-28'], 'Expected a time in UTC, for example 2026-11-28T00:00:00Z.'],
    [
      [...given, '--out', 'y', '--until', '2999-01-01T00:00:00Z'],
      '--until is in the future, and nothing is known of it.',
    ],
    [
      [...given, '--out', 'y', '--from', '2026-01-02T00:00:00Z', '--until', '2026-01-01T00:00:00Z'],
      '--from must be before --until.',
    ],
    [[...given, '--out', 'y', '--pdf', 'maybe'], 'Allowed choices are auto, required, none.'],
    [[...given, '--out', 'y', '--signing-key', 'nowhere.pem'], '--signing-key: cannot read'],
  ])('refuses %j', async (args, message) => {
    const folders = ['--evidence', '--out', '--signing-key'];
    const at = args.map((arg, index) => (folders.includes(args[index - 1] ?? '') ? path(arg) : arg));
    const { code, stderr } = await enforce('report', ...at);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  it('names the stacks where there is none of that name', async () => {
    const { code, stderr } = await enforce(
      'report',
      '--stack',
      'ws-x',
      '--evidence',
      path('evidence'),
      '--out',
      path('z'),
    );
    expect(stderr).toMatch(/no workspace stack "ws-x" in stacks\. There are: .*ws-acme/);
    expect(code).toBe(6);
  });

  it('says how to get a PDF where there is no Chromium, and fails where it is required', async () => {
    const before = process.env['CHROME_PATH'];
    process.env['CHROME_PATH'] = path('none');
    try {
      const required = await report('--out', path('pdf'), '--pdf', 'required');
      expect(required.stderr).toContain(
        'No PDF was made: there is no Chromium. Install one (Debian: apt install chromium), or name it by CHROME_PATH; report.html prints the same from any browser. Nothing was written.',
      );
      expect(required.code).toBe(1);
      const auto = await report('--out', path('pdf'), '--pdf', 'auto');
      expect(auto.stderr).toContain('No PDF was made');
      expect(auto.stdout).toContain('NOT SIGNED: give --signing-key');
      expect(auto.code).toBe(10);
    } finally {
      if (before === undefined) delete process.env['CHROME_PATH'];
      else process.env['CHROME_PATH'] = before;
    }
  });
});
