import type { Command } from 'commander';
import { loadStack } from '../config/load.js';
import { clusterOptions, connect, type ClusterOptions } from './cluster.js';
import { applyNow, deployedLine } from './engine.js';
import { createOutput } from './output.js';
import { stackOptions, type StackOptions } from './stack.js';

interface ApplyCommandOptions extends StackOptions, ClusterOptions {
  readonly dryRun?: boolean;
}

export function applyCommand(program: Command): void {
  clusterOptions(stackOptions(program.command('apply')))
    .summary('deploy a stack by server-side apply, without Pulumi')
    .description(
      'Applies a stack in dependency order and prunes what the stack owned and nothing else; never a baseline, guard, namespace, CRD or policy. Refuses to touch an object of another stack or of nobody. An interrupted apply is finished by the next one.',
    )
    .option('--dry-run', 'let the API server validate and admit everything, store nothing')
    .action(async (options: ApplyCommandOptions) => {
      const output = createOutput(options.json ?? false);
      const config = loadStack(options.stack, { dir: options.stacks, ...(options.level && { level: options.level }) });
      const cluster = await connect(options);
      try {
        const applied = await applyNow(cluster, config, output, options.dryRun ? { dryRun: true } : {});
        output.line(`${options.stack}: ${deployedLine({ engine: 'apply', applied, ms: applied.ms })}`);
        for (const key of applied.kept) output.line(`= ${key}  (kept: no engine ever deletes it)`);
        output.result({ stack: options.stack, dryRun: options.dryRun ?? false, ...applied });
      } finally {
        cluster.close();
      }
    });
}
