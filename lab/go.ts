import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LabError } from './errors.js';
import type { Origin } from './origin.js';

const execute = promisify(execFile);

const buildFlags: readonly string[] = [
  '-trimpath',
  '-ldflags',
  '-s -w -X k8s.io/component-base/version.gitVersion=v1.36.3',
];

/** A main package of the Go module in the folder. */
export const goModule: Origin = {
  pins: ['go.mod', 'go.sum'],
  settings: buildFlags,
  doing: 'building',
  done: 'built',
  measured: ' on two cores',
  whyNot: whyNoGo,
  alternatives: (folder, wanted) => [
    `Go ${goVersionOf(folder)} or newer on PATH, with which the lab builds its servers once;`,
    `the binaries themselves on PATH: ${wanted}, in any recent version;`,
    'a cluster of your own instead of the lab: set KUBECONFIG.',
  ],
  recipe: (name, _folder, target, env) => ({
    command: 'go',
    args: ['build', ...buildFlags, '-o', target, name],
    env: goEnvironment(env),
    binary: target,
  }),
};

/** Environment of every call of Go: settings of the user's own projects must not reach these modules. */
function goEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, CGO_ENABLED: '0', GOWORK: 'off', GOFLAGS: '-mod=readonly' };
}

/**
 * Why no Go can be used for a module, or undefined when one can. Asked inside the module, Go answers for the toolchain
 * that it would really use there.
 */
export async function whyNoGo(module: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    await execute('go', ['env', 'GOVERSION'], { cwd: module, env: goEnvironment(env) });
    return undefined;
  } catch (error) {
    const failure = error as NodeJS.ErrnoException & { stderr?: string };
    if (failure.code === 'ENOENT') return 'no `go` is on PATH';
    return `Go cannot be used: ${(failure.stderr || failure.message).trim()}`;
  }
}

/** The version of Go that a module asks for, such as `1.26`. */
export function goVersionOf(module: string): string {
  return /^go (\d+\.\d+)/m.exec(readFileSync(join(module, 'go.mod'), 'utf8'))?.[1] ?? '1.26';
}

/** Folder of a downloaded module, at the version that the module in `folder` pins. */
export async function downloadModule(folder: string, module: string, env: NodeJS.ProcessEnv): Promise<string> {
  try {
    const { stdout } = await execute('go', ['mod', 'download', '-json', module], {
      cwd: folder,
      env: goEnvironment(env),
    });
    return (JSON.parse(stdout) as { Dir: string }).Dir;
  } catch (error) {
    const failure = error as Error & { stdout?: string; stderr?: string };
    throw new LabError(`module ${module} cannot be downloaded: ${failure.stderr || failure.stdout || failure.message}`);
  }
}
