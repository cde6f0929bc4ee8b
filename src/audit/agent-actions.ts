import type { Entry } from './entry.js';
import type { Frame } from './frame.js';
import type { Run } from './run.js';

/** Milliseconds after which what has not ended is no longer taken for something that goes on. */
export const LONG = 24 * 3_600_000;

/**
 * Actions that agents proposed (upstream's `agent-actions:propose`), which are no runs of the run store: known from their own
 * entry alone, so that one which left none is not missed. Those that may still go on are left out.
 *
 * @param ordered entries in the chain's order
 * @param known ids of the frame's source
 */
export function agentActions(frame: Frame, ordered: readonly Entry[], known: ReadonlySet<string>): readonly Run[] {
  const ended = new Set(ordered.filter(hasEnded).map(({ runId }) => runId));
  const { from, until } = frame.window;
  const taken = Date.parse(frame.takenAt);
  const found = new Map<string, Run>();
  for (const { runId, proposal, at, actor, correlationId, tier } of ordered) {
    if (proposal === undefined || runId === undefined || known.has(runId) || found.has(runId)) continue;
    const time = Date.parse(at);
    if (time >= taken || (from !== undefined && time < Date.parse(from))) continue;
    if ((until !== undefined && time >= Date.parse(until)) || !(ended.has(runId) || taken - time > LONG)) continue;
    const initiator = actor?.slice(actor.indexOf(':') + 1);
    found.set(runId, {
      runId,
      at,
      ...(initiator !== undefined && { initiator }),
      ...(correlationId !== undefined && { correlationId }),
      ...(tier !== undefined && { tier }),
    });
  }
  return [...found.values()];
}

const hasEnded = ({ outcome, decision, approval }: Entry): boolean =>
  outcome !== undefined || decision === 'deny' || approval === 'denied';
