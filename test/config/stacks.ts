import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { ConfigError } from '../../src/config/messages.js';
import { loadStacks } from '../../src/config/load.js';

/** A change of one stack file: text that stands in it once, and what takes its place. */
export type Edit = readonly [stack: string, from: string, to: string];

const COMMITTED = ['platform', 'ws-acme', 'ws-globex'];

/** The committed stack files with these changes, in a folder of their own that goes with the test. */
export function stacksWith(...edits: readonly Edit[]): string {
  const dir = mkdtempSync(join(tmpdir(), 'stacks-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  for (const stack of COMMITTED) {
    const text = edits
      .filter(([edited]) => edited === stack)
      .reduce((before, [, from, to]) => replaceOnce(before, from, to), committed(stack));
    writeFileSync(join(dir, `Pulumi.${stack}.yaml`), text);
  }
  return dir;
}

/** What a folder of stacks is refused for, without the folder's name; throws when it loads. */
export function refusal(dir: string): string {
  try {
    loadStacks({ dir });
  } catch (error) {
    if (error instanceof ConfigError) return error.message.replaceAll(`${dir}/`, '').replaceAll(dir, '<stacks>');
    throw error;
  }
  throw new Error('the config was accepted');
}

export const refusalOf = (...edits: readonly Edit[]): string => refusal(stacksWith(...edits));

/** The line of a committed stack file that holds `text`, as messages name it. */
export function lineOf(stack: string, text: string): string {
  const index = committed(stack)
    .split('\n')
    .findIndex((line) => line.includes(text));
  if (index < 0) throw new Error(`"${text}" is not in stack ${stack}`);
  return `Pulumi.${stack}.yaml:${index + 1}`;
}

export const committed = (stack: string): string => readFileSync(`stacks/Pulumi.${stack}.yaml`, 'utf8');

function replaceOnce(text: string, from: string, to: string): string {
  if (text.split(from).length !== 2) throw new Error(`"${from}" does not stand exactly once in the stack file`);
  return text.replace(from, () => to);
}
