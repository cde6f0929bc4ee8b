import type { Command } from 'commander';
import { storeStatus, type StoreStatus } from '../bridge/authorization-sweep.js';
import { patchStates, type PatchState } from '../bridge/patch-states.js';
import { statusOf, type WorkspaceStatus } from '../bridge/status.js';
import { loadStacks } from '../config/load.js';
import { CONTROLS } from '../model/levels.js';
import { clusterOptions, connect, type ClusterOptions } from './cluster.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { createOutput, table, type Output } from './output.js';

interface StatusOptions extends ClusterOptions {
  readonly stack?: string;
  readonly stacks: string;
  readonly json?: boolean;
}

export function statusCommand(program: Command): void {
  clusterOptions(program.command('status'))
    .summary('what is in force for each workspace, by the live cluster')
    .description(
      'Compares each workspace’s stack, and what the platform adds to workloads of others, with the live cluster, looks for tuples in OpenFGA that may not be, and says per control what is in force. Exit code 7 when something live is not as rendered, 10 when it cannot be settled.',
    )
    .option('--stack <name>', 'one workspace’s stack; all of them otherwise')
    .option('--stacks <dir>', 'folder of the stack files', 'stacks')
    .option('--json', 'answer as one JSON document')
    .action(async (options: StatusOptions) => {
      const output = createOutput(options.json ?? false);
      const { platform, workspaces } = loadStacks({ dir: options.stacks });
      const wanted = workspaces.filter(({ stack }) => options.stack === undefined || stack === options.stack);
      if (wanted.length === 0) throw new Error(`no workspace stack "${options.stack}" in ${options.stacks}.`);
      const cluster = await connect(options);
      try {
        const statuses: WorkspaceStatus[] = [];
        for (const workspace of wanted)
          statuses.push(await statusOf(cluster, { kind: 'workspace', platform, workspace }));
        const patches = await patchStates(cluster, platform);
        const store = await storeStatus(platform);
        statuses.forEach((status) => show(status, output));
        for (const { key, state } of patches) output.line(`${platform.stack}: sidecars of ${key}: ${state}`);
        for (const violation of store.violations) output.line(`${platform.stack}: in OpenFGA’s store: ${violation}`);
        if (store.unread !== undefined) output.line(`${platform.stack}: OpenFGA’s store was not read: ${store.unread}`);
        output.result({ guards: platform.guards, patches, store, workspaces: statuses });
        process.exitCode = exitCodeOf({ workspaces: statuses, patches, store });
      } finally {
        cluster.close();
      }
    });
}

interface Found {
  readonly workspaces: readonly Pick<WorkspaceStatus, 'differing' | 'refusals' | 'controls'>[];
  readonly patches: readonly Pick<PatchState, 'state'>[];
  readonly store: StoreStatus;
}

/** 7 when something live is not as it must be, 10 when that cannot be settled, else 0. */
export function exitCodeOf({ workspaces, patches, store }: Found): ExitCode {
  const wrong =
    workspaces.some(({ differing, refusals }) => differing.length + refusals.length > 0) ||
    patches.some(({ state }) => state === 'not as rendered') ||
    store.violations.length > 0;
  if (wrong) return EXIT.unexpectedChanges;
  const unsettled =
    store.unread !== undefined ||
    workspaces.some(({ controls }) => CONTROLS.some((control) => controls[control].verdict === 'inconclusive'));
  return unsettled ? EXIT.inconclusive : EXIT.ok;
}

function show(status: WorkspaceStatus, output: Output): void {
  output.line(
    `${status.stack}: ${status.reached ?? 'not deployed'}${status.reached === status.level ? '' : ` (config says ${status.level})`}`,
  );
  const rows = CONTROLS.map((control) => {
    const { mode, verdict, note } = status.controls[control];
    return [control, mode, verdict, note];
  });
  output.line(table(rows, '  '));
  for (const { replica, state, hash, time } of status.replicas) {
    output.line(
      `  replica ${replica}: policy ${state}${hash === undefined ? '' : `, ${hash.slice(0, 12)} at ${time}`}`,
    );
  }
  for (const { name, controls, state, expiresAt, overdue } of status.relaxations) {
    output.line(`  ${name}: ${controls.join(', ')}, ${state}, ${overdue ? 'expired' : 'expires'} ${expiresAt}`);
  }
  for (const key of status.differing) output.line(`  not as rendered: ${key}`);
  for (const reason of status.refusals) output.line(`  the next update would be refused: ${reason}`);
  output.line();
}
