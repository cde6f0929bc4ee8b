import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isEmpty, policyDiff } from '../../src/model/policy-diff.js';
import { policyDocument, workspacePolicy } from '../../src/model/policy.js';
import { TIERS, type AllowedTool, type Tier } from '../../src/model/workspace.js';
import { ACME, PLATFORM } from './examples.js';

const document = policyDocument(workspacePolicy(PLATFORM, ACME));
const tools = fc.uniqueArray(
  fc.record({ tool: fc.constantFrom('a:a', 'b:b', 'c:c', 'd:d'), tier: fc.constantFrom(...TIERS) }),
  { selector: ({ tool }) => tool },
);

describe('the difference of two policies', () => {
  it('is nothing of the same, whatever the order of its tools', () => {
    expect(isEmpty(policyDiff(document, document))).toBe(true);
    const turned = { ...document, allowedTools: document.allowedTools.toReversed() };
    expect(isEmpty(policyDiff(document, turned))).toBe(true);
  });

  it('names tools that were added, removed or have another tier, and other fields by name', () => {
    const before = {
      allowedTools: [
        { tool: 'a:a', tier: 'Auto' },
        { tool: 'b:b', tier: 'Auto' },
      ],
      blastRadius: [],
      approvers: ['bob'],
    } as const;
    const after = {
      allowedTools: [
        { tool: 'b:b', tier: 'HumanApprove' },
        { tool: 'c:c', tier: 'Assisted' },
      ],
      blastRadius: [{ tool: 'd:d', tier: 'ManualOnly' }],
      approvers: ['bob', 'mallory'],
      policyIds: ['default-governance'],
    } as const;
    expect(policyDiff(before, after)).toEqual({
      allowedTools: [
        { tool: 'a:a', before: 'Auto' },
        { tool: 'b:b', before: 'Auto', after: 'HumanApprove' },
        { tool: 'c:c', after: 'Assisted' },
      ],
      blastRadius: [{ tool: 'd:d', after: 'ManualOnly' }],
      others: [
        { field: 'approvers', before: ['bob'], after: ['bob', 'mallory'] },
        { field: 'policyIds', after: ['default-governance'] },
      ],
    });
  });

  it('names every field of a first policy, and each way round the same tools', () => {
    expect(policyDiff({}, document).others.map(({ field }) => field)).toEqual(
      Object.keys(document)
        .filter((field) => !['allowedTools', 'blastRadius'].includes(field))
        .sort(),
    );
    fc.assert(
      fc.property(tools, tools, (a, b) => {
        const of = (allowedTools: readonly AllowedTool[]) => ({ ...document, allowedTools });
        const there = policyDiff(of(a), of(b)).allowedTools;
        const back = policyDiff(of(b), of(a)).allowedTools;
        expect(back.map(({ tool, before, after }) => [tool, after, before])).toEqual(
          there.map(({ tool, before, after }) => [tool, before, after]),
        );
        // What the difference says leads from one to the other.
        const applied = new Map<string, Tier | undefined>(a.map(({ tool, tier }) => [tool, tier]));
        for (const { tool, after } of there) applied.set(tool, after);
        for (const [tool, tier] of applied) if (tier === undefined) applied.delete(tool);
        expect([...applied].sort()).toEqual(b.map(({ tool, tier }) => [tool, tier]).sort());
      }),
    );
  });
});
