import { InvalidArgumentError, type Command } from 'commander';
import { judgeTool } from '../../authorizer/tools.js';
import { suggest, tryNearest } from '../../config/messages.js';
import { relax } from '../../model/levels.js';
import { workspacePolicy } from '../../model/policy.js';
import { TIERS, type Tier } from '../../model/workspace.js';
import { CliError, EXIT } from '../exit-codes.js';
import { createOutput } from '../output.js';
import { stackOptions, type StackOptions } from '../stack.js';
import { workspaceStack } from './workspace-stack.js';

interface CheckOptions extends StackOptions {
  readonly agent: string;
  readonly tool: string;
  readonly tier?: Tier;
}

export function checkSubcommand(allowlist: Command): void {
  stackOptions(allowlist.command('check'))
    .summary('what would happen to an agent’s call of a tool, offline')
    .description(
      'Judges a call by the stack’s policy with the code that the authorizer runs; asks no cluster and no OpenFGA. Exit code 5 when the call would be denied.',
    )
    .requiredOption('--agent <name>', 'the agent that calls')
    .requiredOption('--tool <name>', 'the tool’s exact name, for example invoice:create')
    .option('--tier <tier>', `the executionTier that the call claims: ${TIERS.join(', ')}`, parseTier)
    .action(check);
}

function parseTier(value: string): Tier {
  const tier = TIERS.find((candidate) => candidate === value);
  if (tier === undefined) throw new InvalidArgumentError(suggest(value, TIERS));
  return tier;
}

function check({ agent, tool, tier: executionTier, ...options }: CheckOptions): void {
  const output = createOutput(options.json ?? false);
  const { platform, workspace } = workspaceStack(options);
  const names = workspace.agents.map(({ name }) => name);
  if (!names.includes(agent)) {
    throw new CliError(EXIT.usage, `workspace "${workspace.id}" has no agent "${agent}". ${suggest(agent, names)}`);
  }
  const policy = workspacePolicy(platform, workspace);
  const mode = relax(workspace.level, workspace.relaxing?.controls ?? []).allowlist;
  const { verdict, refusal, tier } = judgeTool(policy, { tool, ...(executionTier && { executionTier }) }, mode);
  const listed = policy.allowedTools.map((row) => row.tool);
  const nearest = listed.includes(tool) ? undefined : tryNearest(tool, listed);
  const { decision } = verdict;

  const words = { allow: 'allow', deny: 'deny', would_deny: 'allow, in shadow: it would be denied' }[decision];
  output.line(`${workspace.id} ${agent} ${tool}: ${words}`);
  output.line(`  tier:   ${tier}`);
  output.line(`  mode:   ${mode} (level ${workspace.level}${workspace.relaxing ? `, ${workspace.relaxing.as}` : ''})`);
  output.line(`  reason: ${refusal ? `${refusal.reason}: ${refusal.detail}` : 'the tool is on the allowlist'}`);
  if (nearest !== undefined) output.line(`  Did you mean "${nearest}"? Names match exactly.`);
  output.line(`  policy: ${policy.policyHash}`);
  output.result({
    ...{ workspaceId: workspace.id, agent, tool, decision, mode, tier, policyHash: policy.policyHash },
    ...(refusal && { reason: refusal.reason, detail: refusal.detail }),
    ...(nearest !== undefined && { nearest }),
  });
  if (decision === 'deny') process.exitCode = EXIT.policy;
}
