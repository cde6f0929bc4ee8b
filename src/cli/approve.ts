import type { Command } from 'commander';
import { approveRelaxation } from '../bridge/relaxations.js';
import { clusterOptions, connect, type ClusterOptions } from './cluster.js';
import { createOutput } from './output.js';

export function approveCommand(program: Command): void {
  clusterOptions(program.command('approve'))
    .summary('approve a Relaxation that another person asked for')
    .description(
      'Approves a Relaxation as the user of your kubeconfig. Admission holds that you are one of the workspace’s approvers, a person, and not the one who asked.',
    )
    .argument('<relaxation>', 'its name, as rollback and relax print it')
    .option('--json', 'answer as one JSON document')
    .action(async (name: string, options: ClusterOptions & { json?: boolean }) => {
      const output = createOutput(options.json ?? false);
      const cluster = await connect(options);
      try {
        const relaxation = await approveRelaxation(cluster, name);
        output.line(
          `${name}: ${relaxation.controls.join(', ')} of ${relaxation.workspaceId} until ${relaxation.expiresAt.toISOString()}, asked for by ${relaxation.requestedBy}, approved by ${relaxation.approvedBy ?? ''}`,
        );
        output.line(`  reason: ${relaxation.reason}\n  ticket: ${relaxation.ticket}\n  plan:   ${relaxation.planHash}`);
        output.result(relaxation);
      } finally {
        cluster.close();
      }
    });
}
