import { agentActions } from './agent-actions.js';
import type { Entry } from './entry.js';
import type { Frame } from './frame.js';
import type { Run } from './run.js';

/** The log by what it is evidence of. */
export interface Evidence {
  /** In the chain's order. */
  of(run: Run): readonly Entry[];
  /** Runs that the frame's source does not know, each with the id of an entry from before the frame that names it. */
  readonly unknown: ReadonlyMap<string, string>;
  /** Ids of all proposed actions. */
  readonly proposed: ReadonlySet<string>;
  /** Proposed actions that are neither runs of that source nor in the course of one. */
  readonly actions: readonly Run[];
}

/**
 * An entry is evidence of the run that it names, else of the run of its approval, else of the run with its correlation id;
 * and what is evidence of an action that was proposed in the course of a run is evidence of the run.
 *
 * @param ordered in the chain's order
 */
export function evidenceOf(frame: Frame, ordered: readonly Entry[]): Evidence {
  const known = new Set([...frame.runs, ...frame.unended].map(({ runId }) => runId).concat(frame.outside));
  const correlated = new Map<string, string>();
  for (const { runId, correlationId } of frame.runs)
    if (correlationId !== undefined) correlated.set(correlationId, runId);
  const approvals = new Map<string, string>();
  const proposed = new Set<string>();
  const within = new Map<string, string>();
  for (const { runId, approvalId, proposal, correlationId } of ordered) {
    if (runId === undefined) continue;
    if (approvalId !== undefined) approvals.set(approvalId, runId);
    if (proposal === undefined) continue;
    proposed.add(runId);
    const run = correlated.get(correlationId ?? '');
    if (run !== undefined && !known.has(runId)) within.set(runId, run);
  }
  const byRun = new Map<string, Entry[]>();
  const unknown = new Map<string, string>();
  for (const entry of ordered) {
    const named = entry.runId ?? approvals.get(entry.approvalId ?? '');
    const runId = within.get(named ?? '') ?? named ?? correlated.get(entry.correlationId ?? '');
    if (runId === undefined) continue;
    const of = byRun.get(runId);
    if (of === undefined) byRun.set(runId, [entry]);
    else of.push(entry);
    if (known.has(runId) || proposed.has(runId) || Date.parse(entry.at) >= Date.parse(frame.takenAt)) continue;
    unknown.set(runId, entry.id);
  }
  return {
    of: ({ runId }) => byRun.get(runId) ?? [],
    unknown,
    proposed,
    actions: agentActions(frame, ordered, new Set([...known, ...within.keys()])),
  };
}
