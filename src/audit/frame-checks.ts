import { inconclusive, type Check, type Finding } from '../model/check.js';
import { LONG } from './agent-actions.js';
import type { AuditInputs } from './inputs.js';
import type { Evidence } from './evidence.js';
import { judged } from './findings.js';

/** Whether all runs could be drawn. */
export function frameChecks(
  { frame, entries, lost }: AuditInputs,
  { unknown, proposed, actions }: Evidence,
): readonly Check[] {
  const taken = Date.parse(frame.takenAt);
  const stuck = frame.unended.filter(({ at }) => at === undefined || taken - Date.parse(at) > LONG);
  const doubts = [
    ...frame.doubts.map((problem): Finding => ({ object: 'frame', problem })),
    ...frame.unstored
      .filter((runId) => !proposed.has(runId))
      .map((runId): Finding => ({
        object: `run ${runId}`,
        problem: 'is not in the run store, and no proposed action',
      })),
  ];
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
    judged(
      'proposed actions',
      actions.map(({ runId }) => ({ object: `action ${runId}`, problem: 'is known from its own evidence alone' })),
      'inconclusive',
      {
        good: 'every action that the log says was proposed is one of the frame’s, or in the course of one',
        bad: 'agents proposed actions that are no runs: all of them are looked at, but one that left no entry is not missed. List them with --runs-from, by proposal id',
      },
    ),
  ];
}
