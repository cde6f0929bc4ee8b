import { applyStack, type ApplyResult, type Change } from '../bridge/apply.js';
import { grantTuples, planAuthorization, publishModel, type Authorization } from '../bridge/authorization.js';
import { tryFindPulumi, upStack } from '../bridge/automation.js';
import type { Cluster } from '../bridge/cluster.js';
import { writeInventory } from '../bridge/inventory.js';
import { preflight } from '../bridge/preflight.js';
import { loadStack, type Stack } from '../config/load.js';
import { OpenFgaFailed } from '../openfga/server.js';
import { CliError, EXIT } from './exit-codes.js';
import { duration, type Output } from './output.js';
import type { StackOptions } from './stack.js';

export const ENGINES = ['auto', 'pulumi', 'apply'] as const;
export type Engine = (typeof ENGINES)[number];

/** The engine that will run: `auto` is Pulumi when its CLI and kubernetes plugin are on PATH, else server-side apply. */
export function resolveEngine(wanted: Engine): Exclude<Engine, 'auto'> {
  const found = tryFindPulumi() !== undefined;
  if (wanted === 'pulumi' && !found) {
    throw new CliError(
      EXIT.usage,
      'no Pulumi on PATH: both "pulumi" and "pulumi-resource-kubernetes" are needed. Install the Pulumi CLI, or use --engine apply.',
    );
  }
  return wanted === 'auto' ? (found ? 'pulumi' : 'apply') : wanted;
}

export interface Deployed {
  readonly engine: 'pulumi' | 'apply';
  readonly ms: number;
  /** Absent with Pulumi, which keeps its own history. */
  readonly applied?: AppliedNow;
}

/** What was applied to the cluster, and to OpenFGA. */
export interface AppliedNow extends ApplyResult {
  readonly authorization: Authorization;
}

/**
 * Server-side apply of a stack as its config says now, after the checks that both engines share. A workspace's tuples
 * come before its objects, the platform's model after; in a dry run both are only compared.
 */
export async function applyNow(
  cluster: Cluster,
  config: Stack,
  output: Output,
  options: { readonly dryRun?: boolean; readonly onChange?: (change: Change) => void } = {},
): Promise<AppliedNow> {
  const stack = config.kind === 'platform' ? config.platform.stack : config.workspace.stack;
  const workspace = config.kind === 'workspace' ? config.workspace : undefined;
  const { objects } = await preflight(cluster, config);
  const before = options.dryRun
    ? await planAuthorization(cluster, config)
    : config.kind === 'workspace'
      ? await tuplesOf(cluster, config, output)
      : undefined;
  let done = 0;
  const result = await applyStack(cluster, stack, objects, {
    ...(options.dryRun && { dryRun: true }),
    onProgress: (change) => {
      done += 1;
      options.onChange?.(change);
      if (change.action === 'unchanged') return;
      output.progress(`${String(done).padStart(4)} ${change.action.padEnd(9)} ${change.key}`);
      for (const warning of change.warnings) output.progress(`     warning: ${warning}`);
    },
  });
  if (!options.dryRun) {
    const reached = workspace && { level: workspace.level, relaxing: workspace.relaxing?.controls ?? [] };
    await writeInventory(cluster, stack, { objects, ...(reached && { reached }) });
  }
  for (const note of result.notes) output.progress(note);
  const authorization = before ?? (await publishModel(cluster, config.platform));
  for (const { key, action } of authorization.changes) {
    if (action !== 'unchanged') output.progress(`     ${DONE[action]} ${key}`);
  }
  for (const note of authorization.notes) output.progress(note);
  return { ...result, authorization };
}

const DONE: Readonly<Record<string, string>> = { create: 'created', update: 'updated', delete: 'deleted' };

/**
 * An incident may be that OpenFGA is down, and what helps then is to relax: so a stack that relaxes something goes on
 * without its tuples and says so. Any other stops before it has changed anything.
 */
async function tuplesOf(
  cluster: Cluster,
  config: Extract<Stack, { kind: 'workspace' }>,
  output: Output,
): Promise<Authorization> {
  try {
    return await grantTuples(cluster, config);
  } catch (error) {
    if (!(error instanceof OpenFgaFailed) || config.workspace.relaxing === undefined) throw error;
    output.progress(`warning: ${error.message}`);
    return { changes: [], notes: [`the tuples of OpenFGA are not as the config says: ${error.message}`] };
  }
}

/** Runs the engine on a stack as its config says now. */
export async function deploy(
  engine: 'pulumi' | 'apply',
  cluster: Cluster,
  { stack, stacks }: Pick<StackOptions, 'stack' | 'stacks'>,
  output: Output,
): Promise<Deployed> {
  const started = performance.now();
  if (engine === 'pulumi') {
    await upStack({ stack, stacksDir: stacks, onOutput: (text) => output.progress(text.trimEnd()) });
    return { engine, ms: performance.now() - started };
  }
  const applied = await applyNow(cluster, loadStack(stack, { dir: stacks }), output);
  return { engine, applied, ms: performance.now() - started };
}

export function deployedLine({ engine, ms, applied }: Deployed): string {
  if (!applied) return `done (${engine}, ${duration(ms)})`;
  const counts = [
    `${applied.created.length} created`,
    `${applied.updated.length} updated`,
    `${applied.repaired.length} repaired`,
    `${applied.pruned.length} deleted`,
    `${applied.unchanged.length} unchanged`,
    `${applied.kept.length} kept`,
    ...(['released', 'absent'] as const)
      .filter((action) => applied[action].length > 0)
      .map((action) => `${applied[action].length} ${action}`),
  ];
  return `${counts.join(', ')} (${engine}, ${duration(ms)})`;
}
