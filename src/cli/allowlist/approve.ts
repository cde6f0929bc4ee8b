import type { Command } from 'commander';
import { approvePolicy, tryLivePolicy } from '../../bridge/policy-approvals.js';
import { workspacePolicy, policyDocument, type WorkspacePolicySpec } from '../../model/policy.js';
import { policyDiff } from '../../model/policy-diff.js';
import { clusterOptions, connect, type ClusterOptions } from '../cluster.js';
import { CliError, EXIT } from '../exit-codes.js';
import { createOutput } from '../output.js';
import type { StackOptions } from '../stack.js';
import { diffLines } from './diff-lines.js';
import { workspaceStack } from './workspace-stack.js';

interface ApproveOptions extends StackOptions, ClusterOptions {
  readonly reason?: string;
  readonly ticket?: string;
  readonly dryRun?: boolean;
}

export function approveSubcommand(allowlist: Command): void {
  clusterOptions(allowlist.command('approve'))
    .summary('approve what a workspace’s agents may do, as its stack says now')
    .description(
      'Shows how the policy of the stack differs from the live one, and approves it as the user of your kubeconfig. Admission holds that you are a person in the group portarium:allowlist-admins; somebody else deploys it. An earlier approval of the workspace no longer counts.',
    )
    .requiredOption('--stack <name>', 'the workspace’s stack, as in stacks/Pulumi.<name>.yaml')
    .option('--stacks <dir>', 'folder of the stack files', 'stacks')
    .option('--reason <text>', 'why, for the record; at least ten characters')
    .option('--ticket <id>', 'the change it belongs to')
    .option('--dry-run', 'only show what would be approved')
    .option('--json', 'answer as one JSON document')
    .action(approve);
}

async function approve(options: ApproveOptions): Promise<void> {
  const output = createOutput(options.json ?? false);
  const { platform, workspace } = workspaceStack(options);
  const policy = workspacePolicy(platform, workspace);
  const { reason, ticket } = options;
  if (!options.dryRun && (reason === undefined || reason.length < 10 || !ticket)) {
    throw new CliError(
      EXIT.usage,
      'an approval needs --reason (at least ten characters) and --ticket: both stay on record with it. To see only what would be approved, use --dry-run.',
    );
  }
  const cluster = await connect(options);
  try {
    const live = await tryLivePolicy(cluster, workspace.id);
    const diff = policyDiff(
      live === undefined ? {} : policyDocument(live as WorkspacePolicySpec),
      policyDocument(policy),
    );
    output.line(`${workspace.id}: policy ${live?.policyHash ?? 'nothing'} -> ${policy.policyHash}`);
    for (const line of diffLines(diff)) output.line(line);
    if (options.dryRun || reason === undefined || ticket === undefined) {
      output.line('nothing was approved: this was a dry run.');
      output.result({ workspaceId: workspace.id, policyHash: policy.policyHash, diff, dryRun: true });
      return;
    }
    const { approval, superseded } = await approvePolicy(cluster, { policy, reason, ticket });
    output.line(`approved by ${approval.approvedBy} (${approval.ticket}): ${approval.name}`);
    for (const name of superseded) output.line(`no longer counts: ${name}`);
    output.line(`the workspace’s deployer deploys it: enforce apply --stack ${options.stack}, or pulumi up`);
    output.result({ workspaceId: workspace.id, policyHash: policy.policyHash, diff, approval, superseded });
  } finally {
    cluster.close();
  }
}
