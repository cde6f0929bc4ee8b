import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Measured } from '../cases.js';
import { median } from './figure.js';

const CASE = fileURLToPath(new URL('../case.js', import.meta.url));

/** Runs one case in a process of its own. @param limit milliseconds of CPU after which it gives up */
export function child(name: string, count = 0, limit = Infinity): Measured {
  const { stdout, stderr, status } = spawnSync(process.execPath, [CASE, name, String(count), String(limit)], {
    encoding: 'utf8',
    maxBuffer: 1 << 24,
  });
  if (status !== 0) throw new Error(`case ${name} ${count} failed:\n${stderr}`);
  return JSON.parse(stdout) as Measured;
}

/** Runs the cases in turn, A B A B …, so that a machine that slows down slows all of them. */
export function inTurn(runs: number, cases: readonly (readonly [string, number])[]): readonly (readonly Measured[])[] {
  const results: Measured[][] = cases.map(() => []);
  for (let run = 0; run < runs; run += 1) {
    cases.forEach(([name, count], index) => {
      process.stderr.write(`run ${run + 1} of ${runs}: ${name}${count > 0 ? ` of ${count}` : ''}\n`);
      results[index]?.push(child(name, count));
    });
  }
  return results;
}

export const cpu = (runs: readonly Measured[] = []): number => median(runs.map((run) => run.cpu));

/** How the CPU of one case compares with that of another, run by run. */
export const growth = (of: readonly Measured[] = [], to: readonly Measured[] = []): number =>
  median(of.map((run, index) => run.cpu / (to[index]?.cpu ?? NaN)));

/** What n log n allows 4,000 to cost against 1,000. */
export const N_LOG_N = (4000 * Math.log(4000)) / (1000 * Math.log(1000));
