import { setTimeout as sleep } from 'node:timers/promises';
import { InvalidArgumentError, type Command } from 'commander';
import type { Cluster } from '../bridge/cluster.js';
import { planHash, UNNAMED } from '../bridge/live-facts.js';
import { planBetween } from '../bridge/plan.js';
import { endRelaxation, listRelaxations, readRelaxation, requestRelaxation } from '../bridge/relaxations.js';
import { renderStack } from '../bridge/render.js';
import { editEnforcement, type RelaxingEdit } from '../config/edit.js';
import { loadStack, type Stack } from '../config/load.js';
import { readStackFile } from '../config/stack-file.js';
import { relax, type Control } from '../model/levels.js';
import { DEFAULT_MINUTES, MAX_MINUTES, tryRefusal, type Relaxation } from '../model/relaxation.js';
import { changeLines, controlTable } from './changes.js';
import { clusterOptions, connect, type ClusterOptions } from './cluster.js';
import { deploy, deployedLine, resolveEngine, type Engine } from './engine.js';
import { CliError, EXIT } from './exit-codes.js';
import { createOutput, type Output } from './output.js';
import { stackOptions, type StackOptions } from './stack.js';

/** The options of every command that relaxes: `rollback` and `relax`. */
export interface RelaxingOptions extends StackOptions, ClusterOptions {
  readonly reason?: string;
  readonly ticket?: string;
  readonly approvedBy?: string;
  readonly expires: number;
  readonly wait: number;
  readonly engine: Engine;
  readonly undo?: boolean;
}

export const relaxingOptions = (command: Command): Command =>
  clusterOptions(stackOptions(command))
    .option('--reason <text>', 'why, for the record; at least ten characters')
    .option('--ticket <id>', 'the incident or change it belongs to')
    .option('--approved-by <user>', 'who will approve; another person’s approval is not waited for')
    .option('--expires <minutes>', `how long, at most ${MAX_MINUTES}`, parseMinutes, DEFAULT_MINUTES)
    .option('--wait <seconds>', 'how long to wait for the approval', Number, 300)
    .option('--engine <name>', 'pulumi, apply or auto', parseEngine, 'auto' as Engine)
    .option('--undo', 'come back: remove the key, end the Relaxation, run the engine');

function parseMinutes(value: string): number {
  const minutes = Number(value.replace(/m(in)?$/, ''));
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > MAX_MINUTES) {
    throw new InvalidArgumentError(`Allowed: 1 to ${MAX_MINUTES} minutes, for example 60 or 60m.`);
  }
  return minutes;
}

function parseEngine(value: string): Engine {
  if (value === 'auto' || value === 'pulumi' || value === 'apply') return value;
  throw new InvalidArgumentError('Allowed: auto, pulumi, apply.');
}

/** Asks for the Relaxation, waits for or takes its approval, sets the stack's key and runs the engine. */
export async function relaxStack(options: RelaxingOptions, edit: (name?: string) => RelaxingEdit): Promise<void> {
  const output = createOutput(options.json ?? false);
  const engine = resolveEngine(options.engine);
  const { reason, ticket } = options;
  if (!reason || !ticket) {
    throw new CliError(EXIT.usage, 'a relaxation needs --reason and --ticket: both stay on record with it.');
  }
  const { current, relaxed } = preview(options, edit);
  const { workspace } = relaxed;
  const controls = workspace.relaxing?.controls ?? [];
  const hash = planHash(renderStack(relaxed));
  describe(current, relaxed, output);

  const cluster = await connect(options);
  try {
    const relaxation = await approved(cluster, options, output, {
      controls,
      hash,
      workspaceId: workspace.id,
      reason,
      ticket,
    });
    editEnforcement(options.stacks, options.stack, { relaxing: edit(relaxation.name) });
    // Admission wants every approved Relaxation of a control to be the one that an opening object names.
    await endAll(cluster, workspace.id, output, relaxation.name);
    const deployed = await deploy(engine, cluster, options, output);
    output.line(
      `${options.stack}: ${workspace.relaxing?.as ?? 'relaxed'} until ${relaxation.expiresAt.toISOString()} by ${relaxation.name}`,
    );
    output.line(deployedLine(deployed));
    output.line(`come back with --undo; the key is in ${options.stacks}/Pulumi.${options.stack}.yaml`);
    output.result({ stack: options.stack, relaxation, engine, ms: deployed.ms, applied: deployed.applied });
  } finally {
    cluster.close();
  }
}

/** The stack as it is and as it would be with the key, both checked; nothing is written. */
function preview(
  { stack, stacks }: RelaxingOptions,
  edit: (name?: string) => RelaxingEdit,
): { current: Stack; relaxed: Extract<Stack, { kind: 'workspace' }> } {
  const raw = readStackFile(stacks, stack);
  const current = loadStack(stack, { dir: stacks });
  const { level } = (raw.config['enforcement'] ?? {}) as { readonly level?: unknown };
  const replace = { ...raw, config: { ...raw.config, enforcement: { level, ...edit(UNNAMED) } } };
  const relaxed = loadStack(stack, { dir: stacks, replace });
  if (relaxed.kind === 'platform') {
    throw new CliError(EXIT.usage, `"${stack}" is the platform’s stack; only workspaces are relaxed.`);
  }
  return { current, relaxed };
}

