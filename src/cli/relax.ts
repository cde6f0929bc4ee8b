import { InvalidArgumentError, type Command } from 'commander';
import { suggest } from '../config/messages.js';
import { CONTROLS, type Control } from '../model/levels.js';
import { CliError, EXIT } from './exit-codes.js';
import { relaxingOptions, relaxStack, undoRelaxing, type RelaxingOptions } from './relaxing.js';

interface RelaxOptions extends RelaxingOptions {
  readonly control: readonly Control[];
}

export function relaxCommand(program: Command): void {
  relaxingOptions(program.command('relax'))
    .summary('leave one control in shadow for a while: the normal answer to an incident')
    .description(
      'Relaxes single controls of a workspace and leaves the others enforced. Asks for a Relaxation, waits for or takes its approval, sets enforcement.relax in the stack file and runs the engine.',
    )
    .option('--control <name>', `a control, repeatable: ${CONTROLS.join(', ')}`, collect, [] as readonly Control[])
    .action((options: RelaxOptions) => {
      if (options.undo) return undoRelaxing(options);
      if (options.control.length === 0)
        throw new CliError(EXIT.usage, `which control? Use --control ${CONTROLS.join('|')}.`);
      return relaxStack(options, (relaxation) => ({
        relax: { controls: options.control, ...(relaxation && { relaxation }) },
      }));
    });
}

function collect(value: string, before: readonly Control[]): readonly Control[] {
  const control = CONTROLS.find((candidate) => candidate === value);
  if (control === undefined) throw new InvalidArgumentError(suggest(value, CONTROLS));
  return [...new Set([...before, control])];
}
