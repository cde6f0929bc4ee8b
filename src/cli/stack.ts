import { InvalidArgumentError, type Command } from 'commander';
import { loadStacks } from '../config/load.js';
import { suggest } from '../config/messages.js';
import { LEVELS, type Level } from '../model/levels.js';
import { CliError, EXIT } from './exit-codes.js';

/** The options that every command about a stack takes. */
export interface StackOptions {
  readonly stack: string;
  readonly stacks: string;
  readonly level?: Level;
  readonly json?: boolean;
}

export const parseLevel = (value: string): Level => {
  const level = LEVELS.find((candidate) => candidate === value);
  if (level === undefined) throw new InvalidArgumentError(suggest(value, LEVELS));
  return level;
};

export const stackOptions = (command: Command): Command =>
  command
    .requiredOption('--stack <name>', 'the stack, as in stacks/Pulumi.<name>.yaml')
    .option('--level <level>', `another level than the config's: ${LEVELS.join(', ')}`, parseLevel)
    .option('--stacks <dir>', 'folder of the stack files', 'stacks')
    .option('--json', 'answer as one JSON document');

/** The workspace of a stack, among all stacks of the folder. Throws ConfigError, and CliError where there is no such stack. */
export function openWorkspace(stack: string, stacks: string) {
  const { platform, workspaces } = loadStacks({ dir: stacks });
  const workspace = workspaces.find((candidate) => candidate.stack === stack);
  if (workspace === undefined) {
    throw new CliError(
      EXIT.stackNotFound,
      `no workspace stack "${stack}" in ${stacks}. There are: ${workspaces.map((each) => each.stack).join(', ')}.`,
    );
  }
  return { platform, workspace, workspaces };
}
