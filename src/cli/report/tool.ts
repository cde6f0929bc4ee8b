import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Tool } from '../../report/index.js';

/** This program: its version, and the commit where it runs from a checkout. */
export function thisTool(): Tool {
  const root = rootFolder();
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return { name: 'portarium-enforcement', version, ...commitOf(root) };
}

/** Found upwards, since `dist/` holds compiled code only. */
function rootFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

function commitOf(root: string): Pick<Tool, 'commit' | 'modified'> {
  if (!existsSync(join(root, '.git'))) return {};
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', root, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return {
      commit: git('rev-parse', 'HEAD'),
      modified: git('status', '--porcelain', '--', 'src', 'package.json') !== '',
    };
  } catch {
    return {};
  }
}
