import { loadStack, type LoadOptions, type Stack } from '../../config/load.js';
import { CliError, EXIT } from '../exit-codes.js';
import type { StackOptions } from '../stack.js';

/** Loads a workspace's stack. Throws CliError (usage) where the stack is the platform's, which has no allowlist. */
export function workspaceStack({ stack, stacks, level }: StackOptions): Extract<Stack, { kind: 'workspace' }> {
  const options: LoadOptions = { dir: stacks, ...(level && { level }) };
  const config = loadStack(stack, options);
  if (config.kind === 'platform') {
    throw new CliError(EXIT.usage, `"${stack}" is the platform’s stack; only workspaces have an allowlist.`);
  }
  return config;
}
