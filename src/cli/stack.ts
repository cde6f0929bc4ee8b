import { InvalidArgumentError, type Command } from 'commander';
import { renderStack } from '../bridge/render.js';
import { loadStack, loadStacks, type Stack } from '../config/load.js';
import { suggest } from '../config/messages.js';
import type { KubeObject } from '../model/kube-object.js';
import { LEVELS, type Level } from '../model/levels.js';
import { CliError, EXIT } from './exit-codes.js';

/** The options that every command about a stack takes. */
export interface StackOptions {
  readonly stack: string;
  readonly stacks: string;
  readonly level?: Level;
  readonly json?: boolean;
}

export interface OpenStack {
  readonly name: string;
  readonly config: Stack;
  /** As rendered without a cluster. */
  readonly objects: readonly KubeObject[];
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

/** Loads and renders a stack. Throws ConfigError, before anything is changed, where the config is wrong. */
export function openStack({ stack, stacks, level }: Omit<StackOptions, 'json'>): OpenStack {
  const config = loadStack(stack, { dir: stacks, ...(level && { level }) });
  return { name: stack, config, objects: renderStack(config) };
}

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
