import type { Entry } from './entry.js';
import { absent, denies, isActor, present, unrequired, unverifiable, type ItemState } from './item-state.js';
import type { Run } from './run.js';

/**
 * Whether a person decided where one had to: from tier HumanApprove on (upstream), and where the policy said so.
 *
 * @param entries of the run, in the chain's order
 */
export function approvalOf(run: Run, entries: readonly Entry[]): ItemState {
  const needed = entries.some(({ decision }) => decision === 'needs-approval') || demands(run);
  const executions = entries.filter(({ outcome }) => outcome === 'succeeded');
  if (executions.length > 0) {
    const states = executions.map((execution) => ofExecution({ run, execution, needed, entries, executions }));
    return (
      states.find(({ state }) => state === 'absent') ?? states.find(({ state }) => state !== 'present') ?? states[0]!
    );
  }
  if (entries.some(({ approval }) => approval !== undefined)) return present('was decided by a person');
  if (needed === undefined) return unverifiable('is known without its tier');
  if (!needed) return unrequired(`needs none at tier ${run.tier}`);
  return denies(entries) || run.status === 'Cancelled'
    ? unrequired('ended before a person had to decide')
    : absent('has no decision of a person, which its tier demands');
}

const demands = ({ tier }: Run): boolean | undefined =>
  tier === undefined ? undefined : tier === 'HumanApprove' || tier === 'ManualOnly';

interface Execution {
  readonly run: Run;
  readonly execution: Entry;
  readonly needed: boolean | undefined;
  readonly entries: readonly Entry[];
  readonly executions: readonly Entry[];
}

function ofExecution({ run, execution, needed, entries, executions }: Execution): ItemState {
  const { approvalId } = execution;
  const decisions = entries.filter(
    (each) => each.approval !== undefined && (approvalId === undefined || each.approvalId === approvalId),
  );
  if (approvalId === undefined && executions.length > 1 && decisions.length > 0)
    return unverifiable('has several actions, and does not say which of them a person decided on');
  const before = decisions.filter((each) => entries.indexOf(each) < entries.indexOf(execution));
  if (before.some(({ approval }) => approval === 'denied')) return absent('was executed though a person denied it');
  const granted = before.find(({ approval }) => approval === 'granted');
  if (granted !== undefined) return byWhom(granted, run);
  if (decisions.length > 0) return absent('was decided by a person only after it was executed');
  if (needed === undefined) return unverifiable('is known without its tier');
  return needed
    ? absent('has no decision of a person, which its tier demands')
    : unrequired(`needs none at tier ${run.tier}`);
}

/** Nobody decides on what they began. */
function byWhom({ actor }: Entry, { initiator }: Run): ItemState {
  if (actor === undefined || actor === 'System') return absent('was approved by nobody in particular');
  if (initiator === undefined) return unverifiable('is known without who began it, who may not approve');
  return isActor(actor, initiator)
    ? absent('was approved by who began it')
    : present('was approved before it was executed, by another than who began it');
}
