import type { Command } from 'commander';
import { listPolicyApprovals, tryLivePolicy } from '../../bridge/policy-approvals.js';
import { approvalHistory, type HistoryEntry } from '../../model/approval-history.js';
import { clusterOptions, connect, type ClusterOptions } from '../cluster.js';
import { createOutput, type Output } from '../output.js';
import type { StackOptions } from '../stack.js';
import { diffLines } from './diff-lines.js';
import { workspaceStack } from './workspace-stack.js';

export function historySubcommand(allowlist: Command): void {
  clusterOptions(allowlist.command('history'))
    .summary('who let the workspace’s agents do what, when and why, and what is live')
    .description(
      'Reads every approval of a workspace’s policy back from the cluster, newest first, with what it changed, and says which one is deployed.',
    )
    .requiredOption('--stack <name>', 'the workspace’s stack, as in stacks/Pulumi.<name>.yaml')
    .option('--stacks <dir>', 'folder of the stack files', 'stacks')
    .option('--json', 'answer as one JSON document')
    .action(async (options: StackOptions & ClusterOptions) => {
      const output = createOutput(options.json ?? false);
      const { workspace } = workspaceStack(options);
      const cluster = await connect(options);
      try {
        const approvals = await listPolicyApprovals(cluster, workspace.id);
        const live = await tryLivePolicy(cluster, workspace.id);
        const entries = approvalHistory(approvals, live?.policyHash);
        output.line(`${workspace.id}: ${liveLine(live, entries)}`);
        for (const entry of entries) show(entry, output);
        output.result({
          workspaceId: workspace.id,
          live: live === undefined ? null : { policyHash: live.policyHash, reachedLevel: live.reachedLevel },
          approvals: entries,
        });
      } finally {
        cluster.close();
      }
    });
}

function liveLine(
  live: { readonly policyHash?: string; readonly reachedLevel?: string } | undefined,
  entries: readonly HistoryEntry[],
): string {
  if (live === undefined) return 'not deployed';
  const by = entries.find((entry) => entry.live);
  const approved = by === undefined ? 'approved by nobody' : `approved by ${by.approvedBy} in ${by.name}`;
  return `live policy ${live.policyHash ?? 'without a hash'} at level ${live.reachedLevel ?? 'unknown'}, ${approved}`;
}

function show({ name, approvedBy, approvedAt, ticket, reason, ...entry }: HistoryEntry, output: Output): void {
  const marks = [entry.current ? 'current' : 'superseded', ...(entry.live ? ['live'] : [])].join(', ');
  output.line(`\n${approvedAt}  ${approvedBy}  ${ticket}  (${marks})`);
  output.line(`  ${name}: ${entry.previousHash ?? 'nothing'} -> ${entry.policyHash}`);
  output.line(`  reason: ${reason}`);
  for (const line of diffLines(entry.diff)) output.line(line);
}
