import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Measured } from '../cases.js';
import { median, type Figure } from './figure.js';

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

/** Megabytes at the most, in any of the runs. */
export const peakOf = (...cases: readonly (readonly Measured[] | undefined)[]): number =>
  Math.max(...cases.flatMap((runs = []) => runs.map(({ peak }) => peak)));

/** How a case grows from 1,000 pods by 2,000 to 4,000, against n log n. */
export function growthFigure(
  small?: readonly Measured[],
  middle?: readonly Measured[],
  large?: readonly Measured[],
): Figure {
  const grown = growth(large, small);
  const allowed = (4000 * Math.log(4000)) / (1000 * Math.log(1000));
  return {
    figure: '  4,000 pods against 1,000 (2,000 against 1,000)',
    measured: `${grown.toFixed(1)} x (${growth(middle, small).toFixed(1)} x)`,
    target: `<= ${allowed.toFixed(1)} x (n log n)`,
    met: grown <= allowed,
  };
}
