import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** How binaries come from one kind of pinned source. */
export interface Origin {
  /** Files in a server's folder that pin it. */
  readonly pins: readonly string[];
  /** What else decides which binary it becomes. */
  readonly settings: readonly string[];
  /** What happens to the source: for the progress display. */
  readonly doing: 'building' | 'downloading';
  readonly done: 'built' | 'downloaded';
  /** Where the expected time was measured, or nothing where that says little. */
  readonly measured: string;
  /** Why its tool cannot be used for a folder, or undefined when it can. */
  whyNot(folder: string, env: NodeJS.ProcessEnv): Promise<string | undefined>;
  /** What would help somebody whose machine lacks the tool; one entry a line. */
  alternatives(folder: string, wanted: string): readonly string[];
  /** The command that makes `what`, and where its binary is afterwards: inside `target`, a path that is free. */
  recipe(what: string, folder: string, target: string, env: NodeJS.ProcessEnv): Recipe;
}

export interface Recipe {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly binary: string;
}

/** Changes with everything that decides what comes from a folder. */
export function cacheKey(folder: string, { pins, settings }: Pick<Origin, 'pins' | 'settings'>): string {
  const hash = createHash('sha256');
  for (const file of pins) {
    const path = join(folder, file);
    hash.update(existsSync(path) ? readFileSync(path) : '').update('\0');
  }
  return hash
    .update([...settings, process.platform, process.arch].join('\0'))
    .digest('hex')
    .slice(0, 16);
}
