import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeTool, type ToolRules } from '../../src/authorizer/tools.js';
import { TIERS } from '../../src/model/workspace.js';

const RULES: ToolRules = {
  workspaceId: 'ws-acme',
  allowedTools: [
    { tool: 'invoice:read', tier: 'Auto' },
    { tool: 'invoice:create', tier: 'HumanApprove' },
  ],
  blastRadius: [{ tool: 'disk:wipe', tier: 'ManualOnly' }],
  policyIds: ['default-governance', 'finance'],
};
type Call = Parameters<typeof judgeTool>[1];
const judge = (call: Call, mode: 'enforce' | 'shadow' = 'enforce', rules = RULES) => judgeTool(rules, call, mode);
const verdict = (mode: 'enforce' | 'shadow', decision: string) => ({ control: 'allowlist', mode, decision });

describe('a tool on the allowlist', () => {
  it('is allowed with the policy’s tier, whether the call names one or not', () => {
    const allowed = { verdict: verdict('enforce', 'allow'), tier: 'HumanApprove' };
    expect(judge({ tool: 'invoice:create' })).toEqual(allowed);
    expect(judge({ tool: 'invoice:create', executionTier: 'HumanApprove' })).toEqual(allowed);
    expect(judge({ tool: 'invoice:read' })).toEqual({ ...allowed, tier: 'Auto' });
  });

  it('keeps a stricter tier that the call asks for', () => {
    expect(judge({ tool: 'invoice:read', executionTier: 'ManualOnly' })).toEqual({
      verdict: verdict('enforce', 'allow'),
      tier: 'ManualOnly',
    });
  });

  it('is refused with a laxer one, and would go on with the policy’s', () => {
    expect(judge({ tool: 'invoice:create', executionTier: 'Assisted' })).toEqual({
      verdict: verdict('enforce', 'deny'),
      refusal: {
        reason: 'PolicyBlocked',
        detail: 'The tool "invoice:create" needs the tier HumanApprove; the call claims Assisted.',
      },
      tier: 'HumanApprove',
    });
  });

  it('is allowed with the workspace’s policies in any order, and without a word on them', () => {
    for (const policyIds of [['default-governance', 'finance'], ['finance', 'default-governance'], undefined])
      expect(judge({ tool: 'invoice:read', ...(policyIds && { policyIds }) }).verdict.decision).toBe('allow');
  });

  it.each([
    ['another', ['default-governance', 'finance', 'mine']],
    ['one too few', ['default-governance']],
    ['none', []],
    ['one in another case', ['default-governance', 'Finance']],
  ])('is refused with %s of the policies', (_what, policyIds) => {
    expect(judge({ tool: 'invoice:read', policyIds })).toMatchObject({
      verdict: verdict('enforce', 'deny'),
      refusal: {
        reason: 'PolicyBlocked',
        detail: 'The call names other policies than those of the workspace "ws-acme": default-governance, finance.',
      },
    });
  });
});

describe('a tool that is not on the allowlist', () => {
  it.each(['disk:wipe', 'Invoice:Read', 'invoice:read ', 'invoice:*', 'invoice', '', 'toString', 'ｉnvoice:read'])(
    '%j is refused by its name alone, before anything else about it',
    (tool) => {
      const refusal = {
        reason: 'PolicyBlocked',
        detail: `The tool ${JSON.stringify(tool)} is not on the allowlist of the workspace "ws-acme".`,
      };
      expect(judge({ tool }).refusal).toEqual(refusal);
      expect(judge({ tool, executionTier: 'Auto', policyIds: ['mine'] }).refusal).toEqual(refusal);
    },
  );

  it('is a person’s to approve, unless the blast radius says more', () => {
    expect(judge({ tool: 'x', executionTier: 'Auto' }).tier).toBe('HumanApprove');
    expect(judge({ tool: 'disk:wipe', executionTier: 'Auto' }).tier).toBe('ManualOnly');
  });

  it('is cut in the answer', () => {
    expect(judge({ tool: 't'.repeat(256) }).refusal?.detail).toBe(
      `The tool "${'t'.repeat(128)}…" is not on the allowlist of the workspace "ws-acme".`,
    );
  });
});

describe('in shadow', () => {
  it('what would be denied is recorded and said why, and the tier is the policy’s all the same', () => {
    for (const call of [
      { tool: 'disk:wipe', executionTier: 'Auto' as const },
      { tool: 'invoice:create', executionTier: 'Auto' as const },
      { tool: 'invoice:read', policyIds: ['mine'] },
    ]) {
      const enforced = judge(call);
      expect(enforced.verdict.decision).toBe('deny');
      expect(judge(call, 'shadow')).toEqual({ ...enforced, verdict: verdict('shadow', 'would_deny') });
    }
    expect(judge({ tool: 'invoice:read' }, 'shadow')).toEqual({ verdict: verdict('shadow', 'allow'), tier: 'Auto' });
  });
});

it('whatever is called and claimed, only a listed tool is allowed, never by a laxer tier, and the mode changes no reason', () => {
  const tier = fc.constantFrom(...TIERS);
  const tool = fc.constantFrom('a', 'b', 'c', 'A');
  const rows = fc.uniqueArray(fc.record({ tool, tier }), { selector: (row) => row.tool, maxLength: 3 });
  const claims = fc.record(
    { executionTier: tier, policyIds: fc.subarray(['p', 'q', 'r']) },
    { requiredKeys: [] },
  ) as fc.Arbitrary<Omit<Call, 'tool'>>;
  fc.assert(
    fc.property(rows, rows, tool, claims, (allowedTools, blastRadius, called, claimed) => {
      const rules = { workspaceId: 'w', allowedTools, blastRadius, policyIds: ['p', 'q'] };
      const judged = judge({ tool: called, ...claimed }, 'enforce', rules);
      const row = allowedTools.find((each) => each.tool === called);
      const demanded = row?.tier ?? blastRadius.find((each) => each.tool === called)?.tier ?? 'HumanApprove';
      const rank = (each: (typeof TIERS)[number]) => TIERS.indexOf(each);
      expect(rank(judged.tier)).toBe(Math.max(rank(demanded), rank(claimed.executionTier ?? demanded)));
      const wanted =
        row !== undefined &&
        rank(claimed.executionTier ?? demanded) >= rank(demanded) &&
        (claimed.policyIds === undefined || [...claimed.policyIds].sort().join() === 'p,q');
      expect(judged.verdict.decision).toBe(wanted ? 'allow' : 'deny');
      expect(judge({ tool: called, ...claimed }, 'shadow', rules).refusal).toEqual(judged.refusal);
    }),
  );
});
