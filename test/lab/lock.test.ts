import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from '../../lab/lock.js';
import { runProgram } from './support/program.js';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portarium-lock-'));
  file = join(folder, 'deep', 'lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('withLock', () => {
  it('returns what the work returns and leaves no file', async () => {
    expect(await withLock(file, () => Promise.resolve(7))).toBe(7);
    expect(readdirSync(join(folder, 'deep'))).toEqual([]);
  });

  it('is free again after work that fails', async () => {
    await expect(withLock(file, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(existsSync(file)).toBe(false);
  });

  it('never lets two work at once', async () => {
    let working = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      working += 1;
      most = Math.max(most, working);
      await sleep(5);
      working -= 1;
    };
    await Promise.all(Array.from({ length: 8 }, () => withLock(file, work, { pollMilliseconds: 1 })));
    expect(most).toBe(1);
  });

  it('waits for another process that lives, says so once, and takes over when that is killed', async () => {
    const { child } = await runProgram<'locked'>('./locker.ts', file);
    const waits: number[] = [];
    const taken = withLock(file, () => Promise.resolve('mine'), {
      onWait: (pid) => waits.push(pid),
      pollMilliseconds: 5,
    });
    await sleep(100);
    expect(waits).toEqual([child.pid]);
    child.kill('SIGKILL');
    expect(await taken).toBe('mine');
  });

  it('takes over the lock of a process whose id another one has now', async () => {
    await withLock(file, () => Promise.resolve());
    writeFileSync(file, JSON.stringify({ pid: process.pid, start: 'another boot/1' }));
    expect(await withLock(file, () => Promise.resolve('mine'))).toBe('mine');
  });
});
