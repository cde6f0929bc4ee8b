import type { Mode } from '../model/levels.js';
import type { WorkspacePolicySpec } from '../model/policy.js';
import { isAllowed, tierOf, tierRank } from '../model/tools.js';
import type { Tier } from '../model/workspace.js';
import { judgementOf, type Judgement, type Refusal } from './decision.js';
import type { ToolCall } from './tool-call.js';

export type ToolRules = Pick<WorkspacePolicySpec, 'workspaceId' | 'allowedTools' | 'blastRadius' | 'policyIds'>;

export interface ToolJudgement extends Judgement {
  /** The tier that the call goes on with: the policy's, or a stricter one that the caller asked for. */
  readonly tier: Tier;
}

/**
 * The control `allowlist`: the exact name of the tool first, then what the caller claims of tier and policies. In shadow
 * the claims are recorded, and overridden by the policy all the same: tier-only policy is what is left of it.
 * Source: runbook Phase 4 step 3 and rollback level 2; design, section 7.
 */
export function judgeTool(
  rules: ToolRules,
  call: Pick<ToolCall, 'executionTier' | 'policyIds'> & { readonly tool: string },
  mode: Mode,
): ToolJudgement {
  const demanded = tierOf(rules, call.tool);
  const claimed = call.executionTier ?? demanded;
  const tier = tierRank(claimed) > tierRank(demanded) ? claimed : demanded;
  const refusal = refusalOf(rules, call, demanded);
  return { ...judgementOf('allowlist', mode, refusal), tier };
}

function refusalOf(
  rules: ToolRules,
  { tool, executionTier, policyIds }: Parameters<typeof judgeTool>[1],
  demanded: Tier,
): Refusal | undefined {
  if (!isAllowed(rules, tool)) {
    return blocked(`The tool ${show(tool)} is not on the allowlist of the workspace "${rules.workspaceId}".`);
  }
  if (executionTier !== undefined && tierRank(executionTier) < tierRank(demanded)) {
    return blocked(`The tool ${show(tool)} needs the tier ${demanded}; the call claims ${executionTier}.`);
  }
  const foreign = policyIds?.filter((id) => !rules.policyIds.includes(id)) ?? [];
  const missing = policyIds === undefined ? [] : rules.policyIds.filter((id) => !policyIds.includes(id));
  if (foreign.length + missing.length > 0) {
    return blocked(
      `The call names other policies than those of the workspace "${rules.workspaceId}": ${rules.policyIds.join(', ')}.`,
    );
  }
  return undefined;
}

export const blocked = (detail: string): Refusal => ({ reason: 'PolicyBlocked', detail });

const show = (tool: string): string => JSON.stringify(tool.length > 128 ? `${tool.slice(0, 128)}…` : tool);
