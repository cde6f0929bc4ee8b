import type { RouteMatch } from '../model/routes.js';
import type { Called, Caller, Refusal } from './decision.js';
import type { Facts } from './facts.js';
import { Ambiguous } from './json.js';
import type { Known } from './known.js';
import { modeOf } from './modes.js';
import { governedBody, toolCallOf, type ToolCall } from './tool-call.js';
import { blocked, judgeTool, type ToolJudgement, type ToolRules } from './tools.js';

export interface CallJudgement {
  readonly called?: Called;
  /** Absent where no tool is called. */
  readonly judgement?: ToolJudgement;
  /** Name of the Relaxation by which the allowlist was judged in shadow. */
  readonly relaxation?: string;
  /** What goes on in place of the body that came. */
  readonly body?: string;
}

/** Of a workspace that is not onboarded yet: nothing is listed, and its own word on policies holds. */
const nothingListed = (workspaceId: string, { policyIds = [] }: ToolCall): ToolRules => ({
  workspaceId,
  allowedTools: [],
  blastRadius: [],
  policyIds,
});

/**
 * What a request says of tools, if its route has one: the body is read once, strictly, and refused in every mode when
 * it can be read in more than one way or speaks for another agent.
 */
export function judgeCall(
  { body, contentType }: Facts,
  caller: Caller,
  { route }: RouteMatch,
  known: Known,
  now: Date,
): CallJudgement | Refusal {
  const { workspaceId } = caller;
  if (route.tool === undefined) return {};
  if (workspaceId === undefined) return blocked('The call belongs to no workspace that could allow a tool.');
  if (!/^application\/json(\s*;|$)/i.test(contentType)) return blocked('The body must be application/json.');
  let call: ToolCall;
  try {
    call = toolCallOf(route.tool, body);
  } catch (error) {
    if (error instanceof Ambiguous) return blocked(error.message);
    throw error;
  }
  const rpc = route.tool === 'mcp' ? { rpc: { id: call.rpcId ?? null } } : {};
  if (call.tool === undefined) return { called: rpc, body: governedBody(call) };
  const agentId = agentOf(call, caller, known);
  if (typeof agentId !== 'string') return agentId;
  const policy = known.tryPolicy(workspaceId)?.spec;
  const rules = policy ?? nothingListed(workspaceId, call);
  const { mode, relaxation } = modeOf('allowlist', workspaceId, known, now);
  const judgement = judgeTool(rules, { ...call, tool: call.tool }, mode);
  return {
    called: { tool: call.tool, tier: judgement.tier, ...rpc },
    judgement,
    ...(relaxation !== undefined && { relaxation }),
    body: governedBody(call, {
      agentId,
      executionTier: judgement.tier,
      policyIds: rules.policyIds,
      policyHash: policy?.policyHash ?? '',
    }),
  };
}

/** The agent that the call is for: the caller itself, or for a workload any agent of the workspace. */
function agentOf({ agentId }: ToolCall, { kind, name, workspaceId }: Caller, known: Known): string | Refusal {
  if (agentId === undefined || agentId === name) return name;
  if (kind === 'workload' && known.agentsNamed(agentId).some((row) => row.workspaceId === workspaceId)) return agentId;
  return {
    reason: 'NotAuthorized',
    detail: `The body speaks for the agent ${JSON.stringify(agentId.slice(0, 128))}, the caller is ${JSON.stringify(name)}.`,
    bypass: true,
  };
}
