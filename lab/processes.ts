import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LabError } from './errors.js';
import { tryFindExecutable } from './executable.js';
import { identify, isRunning, signal, type ProcessIdentity } from './process-identity.js';
import { standaloneScript } from './standalone.js';
import type { SupervisorEvent, SupervisorRequest } from './supervisor.js';

/** One process to start. */
export interface ProcessSpec {
  /** Unique in its folder; its output goes to `<name>.log` there. */
  readonly name: string;
  readonly command: string;
  /** @default none */
  readonly args?: readonly string[];
  /** @default the environment of this process */
  readonly env?: NodeJS.ProcessEnv;
  /** @default the folder of the processes */
  readonly cwd?: string;
}

/** How a process ended. `error` is set when it could not be started at all. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: string | null;
  readonly error?: string;
}

export interface RunningProcess {
  readonly name: string;
  readonly pid: number;
  /** Path of the file with its output. */
  readonly log: string;
  /** Resolves when it has ended; never rejects. */
  readonly ended: Promise<ProcessEnd>;
  /** How it ended, or undefined while it runs. */
  end(): ProcessEnd | undefined;
  /** Ends it (TERM, after half a second KILL) and resolves when it has ended. */
  stop(): Promise<ProcessEnd>;
}

/** Processes that end with the one that started them, however that one ends. */
export interface Processes {
  readonly folder: string;
  /** Starts one more. Rejects with a `LabError` when it cannot be executed. */
  start(spec: ProcessSpec): Promise<RunningProcess>;
  /** The supervisor's id and those of the processes that still run. */
  pids(): Readonly<Record<string, number>>;
  /** Lets them outlive this process; from now on `stopRecorded` ends them. */
  detach(): Promise<void>;
  /** Ends all of them and resolves when they have ended; removes the folder if it was temporary. Safe to call twice. */
  stop(): Promise<void>;
}

export interface StartProcessesOptions {
  /** Removes the folder when everything has ended, also after a crash of this process. @default false */
  readonly temporary?: boolean;
}

/** What `processes.json` in the folder of a lab holds, so that a later run finds what an earlier one left. */
export interface ProcessRecord {
  readonly supervisor: ProcessIdentity;
  readonly processes: readonly (ProcessIdentity & { readonly name: string })[];
}

const recordFile = 'processes.json';
const stopMilliseconds = 10_000;
const predecessorMilliseconds = 5000;

/**
 * Starts the supervisor of a folder. Processes of an earlier run in the same folder must have ended; those that are
 * still ending are waited for, for at most five seconds.
 */
export async function startProcesses(folder: string, options: StartProcessesOptions = {}): Promise<Processes> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await waitForPredecessor(folder);
  return new SupervisedProcesses(folder, options.temporary ?? false);
}

/** The processes that a folder's record names and that still run. */
export function recordedProcesses(folder: string): ProcessRecord | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, recordFile), 'utf8')) as ProcessRecord;
  } catch {
    return undefined;
  }
}

/** Whether any process of the record still runs. */
export function anyRunning(record: ProcessRecord): boolean {
  return [record.supervisor, ...record.processes].some(isRunning);
}

/**
 * Ends the processes that a folder's record names, the supervisor first so that it can end the others, and resolves
 * when all have ended. Only processes with the recorded start time are touched. Does nothing without a record.
 */
export async function stopRecorded(folder: string): Promise<void> {
  const record = recordedProcesses(folder);
  if (record === undefined) return;
  signal(record.supervisor, 'SIGTERM');
  if (!(await waitUntil(() => !isRunning(record.supervisor), stopMilliseconds))) signal(record.supervisor, 'SIGKILL');
  // What it has not ended, because it was killed itself, can only be ended from here.
  for (const identity of record.processes) signal(identity, 'SIGKILL');
  if (!(await waitUntil(() => !anyRunning(record), stopMilliseconds))) {
    throw new LabError(`processes of ${folder} do not end: ${describe(record)}`);
  }
  rmSync(join(folder, recordFile), { force: true });
}

