import { parseArgs } from 'node:util';
import { table } from '../src/cli/output.js';
import { auditFigures } from './figures/audit.js';
import { authorizerFigures } from './figures/authorizer.js';
import type { Figure, Part } from './figures/figure.js';
import { frontFigures } from './figures/front.js';
import { gateFigures } from './figures/gate.js';
import { proveFigures } from './figures/prove.js';
import { reachFigures } from './figures/reach.js';
import { renderFigures } from './figures/render.js';
import { reportFigures } from './figures/report.js';

/** The parts by name, in the order in which they run. Those after `audit` need the lab's servers. */
const PARTS: Readonly<Record<string, Part>> = {
  render: renderFigures,
  reach: reachFigures,
  prove: proveFigures,
  audit: auditFigures,
  gate: gateFigures,
  report: reportFigures,
  front: frontFigures,
  authorizer: authorizerFigures,
};

/**
 * `npm run bench`: the figures as medians over processes of their own, ratios against a baseline run side by side in
 * turn. `--json` for machines, `--runs N` for more of them, `--only PART` for one part. Exit code 1 when a target is
 * missed, 2 when the command line is wrong. The baseline of `render` takes minutes: it is given up once it is a quarter
 * past the target, and the ratio is then a lower bound; `--full` lets it finish.
 */
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
    runs: { type: 'string', default: '3' },
    only: { type: 'string' },
  },
});
const runs = Number(values.runs);
const wanted = values.only === undefined ? Object.keys(PARTS) : [values.only];
if (!(runs >= 1) || !wanted.every((name) => Object.hasOwn(PARTS, name))) {
  process.stderr.write(`--runs takes a number from 1, --only one of ${Object.keys(PARTS).join(', ')}.\n`);
  process.exit(2);
}

const results: Figure[] = [];
for (const name of wanted) results.push(...(await PARTS[name]!(runs, values.full)));
if (values.json) process.stdout.write(`${JSON.stringify({ runs, results }, null, 2)}\n`);
else {
  const verdict = ({ met }: Figure): string => (met === undefined ? '' : met ? 'ok' : 'MISSED');
  const rows = results.map((each) => [each.figure, each.measured, each.target, verdict(each)]);
  process.stdout.write(`${table([['figure', 'median', 'target', ''], ...rows])}\n`);
}
if (results.some(({ met }) => met === false)) process.exitCode = 1;