function describe(current: Stack, relaxed: Stack, output: Output): void {
  if (current.kind === 'platform' || relaxed.kind === 'platform') return;
  const { level, relaxing } = relaxed.workspace;
  const before = current.workspace.relaxing?.controls ?? [];
  const after = relaxing?.controls ?? [];
  output.line(`${relaxed.workspace.stack}: ${relaxing?.as ?? ''} at level ${level}; relaxes ${after.join(', ')}\n`);
  output.line(`${controlTable(relax(level, before), relax(level, after), after)}\n`);
  for (const line of changeLines(planBetween(renderStack(current), renderStack(relaxed)))) output.line(line);
}

interface Wanted {
  readonly workspaceId: string;
  readonly controls: readonly Control[];
  readonly hash: string;
  readonly reason: string;
  readonly ticket: string;
}

/** A Relaxation in force for exactly this plan: one that is approved already, or a new one once it is. */
async function approved(
  cluster: Cluster,
  options: RelaxingOptions,
  output: Output,
  wanted: Wanted,
): Promise<Relaxation> {
  const known = (await listRelaxations(cluster, wanted.workspaceId)).filter(
    ({ planHash: hash, state }) => hash === wanted.hash && state !== 'ended',
  );
  const inForce = known.find((candidate) => tryRefusal(candidate, new Date()) === undefined);
  if (inForce) {
    output.progress(`taking ${inForce.name}, approved by ${inForce.approvedBy ?? ''}`);
    return inForce;
  }
  const pending = known.find(({ state, expiresAt }) => state === 'requested' && expiresAt > new Date());
  const { hash, ...rest } = wanted;
  const relaxation =
    pending ?? (await requestRelaxation(cluster, { ...rest, planHash: hash, minutes: options.expires }));
  output.progress(
    `${relaxation.name} asks for ${wanted.controls.join(', ')}; another person approves it with: enforce approve ${relaxation.name}`,
  );
  const deadline = Date.now() + options.wait * 1000;
  for (;;) {
    const now = await readRelaxation(cluster, relaxation.name);
    if (now.state === 'ended') throw new CliError(EXIT.policy, `${now.name} was ended instead of approved.`);
    if (now.state === 'approved') {
      if (options.approvedBy !== undefined && now.approvedBy !== options.approvedBy) {
        throw new CliError(
          EXIT.policy,
          `${now.name} was approved by ${now.approvedBy ?? 'nobody'}, not by ${options.approvedBy}.`,
        );
      }
      output.progress(`${now.name} was approved by ${now.approvedBy ?? ''}`);
      return now;
    }
    if (Date.now() >= deadline) {
      throw new CliError(
        EXIT.timeout,
        `${now.name} is not approved yet; nothing has been changed. Run the same command again once it is: it takes the approval.`,
      );
    }
    await sleep(Math.min(500, Math.max(1, deadline - Date.now())));
  }
}

/**
 * Removes the key, ends the Relaxation and runs the engine. The Relaxation ends first, so that nothing more can be opened
 * with it and the render knows after which one agents must restart; but closing never fails because ending did.
 */
export async function undoRelaxing(options: RelaxingOptions): Promise<void> {
  const output = createOutput(options.json ?? false);
  const engine = resolveEngine(options.engine);
  const config = loadStack(options.stack, { dir: options.stacks });
  if (config.kind === 'platform') {
    throw new CliError(EXIT.usage, `"${options.stack}" is the platform’s stack; it is never relaxed.`);
  }
  const { workspace } = config;
  const cluster = await connect(options);
  try {
    editEnforcement(options.stacks, options.stack, { relaxing: undefined });
    const ended = await endAll(cluster, workspace.id, output);
    const deployed = await deploy(engine, cluster, options, output);
    output.line(`${options.stack}: back at level ${workspace.level}; ended: ${ended.join(', ') || 'none'}`);
    output.line(deployedLine(deployed));
    output.result({ stack: options.stack, level: workspace.level, ended, engine, ms: deployed.ms });
  } finally {
    cluster.close();
  }
}

async function endAll(
  cluster: Cluster,
  workspaceId: string,
  output: Output,
  except?: string,
): Promise<readonly string[]> {
  const ended: string[] = [];
  for (const { name, state } of await listRelaxations(cluster, workspaceId)) {
    if (state === 'ended' || name === except) continue;
    try {
      await endRelaxation(cluster, name);
      ended.push(name);
    } catch (error) {
      output.progress(
        `warning: ${name} could not be ended, closing all the same: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  return ended;
}
