import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LabError } from './errors.js';
import { tryFindExecutable } from './executable.js';
import { buildFlags, goEnvironment, goVersionOf, whyNoGo } from './go.js';
import { withLock } from './lock.js';
import { cacheFolder, serverModules } from './paths.js';
import { describeEnd, lastLines, startProcesses } from './processes.js';
import { serverSource, type ServerName, type ServerSource } from './servers.js';

/** Receives one line of progress at a time. */
export type Progress = (line: string) => void;

export interface ObtainOptions {
  /** @default nothing is shown */
  readonly onProgress?: Progress;
  /** Where PATH, the cache folder and Go's settings are read from. @default process.env */
  readonly env?: NodeJS.ProcessEnv;
  /** Folder with one Go module per server. @default lab/servers of this checkout */
  readonly modules?: string;
  /** Time between two signs of life of a build. @default 10000 */
  readonly heartbeatMilliseconds?: number;
}

/** A server that can be executed. */
export interface ObtainedServer {
  readonly name: ServerName;
  readonly path: string;
  readonly from: 'PATH' | 'cache' | 'built';
}

/**
 * Finds one server: on PATH, else in the cache, else it is built from its pinned module and kept in the cache.
 * Rejects with a `LabError` that names the alternatives when Go is missing, or that shows the end of Go's output when
 * the build fails; nothing is left in the cache then.
 */
export async function obtain(name: ServerName, options: ObtainOptions = {}): Promise<ObtainedServer> {
  const { [name]: server } = await obtainAll([name], options);
  return server;
}

/** Finds several servers as `obtain` does, and says first what has to be built and how long that takes. */
export async function obtainAll<N extends ServerName>(
  names: readonly N[],
  options: ObtainOptions = {},
): Promise<Readonly<Record<N, ObtainedServer>>> {
  const env = options.env ?? process.env;
  const report = options.onProgress ?? (() => undefined);
  const found = new Map<N, ObtainedServer>();
  const missing: { readonly name: N; readonly source: ServerSource; readonly module: string; readonly file: string }[] =
    [];
  for (const name of names) {
    const onPath = tryFindExecutable(name, env);
    if (onPath !== undefined) {
      report(`${name}: taken from PATH, ${await versionOf(onPath, serverSource(name), env)}`);
      found.set(name, { name, path: onPath, from: 'PATH' });
      continue;
    }
    const source = serverSource(name);
    const module = join(options.modules ?? serverModules(), source.module);
    const file = join(cacheFolder(env), cacheKey(module), name);
    if (existsSync(file)) found.set(name, { name, path: file, from: 'cache' });
    else missing.push({ name, source, module, file });
  }
  const first = missing[0];
  if (first !== undefined) {
    const wanted = missing.map(({ name }) => name).join(', ');
    const problem = await whyNoGo(first.module, env);
    if (problem !== undefined) throw new LabError(alternatives(wanted, problem, goVersionOf(first.module)));
    report(
      `to be built, once: ${wanted}; about ` +
        `${minutes(missing.reduce((sum, { source }) => sum + source.expectedSeconds, 0))} on two cores, ` +
        `kept in ${cacheFolder(env)}`,
    );
    await withLock(
      join(cacheFolder(env), 'build.lock'),
      async () => {
        for (const { name, source, module, file } of missing) {
          const from = existsSync(file) ? 'cache' : 'built';
          if (from === 'built') await build(source, module, file, { ...options, env });
          found.set(name, { name, path: file, from });
        }
      },
      { onWait: (pid) => report(`waiting for process ${pid}, which is building the lab's servers`) },
    );
  }
  return Object.fromEntries(found) as Record<N, ObtainedServer>;
}

/** Changes with everything that decides what is built from a module. */
export function cacheKey(module: string): string {
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum']) {
    const path = join(module, file);
    hash.update(existsSync(path) ? readFileSync(path) : '').update('\0');
  }
  return hash
    .update([...buildFlags, process.platform, process.arch].join('\0'))
    .digest('hex')
    .slice(0, 16);
}

function alternatives(wanted: string, problem: string, goVersion: string): string {
  return [
    `${wanted} cannot be obtained: not on PATH, not in the cache, and ${problem}.`,
    'One of these helps:',
    `  - Go ${goVersion} or newer on PATH, with which the lab builds its servers once;`,
    `  - the binaries themselves on PATH: ${wanted}, in any recent version;`,
    '  - a cluster of your own instead of the lab: set KUBECONFIG.',
  ].join('\n');
}

async function build(
  source: ServerSource,
  module: string,
  file: string,
  options: ObtainOptions & { readonly env: NodeJS.ProcessEnv },
): Promise<void> {
  const report = options.onProgress ?? (() => undefined);
  const folder = join(file, '..');
  mkdirSync(folder, { recursive: true });
  for (const left of readdirSync(folder)) if (left.includes('.partial-')) rmSync(join(folder, left), { force: true });
  const partial = `${file}.partial-${process.pid}`;
  const started = performance.now();
  const elapsed = (): string => `${Math.round((performance.now() - started) / 1000)} s`;
  report(`${source.name}: building ${source.package} (${source.why}), about ${minutes(source.expectedSeconds)}`);
  const heartbeat = setInterval(
    () => report(`${source.name}: still building, ${elapsed()} of about ${source.expectedSeconds} s`),
    options.heartbeatMilliseconds ?? 10_000,
  );
  // Go runs under a supervisor too: a build of minutes must not go on after a crash of this process.
  const processes = await startProcesses(mkdtempSync(join(tmpdir(), 'portarium-lab-build-')), { temporary: true });
  try {
    const go = await processes.start({
      name: `go-build-${source.name}`,
      command: 'go',
      args: ['build', ...buildFlags, '-o', partial, source.package],
      env: goEnvironment(options.env),
      cwd: module,
    });
    const keepAlive = setInterval(() => undefined, 60_000);
    const end = await go.ended.finally(() => clearInterval(keepAlive));
    if (end.code !== 0 || !existsSync(partial)) {
      throw new LabError(
        `${source.name}: building ${source.package} in lab/servers/${source.module} failed, go ${describeEnd(end)}:\n` +
          lastLines(go.log),
      );
    }
    renameSync(partial, file);
    report(`${source.name}: built in ${elapsed()}`);
  } finally {
    clearInterval(heartbeat);
    await processes.stop();
    rmSync(partial, { force: true });
  }
}

async function versionOf(path: string, source: ServerSource, env: NodeJS.ProcessEnv): Promise<string> {
  try {
    const { stdout, stderr } = await promisify(execFile)(path, [...source.versionArgs], { env, timeout: 10_000 });
    return `${(stdout || stderr).trim().split('\n')[0] ?? ''} (${path})`;
  } catch {
    return `of unknown version (${path})`;
  }
}

function minutes(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds / 10) * 10} s` : `${Math.ceil(seconds / 60)} min`;
}
