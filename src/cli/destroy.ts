import type { Command } from 'commander';
import { planRevocation, revokeTuples } from '../bridge/authorization.js';
import { destroyStack } from '../bridge/destroy.js';
import { clusterOptions, connect, type ClusterOptions } from './cluster.js';
import { createOutput } from './output.js';
import { openStack } from './open-stack.js';
import { stackOptions, type StackOptions } from './stack.js';

export function destroyCommand(program: Command): void {
  clusterOptions(stackOptions(program.command('destroy')))
    .summary('delete what a stack deployed, except baseline and guards')
    .description(
      'Deletes the stack’s workloads, allowances and tuples. The deny baseline, guards, namespaces, CRDs and policies stay, so that what is left is closed; the next deployment adopts them. Without --yes it only says what it would do.',
    )
    .option('--yes', 'really delete')
    .action(async (options: StackOptions & ClusterOptions & { yes?: boolean }) => {
      const output = createOutput(options.json ?? false);
      const { name, objects, config } = openStack(options);
      const cluster = await connect(options);
      try {
        // First, since a right must not outlive what it was for; store and models stay, like the baseline.
        const authorization =
          config.kind === 'platform'
            ? undefined
            : await (options.yes ? revokeTuples(cluster, config) : planRevocation(config));
        const { deleted, kept, released, notes } = await destroyStack(cluster, name, objects, {
          dryRun: options.yes !== true,
          onProgress: ({ key, action }) => output.progress(`${action} ${key}`),
        });
        const tuples = (authorization?.changes ?? []).map(({ key }) => key);
        for (const key of [...tuples, ...deleted]) output.line(`- ${key}`);
        for (const key of released) output.line(`~ ${key}  (patch released)`);
        for (const key of kept) output.line(`= ${key}  (kept)`);
        const count = [`${deleted.length} ${options.yes ? 'deleted' : 'to delete'}`];
        if (released.length > 0) count.push(`${released.length} ${options.yes ? 'released' : 'to release'}`);
        count.push(`${kept.length} kept`);
        if (tuples.length > 0)
          count.push(`${tuples.length} tuples of OpenFGA ${options.yes ? 'deleted' : 'to delete'}`);
        output.line(count.join(', '));
        for (const note of [...notes, ...(authorization?.notes ?? [])]) output.line(note);
        output.result({ stack: name, deleted, kept, released, notes, authorization, dryRun: options.yes !== true });
        if (options.yes !== true) output.line('nothing was deleted: say --yes to delete.');
      } finally {
        cluster.close();
      }
    });
}
