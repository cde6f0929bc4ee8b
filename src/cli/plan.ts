import type { Command } from 'commander';
import { planAuthorization } from '../bridge/authorization.js';
import { planBetween, type PlannedChange } from '../bridge/plan.js';
import { planLive } from '../bridge/plan-live.js';
import { renderStack } from '../bridge/render.js';
import { loadStack, type Stack } from '../config/load.js';
import { modesAt, relax, type Level, type Modes } from '../model/levels.js';
import { changeLines, controlTable } from './changes.js';
import { clusterOptions, connect, type ClusterOptions } from './cluster.js';
import { EXIT } from './exit-codes.js';
import { createOutput } from './output.js';
import { openStack, type OpenStack } from './open-stack.js';
import { parseLevel, stackOptions, type StackOptions } from './stack.js';

interface PlanOptions extends StackOptions, ClusterOptions {
  readonly against?: Level;
}

export function planCommand(program: Command): void {
  clusterOptions(stackOptions(program.command('plan')))
    .summary('show what an update would change, against the live cluster or another level')
    .description(
      'Shows the controls, the objects and the tuples of OpenFGA that an update would change. Against the live cluster it also says what would refuse the update; with --against it needs no server.',
    )
    .option('--against <level>', 'compare with another level instead of the live cluster', parseLevel)
    .action(async (options: PlanOptions) => {
      const output = createOutput(options.json ?? false);
      const open = openStack(options);
      const plan = options.against === undefined ? await live(open, options) : between(open, options.against, options);
      output.line(`${open.name}: ${plan.title}\n`);
      if (plan.controls)
        output.line(`${controlTable(plan.controls.before, plan.controls.after, plan.controls.relaxed)}\n`);
      for (const line of changeLines(plan.changes)) output.line(line);
      for (const note of plan.notes) output.line(`note: ${note}`);
      for (const reason of plan.refusals) output.line(`refused: ${reason}`);
      output.result({
        stack: open.name,
        against: options.against ?? 'live',
        ...plan.controls,
        changes: plan.changes,
        notes: plan.notes,
        refusals: plan.refusals,
      });
      if (plan.refusals.length > 0) process.exitCode = EXIT.policy;
    });
}

interface Plan {
  readonly title: string;
  readonly controls?: { readonly before?: Modes; readonly after: Modes; readonly relaxed: readonly string[] };
  readonly changes: readonly PlannedChange[];
  readonly notes: readonly string[];
  readonly refusals: readonly string[];
}

function between(open: OpenStack, against: Level, { stacks }: PlanOptions): Plan {
  const before = loadStack(open.name, { dir: stacks, level: against });
  const level = levelOf(open.config);
  return {
    title: `${against} -> ${level ?? ''}`,
    ...controls(open.config, modesAt(against)),
    changes: planBetween(renderStack(before), open.objects),
    notes: [],
    refusals: [],
  };
}

async function live(open: OpenStack, options: PlanOptions): Promise<Plan> {
  const cluster = await connect(options);
  try {
    const { changes, refusals, reached } = await planLive(cluster, open.name, open.config);
    const authorization = await planAuthorization(cluster, open.config);
    const level = levelOf(open.config);
    return {
      title:
        level === undefined
          ? `live at ${cluster.server}`
          : `${reached ?? 'nothing'} -> ${level}, live at ${cluster.server}`,
      ...controls(open.config, reached === undefined ? undefined : modesAt(reached)),
      changes: [...changes, ...authorization.changes],
      notes: authorization.notes,
      refusals,
    };
  } finally {
    cluster.close();
  }
}

const levelOf = (config: Stack): Level | undefined =>
  config.kind === 'workspace' ? config.workspace.level : undefined;

function controls(config: Stack, before: Modes | undefined): Pick<Plan, 'controls'> {
  if (config.kind === 'platform') return {};
  const { level, relaxing } = config.workspace;
  const relaxed = relaxing?.controls ?? [];
  return { controls: { ...(before && { before }), after: relax(level, relaxed), relaxed } };
}
