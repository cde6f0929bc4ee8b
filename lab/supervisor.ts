/**
 * Runs as a process of its own, between a lab's servers and the program that started them, so that they end with that
 * program however it ends: the channel to it closes even when it is killed. It stands alone (no imports of ours), since
 * Node runs it both as compiled JavaScript and, in tests, as TypeScript with its types stripped.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { openSync, closeSync, rmSync } from 'node:fs';

export type SupervisorRequest =
  | {
      readonly type: 'start';
      readonly id: number;
      readonly command: string;
      readonly args: readonly string[];
      readonly env: NodeJS.ProcessEnv;
      readonly cwd: string;
      readonly log: string;
    }
  | { readonly type: 'end'; readonly id: number }
  | { readonly type: 'removeAtEnd'; readonly folder: string }
  /** From now on a closed channel means nothing, and only a signal ends the servers. */
  | { readonly type: 'detach' };

export type SupervisorEvent =
  | { readonly type: 'started'; readonly id: number; readonly pid: number }
  | {
      readonly type: 'ended';
      readonly id: number;
      readonly code: number | null;
      readonly signal: string | null;
      readonly error?: string;
    }
  | { readonly type: 'detached' };

// Nothing that a lab stores is wanted afterwards, so there is little to wait for.
const graceMilliseconds = 500;
const children = new Map<number, ChildProcess>();
let folderToRemove: string | undefined;
let detached = false;
let ending = false;

/**
 * Where the system can do it (util-linux on Linux), the kernel ends a server whose supervisor has ended, so that even
 * killing both this process and its parent leaves nothing behind.
 */
const tiedToThisProcess: readonly string[] = (() => {
  if (process.platform !== 'linux') return [];
  for (const setpriv of ['/usr/bin/setpriv', '/bin/setpriv']) {
    try {
      execFileSync(setpriv, ['--pdeathsig', 'KILL', setpriv, '--version'], { stdio: 'ignore' });
      return [setpriv, '--pdeathsig', 'KILL', '--'];
    } catch {
      // Not there, or one that does not know the option.
    }
  }
  return [];
})();

function tell(event: SupervisorEvent): void {
  if (process.connected) process.send?.(event, () => undefined);
}

function start(request: Extract<SupervisorRequest, { type: 'start' }>): void {
  const log = openSync(request.log, 'a', 0o600);
  const [command = '', ...args] = [...tiedToThisProcess, request.command, ...request.args];
  const child = spawn(command, args, {
    cwd: request.cwd,
    env: request.env,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  children.set(request.id, child);
  child.on('spawn', () => {
    if (child.pid !== undefined) tell({ type: 'started', id: request.id, pid: child.pid });
  });
  child.on('error', (error) => {
    children.delete(request.id);
    tell({ type: 'ended', id: request.id, code: null, signal: null, error: error.message });
    if (ending) endWhenEmpty();
  });
  child.on('exit', (code, signal) => {
    children.delete(request.id);
    tell({ type: 'ended', id: request.id, code, signal });
    if (ending) endWhenEmpty();
  });
}

function end(child: ChildProcess): void {
  child.kill('SIGTERM');
  setTimeout(() => child.kill('SIGKILL'), graceMilliseconds).unref();
}

function endAll(): void {
  if (ending) return;
  ending = true;
  // The whole process group, because a server may have started helpers of its own; we ignore the signal by now.
  process.kill(0, 'SIGTERM');
  setTimeout(() => {
    for (const child of children.values()) child.kill('SIGKILL');
  }, graceMilliseconds);
  endWhenEmpty();
}

function endWhenEmpty(): void {
  if (children.size > 0) return;
  if (folderToRemove !== undefined) rmSync(folderToRemove, { recursive: true, force: true, maxRetries: 3 });
  process.exit(0);
}

process.on('message', (request: SupervisorRequest) => {
  if (request.type === 'removeAtEnd') {
    folderToRemove = request.folder;
  } else if (request.type === 'detach') {
    detached = true;
    tell({ type: 'detached' });
  } else if (ending) {
    if (request.type === 'start') {
      tell({ type: 'ended', id: request.id, code: null, signal: null, error: 'the lab is ending' });
    }
  } else if (request.type === 'start') {
    start(request);
  } else {
    const child = children.get(request.id);
    if (child !== undefined) end(child);
  }
});
process.on('disconnect', () => {
  if (!detached) endAll();
});
process.on('SIGTERM', endAll);
process.on('SIGINT', endAll);
process.on('SIGHUP', () => undefined);
