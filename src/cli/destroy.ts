import type { Command } from 'commander';
import { destroyStack } from '../bridge/destroy.js';
import { clusterOptions, connect, type ClusterOptions } from './cluster.js';
import { createOutput } from './output.js';
import { openStack, stackOptions, type StackOptions } from './stack.js';

export function destroyCommand(program: Command): void {
  clusterOptions(stackOptions(program.command('destroy')))
    .summary('delete what a stack deployed, except baseline and guards')
    .description(
      'Deletes the stack’s workloads and allowances. The deny baseline, guards, namespaces, CRDs and policies stay, so that what is left is closed; the next deployment adopts them. Without --yes it only says what it would do.',
    )
    .option('--yes', 'really delete')
    .action(async (options: StackOptions & ClusterOptions & { yes?: boolean }) => {
      const output = createOutput(options.json ?? false);
      const { name, objects } = openStack(options);
      const cluster = await connect(options);
      try {
        const { deleted, kept, released, notes } = await destroyStack(cluster, name, objects, {
          dryRun: options.yes !== true,
          onProgress: ({ key, action }) => output.progress(`${action} ${key}`),
        });
        for (const key of deleted) output.line(`- ${key}`);
        for (const key of released) output.line(`~ ${key}  (patch released)`);
        for (const key of kept) output.line(`= ${key}  (kept)`);
        const count = [`${deleted.length} ${options.yes ? 'deleted' : 'to delete'}`];
        if (released.length > 0) count.push(`${released.length} ${options.yes ? 'released' : 'to release'}`);
        output.line([...count, `${kept.length} kept`].join(', '));
        for (const note of notes) output.line(note);
        output.result({ stack: name, deleted, kept, released, notes, dryRun: options.yes !== true });
        if (options.yes !== true) output.line('nothing was deleted: say --yes to delete.');
      } finally {
        cluster.close();
      }
    });
}
