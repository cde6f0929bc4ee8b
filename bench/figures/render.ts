import type { Measured } from '../cases.js';
import { child, cpu, growth, inTurn, peakOf } from './child.js';
import { median, type Figure, type Part } from './figure.js';

/** How far past the target the baseline may go before it is given up. */
const ENOUGH = 1.25;
/** At this many workspaces both sides finish soon, so here they are compared object by object. */
const COMPARED = 200;

/** Rendering: one workspace, and a thousand in one process; the baseline is one cdk8s app with a chart per workspace. */
export const renderFigures: Part = (runs, full) => {
  compareBoth();
  const [one, yaml, files] = inTurn(runs, [
    ['one', 0],
    ['yaml', 0],
    ['files', 0],
  ]);
  const [hundred, thousand] = inTurn(runs, [
    ['ours', 100],
    ['ours', 1000],
  ]);
  const grown = growth(thousand, hundred);
  const peak = peakOf(thousand);
  return [
    {
      figure: 'render one workspace, warm, objects in memory',
      measured: `${cpu(one).toFixed(2)} ms CPU`,
      target: '<= 5 ms',
      met: cpu(one) <= 5,
    },
    { figure: '  with YAML text', measured: `${cpu(yaml).toFixed(2)} ms CPU`, target: '' },
    { figure: '  with YAML text and files', measured: `${cpu(files).toFixed(2)} ms CPU`, target: '' },
    {
      figure: 'render 1,000 workspaces against 100',
      measured: `${grown.toFixed(1)} x (${cpu(thousand).toFixed(0)} ms CPU)`,
      target: '<= 11 x',
      met: grown <= 11,
    },
    {
      figure: 'resident at 1,000 workspaces, peak',
      measured: `${peak.toFixed(0)} MB`,
      target: '<= 256 MB',
      met: peak <= 256,
    },
    against(1600, 5, runs, full),
    // The baseline takes minutes here, and four times as long for twice the workspaces: once is enough.
    against(3200, 8, 1, full),
  ];
};

function against(count: number, target: number, runs: number, full: boolean): Figure {
  const pairs = Array.from({ length: runs }, (_each, run) => {
    process.stderr.write(`run ${run + 1} of ${runs}: ours and one app, of ${count}\n`);
    const mine = child('ours', count);
    return { mine, theirs: child('oneApp', count, full ? Infinity : mine.cpu * target * ENOUGH) };
  });
  const stopped = pairs.some(({ theirs }) => theirs.digest === undefined);
  if (pairs.some(({ mine, theirs }) => theirs.digest !== undefined && theirs.digest !== mine.digest)) differ(count);
  const ratio = median(pairs.map(({ mine, theirs }) => theirs.cpu / mine.cpu));
  const seconds = (of: readonly Measured[]): string => (cpu(of) / 1000).toFixed(1);
  const [theirs, mine] = [seconds(pairs.map((pair) => pair.theirs)), seconds(pairs.map((pair) => pair.mine))];
  return {
    figure: `one cdk8s app with a chart per workspace, against ours, ${count}`,
    measured: `${stopped ? '> ' : ''}${ratio.toFixed(1)} x (${theirs} s${stopped ? ', given up' : ''}, ${mine} s CPU)`,
    target: `>= ${target} x`,
    met: ratio >= target,
  };
}

function compareBoth(): void {
  if (child('ours', COMPARED).digest !== child('oneApp', COMPARED).digest) differ(COMPARED);
}

function differ(count: number): never {
  throw new Error(`both sides must write the same objects, but they differ at ${count} workspaces.`);
}