/** The last lines of a log, for an error message. */
export function lastLines(log: string, count = 15): string {
  if (!existsSync(log)) return '';
  return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
}

/** Says how a process ended, in words. */
export function describeEnd(end: ProcessEnd): string {
  if (end.error !== undefined) return `could not be started: ${end.error}`;
  return end.signal === null ? `ended with exit code ${end.code}` : `was ended by ${end.signal}`;
}

class SupervisedProcesses implements Processes {
  readonly folder: string;
  readonly #temporary: boolean;
  readonly #supervisor: ChildProcess;
  readonly #identity: ProcessIdentity;
  readonly #supervisorEnded: Promise<void>;
  readonly #running = new Map<number, { readonly name: string; readonly identity: ProcessIdentity }>();
  readonly #listeners = new Map<number, (event: SupervisorEvent) => void>();
  #nextId = 1;
  #detached: (() => void) | undefined;

  constructor(folder: string, temporary: boolean) {
    this.folder = folder;
    this.#temporary = temporary;
    const log = openSync(join(folder, 'supervisor.log'), 'a', 0o600);
    // A session of its own: Ctrl-C in the terminal must not reach the servers before the supervisor ends them in order.
    this.#supervisor = spawn(process.execPath, [standaloneScript('supervisor', import.meta.url)], {
      cwd: folder,
      // Options for the program above it, a debugger's port for instance, are not for the supervisor.
      env: { ...process.env, NODE_OPTIONS: '' },
      detached: true,
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    const { pid } = this.#supervisor;
    const identity = pid === undefined ? undefined : identify(pid);
    if (identity === undefined) throw new LabError(`the supervisor of ${folder} could not be started`);
    this.#identity = identity;
    // A message that no longer reaches it; that it has ended is reported by its exit.
    this.#supervisor.on('error', () => undefined);
    this.#supervisor.on('message', (event: SupervisorEvent) => this.#receive(event));
    this.#supervisorEnded = new Promise((resolve) => {
      this.#supervisor.on('exit', () => {
        // It may have been killed itself: whatever it leaves must not stay behind.
        for (const { identity: left } of this.#running.values()) signal(left, 'SIGKILL');
        const why = lastLines(join(folder, 'supervisor.log'));
        const error = `its supervisor has ended${why === '' ? '' : `:\n${why}`}`;
        for (const [id, listener] of this.#listeners) {
          listener({ type: 'ended', id, code: null, signal: null, error });
        }
        resolve();
      });
    });
    this.#record();
    if (temporary) this.#send({ type: 'removeAtEnd', folder });
    this.#letGo();
  }

  async start(spec: ProcessSpec): Promise<RunningProcess> {
    const env = spec.env ?? process.env;
    const command = tryFindExecutable(spec.command, env);
    if (command === undefined) {
      throw new LabError(`${spec.name} cannot be started: ${spec.command} is not an executable file or not on PATH`);
    }
    const id = this.#nextId++;
    const log = join(this.folder, `${spec.name}.log`);
    let end: ProcessEnd | undefined;
    let resolveEnded: (end: ProcessEnd) => void = () => undefined;
    const ended = new Promise<ProcessEnd>((resolve) => (resolveEnded = resolve));
    const pid = await this.#whileHeld(
      () =>
        new Promise<number>((resolve, reject) => {
          this.#listeners.set(id, (event) => {
            if (event.type === 'started') {
              const identity = identify(event.pid);
              if (identity !== undefined) this.#running.set(id, { name: spec.name, identity });
              this.#record();
              resolve(event.pid);
            } else if (event.type === 'ended') {
              this.#listeners.delete(id);
              this.#running.delete(id);
              end = {
                code: event.code,
                signal: event.signal,
                ...(event.error === undefined ? {} : { error: event.error }),
              };
              resolveEnded(end);
              reject(new LabError(`${spec.name} ${describeEnd(end)} (${command})`));
            }
          });
          this.#send({
            type: 'start',
            id,
            command,
            args: spec.args ?? [],
            env,
            cwd: spec.cwd ?? this.folder,
            log,
          });
        }),
    );
    return {
      name: spec.name,
      pid,
      log,
      ended,
      end: () => end,
      stop: () => {
        if (end === undefined) this.#send({ type: 'end', id });
        return this.#whileHeld(() => ended);
      },
    };
  }

  pids(): Readonly<Record<string, number>> {
    return Object.fromEntries([
      ['supervisor', this.#identity.pid],
      ...[...this.#running.values()].map(({ name, identity }) => [name, identity.pid] as const),
    ]);
  }

  async detach(): Promise<void> {
    await this.#whileHeld(
      () =>
        new Promise<void>((resolve, reject) => {
          this.#detached = resolve;
          this.#send({ type: 'detach' });
          void this.#supervisorEnded.then(() => reject(new LabError(`the supervisor of ${this.folder} has ended`)));
        }),
    );
    this.#supervisor.disconnect();
  }

  async stop(): Promise<void> {
    if (this.#supervisor.connected) this.#supervisor.disconnect();
    else signal(this.#identity, 'SIGTERM');
    this.#supervisor.ref();
    const inTime = await Promise.race([
      this.#supervisorEnded.then(() => true),
      sleep(stopMilliseconds, false, { ref: false }),
    ]);
    if (!inTime) signal(this.#identity, 'SIGKILL');
    await this.#supervisorEnded;
    rmSync(this.#temporary ? this.folder : join(this.folder, recordFile), { recursive: true, force: true });
  }

  #receive(event: SupervisorEvent): void {
    if (event.type === 'detached') this.#detached?.();
    else this.#listeners.get(event.id)?.(event);
  }

  #send(request: SupervisorRequest): void {
    if (this.#supervisor.connected) this.#supervisor.send(request, () => undefined);
  }

  /** A lab that nobody stops must not keep this process alive: its end is what ends the lab. */
  #letGo(): void {
    this.#supervisor.unref();
    this.#supervisor.channel?.unref();
  }

  async #whileHeld<T>(work: () => Promise<T>): Promise<T> {
    if (this.#supervisor.exitCode !== null || this.#supervisor.signalCode !== null) {
      throw new LabError(`the supervisor of ${this.folder} has ended`);
    }
    this.#supervisor.channel?.ref();
    try {
      return await work();
    } finally {
      this.#supervisor.channel?.unref();
    }
  }

  #record(): void {
    const record: ProcessRecord = {
      supervisor: this.#identity,
      processes: [...this.#running.values()].map(({ name, identity }) => ({ name, ...identity })),
    };
    const draft = join(this.folder, `${recordFile}.draft`);
    writeFileSync(draft, JSON.stringify(record, undefined, 2), { mode: 0o600 });
    renameSync(draft, join(this.folder, recordFile));
  }
}

async function waitForPredecessor(folder: string): Promise<void> {
  const record = recordedProcesses(folder);
  if (record === undefined) return;
  if (await waitUntil(() => !anyRunning(record), predecessorMilliseconds)) return;
  throw new LabError(
    `${folder} belongs to processes that are still running (${describe(record)}); ` +
      'end them, with `enforce lab down` if it is the lab in the background, or use another folder',
  );
}

function describe(record: ProcessRecord): string {
  return [{ name: 'supervisor', ...record.supervisor }, ...record.processes]
    .filter(isRunning)
    .map(({ name, pid }) => `${name} ${pid}`)
    .join(', ');
}

async function waitUntil(condition: () => boolean, milliseconds: number): Promise<boolean> {
  const deadline = performance.now() + milliseconds;
  while (!condition()) {
    if (performance.now() > deadline) return false;
    await sleep(50);
  }
  return true;
}
