import { InvalidArgumentError, type Command } from 'commander';
import { previousLevel } from '../bridge/history.js';
import { loadStack } from '../config/load.js';
import { rank, ROLLBACK_TARGETS, type RollbackTarget } from '../model/levels.js';
import { connect } from './cluster.js';
import { resolveEngine } from './engine.js';
import { CliError, EXIT } from './exit-codes.js';
import { relaxingOptions, relaxStack, undoRelaxing, type RelaxingOptions } from './relaxing.js';

interface RollbackOptions extends RelaxingOptions {
  readonly to?: RollbackTarget | 'previous';
}

export function rollbackCommand(program: Command): void {
  relaxingOptions(program.command('rollback'))
    .summary('the runbook’s staged rollback: 1, 2, 3, full or previous; --undo comes back')
    .description(
      'Rolls a workspace back: 1 opens egress, 2 also leaves the allowlist in shadow, 3 also mTLS, full everything. It asks for a Relaxation, waits for another person’s approval or takes one given, sets enforcement.rollback in the stack file and runs the engine.',
    )
    .option('--to <target>', 'where to: 1, 2, 3, full, or previous (the level before the last update)', parseTarget)
    .action(async (options: RollbackOptions) => {
      if (options.undo) return undoRelaxing(options);
      if (options.to === undefined)
        throw new CliError(EXIT.usage, 'where to? Use --to 1|2|3|full|previous, or --undo.');
      const to = options.to === 'previous' ? await targetOfPrevious(options) : options.to;
      return relaxStack(options, (relaxation) => ({ rollback: { to, ...(relaxation && { relaxation }) } }));
    });
}

function parseTarget(value: string): RollbackTarget | 'previous' {
  if (value === 'previous' || value in ROLLBACK_TARGETS) return value as RollbackTarget | 'previous';
  throw new InvalidArgumentError('Allowed: 1, 2, 3, full, previous.');
}

/** The target that goes down to the level before the last update, from the engine's own history. */
async function targetOfPrevious(options: RollbackOptions): Promise<RollbackTarget> {
  const config = loadStack(options.stack, { dir: options.stacks });
  if (config.kind === 'platform') throw new CliError(EXIT.usage, 'the platform has no level to roll back.');
  const cluster = await connect(options);
  try {
    const level = await previousLevel(resolveEngine(options.engine), cluster, options.stack, options.stacks);
    if (level === undefined)
      throw new CliError(EXIT.usage, `${options.stack} has no earlier level in its history. Use --to 1|2|3|full.`);
    const found = Object.entries(ROLLBACK_TARGETS).find(([, target]) => target === level);
    if (found === undefined || rank(level) >= rank(config.workspace.level)) {
      throw new CliError(
        EXIT.usage,
        `the previous level was "${level}", which is not below "${config.workspace.level}": there is nothing to roll back to.`,
      );
    }
    return found[0] as RollbackTarget;
  } finally {
    cluster.close();
  }
}
