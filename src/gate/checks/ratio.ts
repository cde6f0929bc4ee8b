import type { Finding } from '../../model/check.js';
import { Doubt, type Series } from '../answer.js';
import type { Evidence } from '../evidence.js';
import { wanted, within, type Subject } from '../question.js';
import { judged, timeText, type Judgement } from './judgement.js';
import { passing } from './pass.js';

/** Runbook Phase 3 step 4 and Phase 4 step 5, item 5: what the ratio was at every instant of the window. */
export const ratio = (evidence: Evidence, { workspaceId }: Subject): Judgement =>
  judged('ratio', () => {
    const { gate, names } = evidence.question;
    const max = evidence.count('ratioMax', workspaceId, 1);
    const points = evidence.points('ratioPoints', workspaceId);
    const bad = points.filter(([, value]) => !within(gate, value));
    if (bad.some(([, value]) => value > max))
      throw new Doubt('the server contradicts itself: a point lies above the maximum.');
    const must = `and must be ${wanted(gate)} throughout`;
    if (within(gate, max) && bad.length === 0)
      return { check: passing('ratio', `${names.directRatio} was at most ${max}, ${must}`) };
    const last = bad.at(-1)?.[0];
    return {
      check: {
        name: 'ratio',
        verdict: 'fail',
        note: `${names.directRatio} went up to ${max}, ${must}`,
        findings: runs(bad, evidence.question.step).map((run) =>
          finding(run, `${names.directRatio} of ${workspaceId}`),
        ),
      },
      restart: { ...(last !== undefined && { at: last }), why: `the ratio was not ${wanted(gate)}` },
    };
  });

/** Points that follow each other without a gap, together. */
function runs(points: Series['points'], step: number): readonly Series['points'][] {
  const found: (readonly [number, number])[][] = [];
  for (const point of points) {
    const run = found.at(-1);
    if (run !== undefined && point[0] - run.at(-1)![0] === step) run.push(point);
    else found.push([point]);
  }
  return found.slice(-20);
}

const finding = (run: Series['points'], object: string): Finding => ({
  object,
  problem: `was up to ${Math.max(...run.map(([, value]) => value))} from ${timeText(run[0]![0])} to ${timeText(run.at(-1)![0])}`,
});
