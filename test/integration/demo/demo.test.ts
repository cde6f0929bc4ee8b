import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { build, cleanUp, leftovers, start, type Run } from './run.js';

const runs: Run[] = [];
const folder = mkdtempSync(join(tmpdir(), 'demo-report-'));
let begun = 0;
const demo = (): Run => {
  const run = start('demo', '--engine', 'apply', '--no-data-plane', '--out', join(folder, `${begun++}`));
  runs.push(run);
  return run;
};

beforeAll(build, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(async () => {
  for (const run of runs.splice(0)) await cleanUp(run);
}, 60_000);

it('takes ws-acme up the ladder and down again, and leaves nothing behind', { timeout: 400_000 }, async () => {
  const run = demo();
  const code = await run.ended;
  const printed = run.printed();
  expect(code, printed.slice(-4000)).toBe(0);

  expect(printed).toContain('engine: enforce apply (chosen)');
  const steps = [...printed.matchAll(/^── (ws-acme[^(:\n]*)/gm)].map(([, step = '']) => step.trim());
  expect(steps).toEqual([
    'ws-acme at routing',
    ...['authz', 'identity', 'allowlist', 'enforced'].map((level) => `ws-acme up to ${level}`),
    'ws-acme rolled back',
    'ws-acme rolled back',
    'ws-acme rolled back',
    'ws-acme rolled back',
    'ws-acme up again',
  ]);
  const scores = [...printed.matchAll(/(\d+) of (\d+) refused, (\d+) of (\d+) permitted/g)];
  expect(scores).toHaveLength(steps.length);
  for (const [, refused, tried, permitted, neighbours] of scores) {
    expect([refused, permitted]).toEqual([tried, neighbours]);
  }
  expect(printed).toContain('ws-globex is as it was: no object of it changed.');

  const times = printed.slice(printed.indexOf('Time to effect')).split('\n');
  const effects = times
    .filter((line) => / egress +(open|closed) /.test(line))
    .map((line) =>
      line
        .trim()
        .split(/\s{2,}/)
        .slice(0, 3),
    );
  expect(effects).toEqual([
    ['up to enforced', 'egress', 'closed'],
    ...['1', '2', '3', 'full'].map((to) => [`rollback --to ${to}`, 'egress', 'open']),
    ['rollback --undo', 'egress', 'closed'],
  ]);
  expect(printed.trimEnd().split('\n').at(-1)).toMatch(/^demo done in [\d.]+ s$/);
  expect(leftovers(run)).toEqual([]);

  const answered = [...printed.matchAll(/^ {2}\$ enforce (\S+)[^$]*?exit code (\d+):/gm)].map(([, ...found]) => found);
  expect(answered).toEqual([
    ...['prove', 'verify', 'gate', 'audit', 'report'].map((command) => [command, '10']),
    ['report', '0'],
  ]);
  expect(printed).toMatch(/guards: (\d+) of \1 pass/);
  const made = join(folder, '0', 'report');
  expect(readFileSync(join(made, 'report.html'), 'utf8')).toContain('ws-acme');
  expect(readFileSync(join(made, 'report.pdf')).subarray(0, 5).toString()).toBe('%PDF-');
});

it('Ctrl-C ends the lab and removes its folder', { timeout: 200_000 }, async () => {
  const run = demo();
  await run.until(() => run.printed().includes('── ws-acme at routing'));
  run.process.kill('SIGINT');
  expect(await run.ended).toBe(8);
  expect(run.printed()).toContain('stopped by SIGINT; the lab has been ended');
  expect(leftovers(run)).toEqual([]);
});

it('a request to end while the lab is starting leaves nothing either', { timeout: 120_000 }, async () => {
  const run = demo();
  await run.until(() => readdirSync(run.temporary).some((name) => name.startsWith('portarium-lab-')));
  run.process.kill('SIGTERM');
  expect(await run.ended).toBe(8);
  // The lab ends with the process that started it.
  await vi.waitUntil(() => leftovers(run).length === 0, { timeout: 30_000, interval: 200 });
});
