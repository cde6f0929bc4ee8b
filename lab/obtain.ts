import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { LabError } from './errors.js';
import { tryFindExecutable } from './executable.js';
import { withLock } from './lock.js';
import { cacheKey, type Origin } from './origin.js';
import { cacheFolder, serverFolders } from './paths.js';
import { describeEnd, lastLines, startProcesses } from './processes.js';
import { serverSource, type ServerName, type ServerSource } from './servers.js';

/** Receives one line of progress at a time. */
export type Progress = (line: string) => void;

export interface ObtainOptions {
  /** @default nothing is shown */
  readonly onProgress?: Progress;
  /** Where PATH, the cache folder and the settings of Go and pip are read from. @default process.env */
  readonly env?: NodeJS.ProcessEnv;
  /** Folder with one folder per server, which pins its source. @default lab/servers of this checkout */
  readonly servers?: string;
  /** Time between two signs of life while one is made. @default 10000 */
  readonly heartbeatMilliseconds?: number;
}

/** A server that can be executed. */
export interface ObtainedServer {
  readonly name: ServerName;
  readonly path: string;
  readonly from: 'PATH' | 'cache' | Origin['done'];
}

/** One that is neither on PATH nor in the cache. */
interface Missing<N extends ServerName> {
  readonly name: N;
  readonly source: ServerSource;
  /** The folder that pins it. */
  readonly folder: string;
  /** Where it belongs in the cache. */
  readonly file: string;
}

/**
 * Finds one server: on PATH, else in the cache, else it is made from its pinned source and kept in the cache. Rejects
 * with a `LabError` that names the alternatives when the tool for that (Go, pip) is missing, or that shows the end of
 * the tool's output when it fails; nothing is left in the cache then.
 */
export async function obtain(name: ServerName, options: ObtainOptions = {}): Promise<ObtainedServer> {
  const { [name]: server } = await obtainAll([name], options);
  return server;
}

/** Whether all of them are on PATH or in the cache, so that nothing has to be made. */
export function areAtHand(names: readonly ServerName[], { env = process.env, servers }: ObtainOptions = {}): boolean {
  return names.every((name) => {
    const { folder, origin } = serverSource(name);
    const pinned = join(servers ?? serverFolders(), folder);
    return (
      tryFindExecutable(name, env) !== undefined || existsSync(join(cacheFolder(env), cacheKey(pinned, origin), name))
    );
  });
}

/** Finds several servers as `obtain` does, and says first what has to be made and how long that takes. */
export async function obtainAll<N extends ServerName>(
  names: readonly N[],
  options: ObtainOptions = {},
): Promise<Readonly<Record<N, ObtainedServer>>> {
  const env = options.env ?? process.env;
  const report = options.onProgress ?? (() => undefined);
  const found = new Map<N, ObtainedServer>();
  const missing: Missing<N>[] = [];
  for (const name of names) {
    const source = serverSource(name);
    const onPath = tryFindExecutable(name, env);
    if (onPath !== undefined) {
      report(`${name}: taken from PATH, ${await versionOf(onPath, source, env)}`);
      found.set(name, { name, path: onPath, from: 'PATH' });
      continue;
    }
    const folder = join(options.servers ?? serverFolders(), source.folder);
    const file = join(cacheFolder(env), cacheKey(folder, source.origin), name);
    if (existsSync(file)) found.set(name, { name, path: file, from: 'cache' });
    else missing.push({ name, source, folder, file });
  }
  const kinds = Map.groupBy(missing, ({ source }) => source.origin);
  const lines: string[] = [];
  for (const [origin, servers] of kinds) lines.push(await announcement(origin, servers, env));
  for (const line of lines) report(line);
  for (const [origin, servers] of kinds) {
    // A lock per kind: a download of seconds must not wait for somebody's build of minutes.
    await withLock(
      join(cacheFolder(env), `${origin.doing}.lock`),
      async () => {
        for (const { name, source, folder, file } of servers) {
          const from = existsSync(file) ? 'cache' : origin.done;
          if (from !== 'cache') await make(source, folder, file, { ...options, env });
          found.set(name, { name, path: file, from });
        }
      },
      { onWait: (pid) => report(`waiting for process ${pid}, which is ${origin.doing} the lab's servers`) },
    );
  }
  return Object.fromEntries(found) as Record<N, ObtainedServer>;
}

/** Says what has to be made from one kind of source. Rejects when the tool for it is missing. */
async function announcement(
  origin: Origin,
  servers: readonly Missing<ServerName>[],
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const folder = servers[0]?.folder ?? '';
  const wanted = servers.map(({ name }) => name).join(', ');
  const problem = await origin.whyNot(folder, env);
  if (problem !== undefined) {
    throw new LabError(
      [
        `${wanted} cannot be obtained: not on PATH, not in the cache, and ${problem}.`,
        'One of these helps:',
        ...origin.alternatives(folder, wanted).map((line) => `  - ${line}`),
      ].join('\n'),
    );
  }
  const seconds = servers.reduce((sum, { source }) => sum + source.expectedSeconds, 0);
  return `to be ${origin.done}, once: ${wanted}; about ${minutes(seconds)}${origin.measured}, kept in ${cacheFolder(env)}`;
}

async function make(
  source: ServerSource,
  folder: string,
  file: string,
  options: ObtainOptions & { readonly env: NodeJS.ProcessEnv },
): Promise<void> {
  const report = options.onProgress ?? (() => undefined);
  const { doing, done } = source.origin;
  mkdirSync(dirname(file), { recursive: true });
  for (const left of readdirSync(dirname(file))) {
    if (left.includes('.partial-')) rmSync(join(dirname(file), left), { recursive: true, force: true });
  }
  const partial = `${file}.partial-${process.pid}`;
  const started = performance.now();
  const elapsed = (): string => `${Math.round((performance.now() - started) / 1000)} s`;
  report(`${source.name}: ${doing} ${source.what} (${source.why}), about ${minutes(source.expectedSeconds)}`);
  const heartbeat = setInterval(
    () => report(`${source.name}: still ${doing}, ${elapsed()} of about ${source.expectedSeconds} s`),
    options.heartbeatMilliseconds ?? 10_000,
  );
  // The tool runs under a supervisor too: a build of minutes must not go on after a crash of this process.
  const processes = await startProcesses(mkdtempSync(join(tmpdir(), 'portarium-lab-build-')), { temporary: true });
  try {
    const { binary, ...command } = source.origin.recipe(source.what, folder, partial, options.env);
    const tool = await processes.start({ ...command, name: `${doing}-${source.name}`, cwd: folder });
    const keepAlive = setInterval(() => undefined, 60_000);
    const end = await tool.ended.finally(() => clearInterval(keepAlive));
    if (end.code !== 0 || !existsSync(binary)) {
      throw new LabError(
        `${source.name}: ${doing} ${source.what} by lab/servers/${source.folder} failed, ` +
          `${command.command} ${describeEnd(end)}:\n${lastLines(tool.log)}`,
      );
    }
    renameSync(binary, file);
    report(`${source.name}: ${done} in ${elapsed()}`);
  } finally {
    clearInterval(heartbeat);
    await processes.stop();
    rmSync(partial, { recursive: true, force: true });
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
