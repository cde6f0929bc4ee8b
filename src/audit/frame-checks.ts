import { inconclusive, type Check, type Finding } from '../model/check.js';
import type { AuditInputs } from './evaluate.js';
import { judged } from './findings.js';

/** Milliseconds after which a run that has not ended is no longer taken for one that goes on. */
const LONG = 24 * 3_600_000;

/**
 * Whether all runs could be drawn.
 *
 * @param unknown runs that the frame's source does not know, each with the id of an entry that names it
 */
export function frameChecks(
  { frame, entries, lost }: AuditInputs,
  unknown: ReadonlyMap<string, string>,
): readonly Check[] {
  const taken = Date.parse(frame.takenAt);
  const stuck = frame.unended.filter(({ at }) => at === undefined || taken - Date.parse(at) > LONG);
  const doubts = frame.doubts.map((problem): Finding => ({ object: 'frame', problem }));
  return [
    frame.count === 0
      ? inconclusive('frame', 'no run has ended in the window: there is nothing to audit', doubts)
      : judged('frame', doubts, 'inconclusive', {
          good: `${frame.count} ended runs, of ${frame.source}; sha256 of their ids ${frame.sha256}`,
          bad: 'it may not hold every run',
        }),
    judged(
      'unended runs',
      stuck.map(({ runId, status }) => ({ object: `run ${runId}`, found: status, problem: 'has not ended for a day' })),
      'inconclusive',
      {
        good: `${frame.unended.length} runs have not ended, none of them for a day; they are not drawn from`,
        bad: `${stuck.length} runs never end, so they are never audited`,
      },
    ),
    judged(
      'runs of the evidence log',
      [
        ...[...unknown].map(([runId, entry]) => ({
          object: `run ${runId}`,
          found: entry,
          problem: 'has evidence, and the source of the frame does not know it',
        })),
        ...lost.map((runId) => ({
          object: `run ${runId}`,
          problem: 'is in the frame, and its source no longer knows it',
        })),
      ],
      'fail',
      {
        good: `all runs that ${entries.length} entries name are known`,
        bad: 'runs are missing where the frame comes from',
      },
    ),
  ];
}
