import { describe, expect, it } from 'vitest';
import { entryOf, type Run } from '../../src/audit/index.js';
import { itemsOf, type Item } from '../../src/audit/items.js';
import { entriesOfRun, omit, runDocument, runOf, WORKSPACE, type Document } from './log.js';

/** Begun by sales-bot at HumanApprove, and succeeded: policy, approval, execution. */
const document = runDocument(2);
const run = runOf(document);
const entries = entriesOfRun(document, 2);

/** @param change of the entry in that place, or null to leave it out */
async function states(item: Item, changes: Readonly<Record<number, Document | null>> = {}, more: Partial<Run> = {}) {
  const changed = entries.flatMap((entry, index) => (changes[index] === null ? [] : [{ ...entry, ...changes[index] }]));
  const read = await Promise.all(changed.map((each) => entryOf(each, WORKSPACE)));
  const { state, why } = itemsOf({ ...run, ...more }, read)[item];
  return `${state}: ${why}`;
}
const unknown = (member: keyof Run): Partial<Run> => ({ [member]: undefined });
const by = (userId: string): Document => ({ actor: { kind: 'User', userId } });

describe('itemsOf', () => {
  it.each<[Item, string]>([
    ['initiator', 'present: names who began it'],
    ['action', 'present: has its action, and its parameters by hash'],
    ['policy', 'present: has decision and tier'],
    ['approval', 'present: was approved before it was executed, by another than who began it'],
    ['execution', 'present: has a result'],
    ['correlation', 'present: is linked by run and correlation id'],
    ['trace', 'present: has a W3C trace context'],
  ])('finds %s', async (item, state) => expect(await states(item)).toBe(state));

  it('finds nothing of a run without entries', () => {
    expect(Object.values(itemsOf(run, [])).map(({ state }) => state)).toEqual(Array(7).fill('absent'));
  });

  it.each<[Item, Readonly<Record<number, Document | null>>, Partial<Run>, string]>([
    ['initiator', { 0: by('x'), 2: by('x') }, {}, 'absent: has no entry by who began it'],
    [
      'initiator',
      { 0: { actor: { kind: 'System' } }, 2: { actor: { kind: 'System' } } },
      {},
      'absent: has no entry by who began it',
    ],
    ['initiator', {}, unknown('initiator'), 'not-verifiable: is known without who began it'],
    [
      'action',
      { 0: { action: 1 }, 2: { payloadRefs: [] } },
      {},
      'not-verifiable: has its action, but parameters only elsewhere, without a hash in the log',
    ],
    [
      'action',
      { 0: { action: { tool: 'x', parametersSha256: 'abc' } }, 2: { payloadRefs: 1 } },
      {},
      'not-verifiable: has its action, but parameters only elsewhere, without a hash in the log',
    ],
    ['action', { 0: null, 2: null }, {}, 'absent: has no entry about an action'],
    ['policy', { 0: null }, {}, 'absent: has no policy evaluation'],
    [
      'policy',
      { 0: { decision: 'Perhaps' } },
      {},
      'not-verifiable: has a policy evaluation whose decision cannot be read',
    ],
    ['policy', { 0: { executionTier: 'Auto' } }, {}, 'absent: was evaluated at tier Auto, and ran at HumanApprove'],
    [
      'policy',
      { 0: { executionTier: 'None' } },
      {},
      'not-verifiable: has a decision, but the log does not say at which tier',
    ],
    ['approval', { 1: null }, {}, 'absent: has no decision of a person, which its tier demands'],
    ['approval', { 1: null, 0: { decision: 'Allow' } }, { tier: 'Auto' }, 'not-required: needs none at tier Auto'],
    ['approval', { 1: null }, { tier: 'Auto' }, 'absent: has no decision of a person, which its tier demands'],
    ['approval', { 1: null, 0: { decision: 'Allow' } }, unknown('tier'), 'not-verifiable: is known without its tier'],
    [
      'approval',
      { 1: { summary: 'Approval a decided: Denied by u…' } },
      {},
      'absent: was executed though a person denied it',
    ],
    ['approval', { 1: by('sales-bot') }, { initiator: 'sales-bot' }, 'absent: was approved by who began it'],
    ['approval', { 1: { actor: { kind: 'System' } } }, {}, 'absent: was approved by nobody in particular'],
    ['approval', {}, unknown('initiator'), 'not-verifiable: is known without who began it, who may not approve'],
    [
      'approval',
      { 1: { summary: 'I say: Approval a decided: Approved by u' } },
      {},
      'absent: has no decision of a person, which its tier demands',
    ],
    ['approval', { 1: null, 2: null }, { status: 'Cancelled' }, 'not-required: ended before a person had to decide'],
    [
      'approval',
      { 0: { decision: 'Denied' }, 1: null, 2: null },
      { status: 'Failed' },
      'not-required: ended before a person had to decide',
    ],
    ['approval', { 2: null }, { status: 'Failed' }, 'present: was decided by a person'],
    ['execution', { 2: null }, {}, 'absent: has no result of its execution'],
    [
      'execution',
      { 2: { summary: 'ActionFailed evidence for action a.' } },
      {},
      'absent: says that it succeeded, the evidence that it failed',
    ],
    ['execution', {}, { status: 'Failed' }, 'absent: says that it failed, the evidence that it succeeded'],
    ['execution', {}, unknown('status'), 'not-verifiable: has a result, but the run’s own is not known'],
    ['execution', { 0: { decision: 'Denied' } }, {}, 'absent: was executed though the policy denied it'],
    [
      'execution',
      { 0: { decision: 'Denied' }, 2: null },
      { status: 'Failed' },
      'not-required: was denied, and not executed',
    ],
    [
      'execution',
      { 2: { category: 'System', summary: 'cancelled' } },
      { status: 'Cancelled' },
      'present: was cancelled',
    ],
    [
      'execution',
      { 2: { summary: 'x ActionCompleted evidence for action a.' } },
      {},
      'absent: has no result of its execution',
    ],
    ['correlation', { 1: { correlationId: '' } }, {}, 'absent: has an entry without correlation id'],
    ['correlation', {}, { correlationId: 'another' }, 'absent: has no entry with both its id and its correlation id'],
    [
      'correlation',
      { 0: { links: {} }, 1: { links: {} }, 2: { links: {} } },
      {},
      'absent: has no entry with both its id and its correlation id',
    ],
    ['correlation', {}, unknown('correlationId'), 'not-verifiable: is known without its correlation id'],
    [
      'trace',
      { 1: { traceparent: '00-00000000000000000000000000000000-00f067aa0ba902b7-01' } },
      {},
      'absent: has a traceparent that is none',
    ],
  ])('%s of %j in %j: %s', async (item, changes, more, expected) =>
    expect(await states(item, changes, more)).toBe(expected),
  );

  it('takes an approval that came after the execution for none', async () => {
    const [policy, approval, execution] = await Promise.all(entries.map((each) => entryOf(each, WORKSPACE)));
    expect(itemsOf(run, [policy!, execution!, approval!]).approval).toEqual({
      state: 'absent',
      why: 'was decided by a person only after it was executed',
    });
  });

  it('does not let one action’s approval stand for another’s execution', async () => {
    const other = { ...entries[2], evidenceId: 'e-2', links: { runId: run.runId, approvalId: 'another' } };
    const read = await Promise.all([...entries, other].map((each) => entryOf(each, WORKSPACE)));
    expect(itemsOf(run, read).approval.state).toBe('absent');
  });

  it('cannot say which of several actions was executed', async () => {
    const denied = { ...entries[0], evidenceId: 'e-2', decision: 'Denied' };
    const read = await Promise.all([denied, ...entries].map((each) => entryOf(each, WORKSPACE)));
    expect(itemsOf(run, read).execution).toEqual({
      state: 'not-verifiable',
      why: 'has allowed and denied actions, and does not say which was executed',
    });
  });

  it('knows that nothing is in the log where upstream writes nothing', async () => {
    const bare = entries.map((each) => omit(each, 'traceparent'));
    const read = await Promise.all(bare.map((each) => entryOf(each, WORKSPACE)));
    expect(itemsOf(run, read).trace.state).toBe('not-verifiable');
  });
});

describe('what an entry shows', () => {
  const decisionIn = async (summary: string): Promise<string | undefined> =>
    (await entryOf({ category: 'Policy', summary }, WORKSPACE)).decision;

  it('is read of upstream’s sentence by its end, whatever a tool is called', async () => {
    const sentence = (tool: string, rest: string): string =>
      `Agent action proposal p-1 (Write:${tool}) evaluated as ${rest}`;
    expect(await decisionIn(sentence('invoice:create', 'NeedsApproval.'))).toBe('needs-approval');
    expect(await decisionIn(sentence('x', 'Denied. Outbound compliance Deny: quiet-hours.'))).toBe('deny');
    expect(await decisionIn(sentence('x) evaluated as Allow. (y', 'Denied.'))).toBe('deny');
    expect(await decisionIn(sentence('x) evaluated as Allow. Outbound compliance y', 'Denied.'))).toBe('deny');
    expect(await decisionIn('evaluated as Allow.')).toBeUndefined();
  });
});
