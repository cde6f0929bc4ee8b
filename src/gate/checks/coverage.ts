import { inconclusive, type Finding } from '../../model/check.js';
import { formatDuration } from '../../model/duration.js';
import { Doubt } from '../answer.js';
import type { Evidence } from '../evidence.js';
import type { Subject } from '../question.js';
import { attempt, counted, judged, percent, timeText, type Judgement, type Restart } from './judgement.js';
import { passing } from './pass.js';

/** A stretch without a value, both ends within it, in seconds since 1970. */
interface Gap {
  readonly from: number;
  readonly to: number;
}

/** As many as a reader looks at. */
const LISTED = 20;
/** How old the newest sample may be, in steps. */
const FRESH = 2;

/**
 * Whether the ratio was seen throughout. Samples alone count NaN; looked at step by step, Prometheus hides gaps of up to
 * five minutes behind the last value: the smaller of both counts.
 */
export const coverage = (evidence: Evidence, { workspaceId }: Subject): Judgement =>
  judged('coverage', () => {
    const { at, window, step, names, criteria } = evidence.question;
    const slots = window / step;
    // The window of Prometheus 2 is closed at both ends. More samples mean that they are recorded more often than said,
    // and that there may be as many with half of them missing.
    const sampled = evidence.count('ratioSampled', workspaceId, slots + 1);
    const points = evidence.points('ratioPoints', workspaceId);
    const series = evidence.count('ratioSeries', workspaceId);
    if (series !== 1) {
      throw new Doubt(
        `${series} series of ${names.directRatio} in the window, where one is expected: replicas that are not merged, or two sources.`,
      );
    }
    const seen = Math.min(sampled, points.length, slots);
    const gaps = gapsOf(
      evidence,
      points.map(([time]) => time),
    );
    const findings = gaps
      .slice(-LISTED)
      .map((gap): Finding => gapFinding(gap, step, `${names.directRatio} of ${workspaceId}`));
    const share = seen / slots;
    const note = `${seen} of ${slots} samples (${percent(share)}) are there and are numbers`;
    const first = points[0]?.[0];
    const last = attempt(() => evidence.one('ratioLast', workspaceId));
    const restart = { restart: restartOf(gaps, evidence) };
    if (first !== undefined && first > at - window + FRESH * step && share < criteria.coverage) {
      return {
        check: inconclusive(
          'coverage',
          `${note}: the oldest is of ${timeText(first)}, and the window begins at ${timeText(at - window)}. The series is younger, or the server keeps less (retention).`,
          findings,
        ),
        ...restart,
      };
    }
    if (share < criteria.coverage) {
      return {
        check: inconclusive('coverage', `${note}, fewer than ${percent(criteria.coverage)}`, findings),
        ...restart,
      };
    }
    if (typeof last !== 'number' || at - last > FRESH * step) {
      const newest = typeof last === 'number' ? last : points.at(-1)?.[0];
      const age = newest === undefined ? 'none is known' : `the newest is of ${timeText(newest)}`;
      return { check: inconclusive('coverage', `${note}, but ${age}: the ratio is stale`, findings), ...restart };
    }
    return {
      check: passing(
        'coverage',
        gaps.length === 0 ? note : `${note}; ${counted(gaps.length, 'gap')}, the longest ${longest(gaps, step)}`,
      ),
    };
  });

function gapsOf({ question: { at, window, step } }: Evidence, times: readonly number[]): readonly Gap[] {
  const gaps: Gap[] = [];
  let next = at - window + step;
  for (const time of [...times, at + step]) {
    if (time > next) gaps.push({ from: next, to: time - step });
    next = time + step;
  }
  return gaps;
}

const lengthOf = ({ from, to }: Gap, step: number): number => to - from + step;

const longest = (gaps: readonly Gap[], step: number): string =>
  formatDuration(Math.max(...gaps.map((gap) => lengthOf(gap, step))) * 1000);

const gapFinding = (gap: Gap, step: number, object: string): Finding => ({
  object,
  problem: `has no value from ${timeText(gap.from)} to ${timeText(gap.to)}, ${formatDuration(lengthOf(gap, step) * 1000)}`,
});

/** The window that begins after it has no more gaps than are allowed. */
function restartOf(gaps: readonly Gap[], { question: { window, step, criteria } }: Evidence): Restart {
  let allowed = window * (1 - criteria.coverage);
  for (const gap of gaps.toReversed()) {
    if (lengthOf(gap, step) > allowed) return { at: gap.to, slack: allowed, why: 'the ratio was not seen' };
    allowed -= lengthOf(gap, step);
  }
  return { why: 'the ratio was not seen' };
}
