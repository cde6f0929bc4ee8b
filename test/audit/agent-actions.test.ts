import { describe, expect, it } from 'vitest';
import type { Evaluation } from '../../src/audit/index.js';
import { chained, entriesOfRun, judge, omit, runDocument, type Document } from './log.js';

/** An action as upstream's log has it when it was proposed without a run: the first entry names it by its payload alone. */
function proposed(index: number, more: Document = {}): Document[] {
  const id = `proposal-${index}`;
  const at = Date.parse('2026-11-10T00:00:00Z') + index * 60_000;
  const base = (step: number): Document => ({
    schemaVersion: 1,
    evidenceId: `${id}-${step}`,
    workspaceId: 'ws-acme',
    correlationId: `c-${id}`,
    occurredAtIso: new Date(at + step * 1000).toISOString(),
    actor: { kind: 'User', userId: step === 1 ? 'u-olaf' : 'sales-bot' },
    ...(step > 0 && { links: { runId: id, approvalId: `a-${index}` } }),
  });
  return [
    {
      ...base(0),
      category: 'Policy',
      summary: `Agent action proposal ${id} (Write:invoice:create) evaluated as NeedsApproval.`,
      payloadRefs: [{ kind: 'Snapshot', uri: `portarium://agent-action-proposals/${id}` }],
      ...more,
    },
    { ...base(1), category: 'Approval', summary: `Approval a-${index} decided: Approved by u-olaf…` },
    { ...base(2), category: 'Action', summary: `Agent action executed: approval a-${index}` },
  ];
}

const checkOf = ({ checks }: Evaluation, name: string) => checks.find((each) => each.name === name);
const runs = [runDocument(0), runDocument(1)];
const withActions = (contents: readonly Document[]) => ({
  runs,
  log: chained([...runs.flatMap(entriesOfRun), ...contents]),
});

describe('proposed actions', () => {
  it('are looked at beside the runs, and are no unknown runs; that none is missing cannot be said', async () => {
    const result = await judge(withActions([...proposed(0), ...proposed(1)]));
    expect(result.sampling).toMatchObject({ actions: 2, audited: 4 });
    expect(result.sampling.sample).toHaveLength(2);
    expect(result.statement).toContain('All 4 were looked at, 2 proposed actions among them');
    expect(checkOf(result, 'runs of the evidence log')?.verdict).toBe('pass');
    expect(checkOf(result, 'proposed actions')).toMatchObject({
      verdict: 'inconclusive',
      findings: [{ object: 'action proposal-0' }, { object: 'action proposal-1' }],
    });
    expect(result.items.all.approval).toMatchObject({ present: 2, 'not-required': 2 });
    expect(result.items.all.initiator.present).toBe(4);
  });

  it('fail the audit when they were executed without the decision that they needed', async () => {
    const result = await judge(withActions(proposed(0).filter(({ category }) => category !== 'Approval')));
    expect(checkOf(result, 'item approval decision')).toMatchObject({
      verdict: 'fail',
      findings: [{ object: 'run proposal-0', problem: 'has no decision of a person, which its tier demands' }],
    });
  });

  it('are left out while they may go on, and no longer', async () => {
    const fresh = { occurredAtIso: '2026-11-19T23:00:00.000Z' };
    expect((await judge(withActions(proposed(0, fresh).slice(0, 1)))).sampling.actions).toBe(0);
    expect((await judge(withActions(proposed(0).slice(0, 1)))).sampling.actions).toBe(1);
  });

  it('are evidence of the run in whose course they were proposed', async () => {
    const ofRun = { correlationId: runs[0]?.['correlationId'] };
    const result = await judge(withActions(proposed(0, ofRun)));
    expect(result.sampling.actions).toBe(0);
    expect(checkOf(result, 'proposed actions')?.verdict).toBe('pass');
    // The run executed something before that, which names no approval.
    expect(result.items.all.approval).toMatchObject({ 'not-verifiable': 1, absent: 0 });
  });

  it('do not hide a run that the run store lost', async () => {
    const lost = chained([...entriesOfRun(runDocument(2), 2), ...runs.flatMap(entriesOfRun)]);
    expect(checkOf(await judge({ runs, log: lost }), 'runs of the evidence log')?.verdict).toBe('fail');
    const disguised = lost.map((each) =>
      each['evidenceId'] === lost[0]?.['evidenceId']
        ? {
            ...omit(each),
            payloadRefs: [{ uri: `portarium://agent-action-proposals/${String(runDocument(2)['runId'])}` }],
          }
        : each,
    );
    expect((await judge({ runs, log: chained(disguised) })).verdict).not.toBe('pass');
  });
});
