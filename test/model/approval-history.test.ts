import { describe, expect, it } from 'vitest';
import { approvalHistory } from '../../src/model/approval-history.js';
import { policyApprovalOf, type PolicyApproval } from '../../src/model/policy-approval.js';

const approval = (name: string, policyHash: string, more: Partial<PolicyApproval> = {}): PolicyApproval => ({
  ...{ name, policyHash, workspaceId: 'ws-acme', policy: {}, reason: 'the agents need it', ticket: 'CHG-1' },
  ...{ approvedBy: 'dana', createdAt: new Date('2026-11-25T10:00:00Z'), current: false },
  ...more,
});

describe('the trail of a policy', () => {
  it('says of each approval what it was before, which counts and which is deployed', () => {
    const approvals = [
      approval('third', 'a', { current: true }),
      approval('second', 'b', { approvedBy: 'erin' }),
      approval('first', 'a'),
    ];
    const of = (live: string | undefined) =>
      approvalHistory(approvals, live).map((entry) => [entry.name, entry.previousHash, entry.current, entry.live]);
    expect(of('b')).toEqual([
      ['third', 'b', true, false],
      ['second', 'a', false, true],
      ['first', undefined, false, false],
    ]);
    // Approved twice, it is live by the newer approval.
    expect(of('a').map(([, , , live]) => live)).toEqual([true, false, false]);
    expect(of(undefined).some(([, , , live]) => live)).toBe(false);
    expect(approvalHistory(approvals, 'b')[1]).toMatchObject({
      approvedBy: 'erin',
      approvedAt: '2026-11-25T10:00:00.000Z',
      policyHash: 'b',
    });
  });

  it('shows the difference to the approval before, and all of the first', () => {
    const auto = { allowedTools: [{ tool: 'a:a', tier: 'Auto' }] } as const;
    const [newer, first] = approvalHistory([approval('second', 'b'), approval('first', 'a', { policy: auto })], 'a');
    expect(newer!.diff.allowedTools).toEqual([{ tool: 'a:a', before: 'Auto' }]);
    expect(first!.diff.allowedTools).toEqual([{ tool: 'a:a', after: 'Auto' }]);
  });
});

describe('a live PolicyApproval', () => {
  const object = {
    apiVersion: 'enforcement.portarium.io/v1alpha1',
    kind: 'PolicyApproval',
    metadata: {
      name: 'ws-acme-1',
      creationTimestamp: '2026-11-25T10:00:00Z',
      labels: { 'portarium.io/approval': 'current' },
    },
    spec: {
      ...{ workspaceId: 'ws-acme', policyHash: 'a'.repeat(64), policy: { allowedTools: [] } },
      ...{ reason: 'the agents need it', ticket: 'CHG-1', approvedBy: 'dana' },
    },
  };

  it('is read with who, why, what and whether it counts', () => {
    expect(policyApprovalOf(object)).toEqual(
      approval('ws-acme-1', 'a'.repeat(64), { policy: { allowedTools: [] }, current: true }),
    );
    expect(policyApprovalOf({ ...object, metadata: { ...object.metadata, labels: {} } }).current).toBe(false);
  });

  it('without a name of who approved is unreadable', () => {
    expect(() => policyApprovalOf({ ...object, spec: { ...object.spec, approvedBy: undefined } })).toThrow(
      'PolicyApproval ws-acme-1: spec.approvedBy is missing',
    );
  });
});
