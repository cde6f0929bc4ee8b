import { inconclusive, type Check } from '../../model/check.js';
import { formatDuration } from '../../model/duration.js';
import type { Evidence } from '../evidence.js';
import { ENFORCEMENT_WINDOW } from '../question.js';
import { judged, sentence } from './judgement.js';

/** Checks of the pass itself, the same for every workspace: whether the server is to be believed. */
export const passChecks = (evidence: Evidence): readonly Check[] => [
  answers(evidence),
  clock(evidence),
  build(evidence),
  ...tooShort(evidence),
];

/** The command refuses such a window; an answer that was made otherwise is no pass either. */
const tooShort = ({ question: { gate, window } }: Evidence): readonly Check[] =>
  gate === 'enforcement' && window < ENFORCEMENT_WINDOW
    ? [inconclusive('window', `${formatDuration(window * 1000)} prove nothing: the runbook wants 48 hours and more`)]
    : [];

function answers(evidence: Evidence): Check {
  const doubts = evidence.doubts();
  const note = `${evidence.queries} queries at ${new Date(evidence.question.at * 1000).toISOString()}`;
  if (doubts.length === 0) return { name: 'answers', verdict: 'pass', note, findings: [] };
  const [first] = doubts;
  if (doubts.every(({ why }) => why === first?.why)) return inconclusive('answers', sentence(first?.why ?? ''));
  return inconclusive(
    'answers',
    `${doubts.length} of ${note} say nothing`,
    doubts.map(({ name, query, why }) => ({ object: name, found: query, problem: `says nothing: ${why}` })),
  );
}

const clock = (evidence: Evidence): Check =>
  judged('clock', () => {
    const { skew, within } = evidence.clock();
    const most = evidence.question.criteria.clockSkew;
    const note = `the server’s clock is ${Math.abs(skew).toFixed(1)} s ${skew < 0 ? 'behind' : 'ahead of'} ours, give or take ${within.toFixed(1)} s`;
    // What is not known of it counts against it.
    const good = Math.abs(skew) + within <= most;
    return {
      check: good
        ? passing('clock', note)
        : inconclusive('clock', `${note}: more than ${most} s. Set both clocks, by NTP for one.`),
    };
  }).check;

const build = (evidence: Evidence): Check =>
  judged('server', () => ({ check: passing('server', `build ${evidence.build()}`) })).check;

export const passing = (name: string, note: string): Check => ({ name, verdict: 'pass', note, findings: [] });
