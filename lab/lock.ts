import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify, isRunning, type ProcessIdentity } from './process-identity.js';

export interface LockOptions {
  /** Called once when another process holds the lock, with its id. */
  readonly onWait?: (pid: number) => void;
  /** How often the lock is looked at again. @default 200 */
  readonly pollMilliseconds?: number;
}

/**
 * Runs `work` while no other process runs its own under the same lock file, and waits as long as the holder lives.
 * The lock of a holder that has ended without removing it is taken over.
 */
export async function withLock<T>(file: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  mkdirSync(dirname(file), { recursive: true });
  let announced = false;
  while (!tryTake(file)) {
    const holder = readHolder(file);
    if (holder !== undefined && !announced) {
      announced = true;
      options.onWait?.(holder.pid);
    }
    await sleep(options.pollMilliseconds ?? 200);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

let attempts = 0;

function tryTake(file: string): boolean {
  const own = identify(process.pid);
  attempts += 1;
  const draft = `${file}.${process.pid}.${attempts}`;
  // Written first and linked then: a lock that can be seen always names its holder.
  writeFileSync(draft, JSON.stringify(own));
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const holder = readHolder(file);
    if (holder !== undefined && !isRunning(holder)) removeStale(file, holder, draft);
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Two processes may find the same stale lock: the slower one must not remove what the faster one has put there. */
function removeStale(file: string, stale: ProcessIdentity, draft: string): void {
  const aside = `${draft}.stale`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  const removed = readHolder(aside);
  if (removed !== undefined && (removed.pid !== stale.pid || removed.start !== stale.start)) {
    try {
      linkSync(aside, file);
    } catch {
      // A third process has taken it meanwhile; the work under this lock is safe to do twice.
    }
  }
  rmSync(aside, { force: true });
}

function readHolder(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
