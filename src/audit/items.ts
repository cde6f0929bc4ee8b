import { approvalOf } from './approval-item.js';
import type { Entry } from './entry.js';
import { absent, denies, isActor, present, unrequired, unverifiable, type ItemState } from './item-state.js';
import type { Run } from './run.js';

/** Phase 3 step 3, in its order. */
export const ITEMS = ['initiator', 'action', 'policy', 'approval', 'execution', 'correlation', 'trace'] as const;
export type Item = (typeof ITEMS)[number];

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
