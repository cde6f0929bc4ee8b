import type { Entry } from './entry.js';
import type { Run } from './run.js';

/** Phase 3 step 3, in its order. */
export const ITEMS = ['initiator', 'action', 'policy', 'approval', 'execution', 'correlation', 'trace'] as const;
export type Item = (typeof ITEMS)[number];

export const STATES = ['present', 'absent', 'not-verifiable', 'not-required'] as const;

/** `absent` also where the evidence says otherwise than the run. */
export interface ItemState {
  readonly state: (typeof STATES)[number];
  /** As the end of a sentence about the run. */
  readonly why: string;
}

const present = (why: string): ItemState => ({ state: 'present', why });
const absent = (why: string): ItemState => ({ state: 'absent', why });
const unverifiable = (why: string): ItemState => ({ state: 'not-verifiable', why });
const unrequired = (why: string): ItemState => ({ state: 'not-required', why });

/** @param entries of the run, in the chain's order */
export function itemsOf(run: Run, entries: readonly Entry[]): Readonly<Record<Item, ItemState>> {
  if (entries.length === 0) {
    const nothing = absent('has no entry in the evidence log');
    return Object.fromEntries(ITEMS.map((item) => [item, nothing])) as Record<Item, ItemState>;
  }
  return {
    initiator: initiatorOf(run, entries),
    action: actionOf(entries),
    policy: policyOf(run, entries),
    approval: approvalOf(run, entries),
    execution: executionOf(run, entries),
    correlation: correlationOf(run, entries),
    trace: traceOf(entries),
  };
}

function initiatorOf({ initiator }: Run, entries: readonly Entry[]): ItemState {
  if (initiator === undefined) return unverifiable('is known without who began it');
  return entries.some(({ actor }) => isActor(actor, initiator))
    ? present('names who began it')
    : absent('has no entry by who began it');
}

const isActor = (actor: string | undefined, subject: string): boolean =>
  ['User', 'Machine', 'Adapter'].some((kind) => actor === `${kind}:${subject}`);

function actionOf(entries: readonly Entry[]): ItemState {
  if (entries.some(({ action }) => action === 'pinned')) return present('has its action, and its parameters by hash');
  return entries.some(({ action }) => action === 'named')
    ? unverifiable('has its action, but parameters only elsewhere, without a hash in the log')
    : absent('has no entry about an action');
}

function policyOf({ tier }: Run, entries: readonly Entry[]): ItemState {
  const policies = entries.filter(({ category }) => category === 'Policy' || category === 'PolicyViolation');
  if (policies.length === 0) return absent('has no policy evaluation');
  const decided = policies.filter(({ decision }) => decision !== undefined);
  if (decided.length === 0) return unverifiable('has a policy evaluation whose decision cannot be read');
  const claimed = decided.map((entry) => entry.tier).filter((each) => each !== undefined);
  if (tier !== undefined && claimed.some((each) => each !== tier))
    return absent(`was evaluated at tier ${claimed.find((each) => each !== tier)}, and ran at ${tier}`);
  return claimed.length === decided.length
    ? present('has decision and tier')
    : unverifiable('has a decision, but the log does not say at which tier');
}

/** Upstream: a person's decision is needed from HumanApprove on. */
function approvalOf(run: Run, entries: readonly Entry[]): ItemState {
  const asked = entries.some(({ decision }) => decision === 'needs-approval');
  const needed =
    asked || (run.tier === undefined ? undefined : run.tier === 'HumanApprove' || run.tier === 'ManualOnly');
  const decisions = entries.filter(({ approval }) => approval !== undefined);
  const executions = entries.filter(({ outcome }) => outcome === 'succeeded');
  if (executions.length > 0) {
    const states = executions.map((execution) => approvalOfExecution(run, execution, needed, entries));
    return (
      states.find(({ state }) => state === 'absent') ?? states.find(({ state }) => state !== 'present') ?? states[0]!
    );
  }
  if (decisions.length > 0) return present('was decided by a person');
  if (needed === undefined) return unverifiable('is known without its tier');
  if (!needed) return unrequired(`needs none at tier ${run.tier}`);
  return denies(entries) || run.status === 'Cancelled'
    ? unrequired('ended before a person had to decide')
    : absent('has no decision of a person, which its tier demands');
}

function approvalOfExecution(
  { initiator, tier }: Run,
  execution: Entry,
  needed: boolean | undefined,
  entries: readonly Entry[],
): ItemState {
  const before = entries.slice(0, entries.indexOf(execution));
  const ofIt = ({ approval, approvalId }: Entry): boolean =>
    approval !== undefined && [approvalId, undefined].includes(execution.approvalId ?? approvalId);
  const decisions = before.filter(ofIt);
  if (decisions.some(({ approval }) => approval === 'denied')) return absent('was executed though a person denied it');
  const granted = decisions.find(({ approval }) => approval === 'granted');
  if (granted === undefined) {
    if (entries.some(ofIt)) return absent('was decided by a person only after it was executed');
    if (needed === undefined) return unverifiable('is known without its tier');
    return needed
      ? absent('has no decision of a person, which its tier demands')
      : unrequired(`needs none at tier ${tier}`);
  }
  if (granted.actor === undefined || granted.actor === 'System') return absent('was approved by nobody in particular');
  if (initiator === undefined) return unverifiable('is known without who began it, who may not approve');
  return isActor(granted.actor, initiator)
    ? absent('was approved by who began it')
    : present('was approved before it was executed, by another than who began it');
}

const denies = (entries: readonly Entry[]): boolean => entries.some(({ decision }) => decision === 'deny');

function executionOf({ status }: Run, entries: readonly Entry[]): ItemState {
  const outcomes = entries.map(({ outcome }) => outcome).filter((each) => each !== undefined);
  if (outcomes.includes('succeeded') && denies(entries)) {
    return entries.some(({ decision }) => decision === 'allow' || decision === 'needs-approval')
      ? unverifiable('has allowed and denied actions, and does not say which was executed')
      : absent('was executed though the policy denied it');
  }
  const last = outcomes.at(-1);
  if (status === 'Succeeded' && last === 'failed') return absent('says that it succeeded, the evidence that it failed');
  if (status === 'Failed' && last === 'succeeded') return absent('says that it failed, the evidence that it succeeded');
  if (last !== undefined)
    return status === undefined
      ? unverifiable('has a result, but the run’s own is not known')
      : present('has a result');
  if (status === 'Cancelled') {
    return entries.some(({ category }) => category === 'System' || category === 'Action')
      ? present('was cancelled')
      : absent('was cancelled without an entry');
  }
  if (denies(entries) && status !== 'Succeeded') return unrequired('was denied, and not executed');
  return absent('has no result of its execution');
}

function correlationOf({ correlationId, runId }: Run, entries: readonly Entry[]): ItemState {
  if (entries.some((entry) => entry.correlationId === undefined)) return absent('has an entry without correlation id');
  if (correlationId === undefined) return unverifiable('is known without its correlation id');
  return entries.some((entry) => entry.correlationId === correlationId && entry.runId === runId)
    ? present('is linked by run and correlation id')
    : absent('has no entry with both its id and its correlation id');
}

function traceOf(entries: readonly Entry[]): ItemState {
  if (entries.some(({ trace }) => trace === 'invalid')) return absent('has a traceparent that is none');
  return entries.some(({ trace }) => trace === 'valid')
    ? present('has a W3C trace context')
    : unverifiable('has no trace context in the log; upstream’s entries carry none');
}
