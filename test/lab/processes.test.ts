import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identify } from '../../lab/process-identity.js';
import { lastLines, recordedProcesses, startProcesses, stopRecorded } from '../../lab/processes.js';
import { runProgram } from './support/program.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portarium-processes-'));
});
afterEach(async () => {
  await stopRecorded(folder);
  rmSync(folder, { recursive: true, force: true });
});

async function allEnd(pids: Readonly<Record<string, number>>): Promise<void> {
  await expect
    .poll(() => Object.entries(pids).filter(([, pid]) => identify(pid) !== undefined), { timeout: 8000, interval: 50 })
    .toEqual([]);
}

function running(pids: Readonly<Record<string, number>>): string[] {
  return Object.entries(pids).flatMap(([name, pid]) => (identify(pid) === undefined ? [] : [name]));
}

type Pids = Record<'supervisor' | 'obedient' | 'stubborn', number>;

describe('processes of a lab', () => {
  it('write to a log each and report how they ended', async () => {
    const processes = await startProcesses(folder);
    const echo = await processes.start({ name: 'echo', command: 'sh', args: ['-c', 'echo out; echo err >&2; exit 3'] });
    expect(await echo.ended).toEqual({ code: 3, signal: null });
    expect(echo.end()).toEqual({ code: 3, signal: null });
    expect(lastLines(echo.log)).toBe('out\nerr');
    await processes.stop();
  });

  it('refuse a command that does not exist, and go on', async () => {
    const processes = await startProcesses(folder);
    await expect(processes.start({ name: 'ghost', command: 'no-such-server' })).rejects.toThrow(
      'ghost cannot be started: no-such-server is not an executable file or not on PATH',
    );
    await expect(processes.start({ name: 'ok', command: 'true' })).resolves.toMatchObject({ name: 'ok' });
    await processes.stop();
  });

  it('are ended by stop, also one that ignores TERM, and the record goes', async () => {
    const { child, answer } = await runProgram<Pids>('./parent.ts', folder, 'keep');
    expect(running(answer)).toEqual(['supervisor', 'obedient', 'stubborn']);
    await stopRecorded(folder);
    expect(running(answer)).toEqual([]);
    expect(recordedProcesses(folder)).toBeUndefined();
    child.kill('SIGKILL');
  });

  it('can be ended one by one', async () => {
    const processes = await startProcesses(folder);
    const one = await processes.start({ name: 'one', command: 'sleep', args: ['600'] });
    const two = await processes.start({ name: 'two', command: 'sleep', args: ['600'] });
    expect(await one.stop()).toEqual({ code: null, signal: 'SIGTERM' });
    expect(Object.keys(processes.pids())).toEqual(['supervisor', 'two']);
    await processes.stop();
    expect(identify(two.pid)).toBeUndefined();
  });

  it('end after Ctrl-C, which a terminal sends to the whole process group', async () => {
    const { child, answer } = await runProgram<Pids>('./parent.ts', folder, 'keep');
    process.kill(-(child.pid ?? 0), 'SIGINT');
    await allEnd(answer);
  });

  it.each(['SIGKILL', 'SIGTERM', 'SIGHUP'] as const)('end when their parent gets %s', async (signal) => {
    const { child, answer } = await runProgram<Pids>('./parent.ts', folder, 'keep');
    child.kill(signal);
    await allEnd(answer);
  });

  it('end when the parent returns without stopping them', async () => {
    const { child, answer } = await runProgram<Pids>('./forgetful.ts', folder);
    await new Promise((resolve) => child.once('exit', resolve));
    expect(child.exitCode).toBe(0);
    await allEnd(answer);
  });

  it('take their temporary folder with them, also after a crash', async () => {
    const { child, answer } = await runProgram<Pids>('./parent.ts', folder, 'temporary');
    child.kill('SIGKILL');
    await allEnd(answer);
    expect(existsSync(folder)).toBe(false);
  });

  it('are ended by the parent when their supervisor is killed', async () => {
    const processes = await startProcesses(folder, { temporary: true });
    const server = await processes.start({ name: 'server', command: 'sleep', args: ['600'] });
    process.kill(processes.pids()['supervisor'] ?? 0, 'SIGKILL');
    expect(await server.ended).toMatchObject({ error: 'its supervisor has ended' });
    await allEnd({ server: server.pid });
    await expect(processes.start({ name: 'late', command: 'true' })).rejects.toThrow(
      `the supervisor of ${folder} has ended`,
    );
    await processes.stop();
    expect(existsSync(folder)).toBe(false);
  });

  it.runIf(process.platform === 'linux')('end when parent and supervisor are killed at once', async () => {
    const { child, answer } = await runProgram<Pids>('./parent.ts', folder, 'keep');
    process.kill(answer.supervisor, 'SIGKILL');
    child.kill('SIGKILL');
    await allEnd(answer);
  });

  it('outlive a parent that has detached them, until they are stopped', async () => {
    const { child, answer } = await runProgram<Pids>('./parent.ts', folder, 'detach');
    if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
    await sleep(300);
    expect(running(answer)).toEqual(['supervisor', 'obedient', 'stubborn']);
    await stopRecorded(folder);
    expect(running(answer)).toEqual([]);
  });

  it('never end a process that has the recorded id but another start time', async () => {
    const processes = await startProcesses(folder);
    const bystander = await processes.start({ name: 'bystander', command: 'sleep', args: ['600'] });
    const other = mkdtempSync(join(tmpdir(), 'portarium-processes-'));
    const forged = { pid: bystander.pid, start: 'another boot/1' };
    writeFileSync(join(other, 'processes.json'), JSON.stringify({ supervisor: forged, processes: [forged] }));
    await stopRecorded(other);
    expect(identify(bystander.pid)).toBeDefined();
    rmSync(other, { recursive: true });
    await processes.stop();
  });

  it('of a later run wait until those of an earlier one in the folder have ended', async () => {
    const { child, answer } = await runProgram<Pids>('./parent.ts', folder, 'keep');
    child.kill('SIGKILL');
    const processes = await startProcesses(folder);
    expect(running(answer)).toEqual([]);
    expect(JSON.parse(readFileSync(join(folder, 'processes.json'), 'utf8'))).toMatchObject({
      supervisor: { pid: processes.pids()['supervisor'] },
    });
    await processes.stop();
  });
});
