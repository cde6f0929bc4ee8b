import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { afterAll, afterEach, expect, test } from 'vitest';
import { recordedProcesses } from '../../../lab/processes.js';
import { describeOnLinuxAsRoot, startMilliseconds } from './fixture.js';

const source = (path: string): string => new URL(path, import.meta.url).pathname;

/** What a data plane would be seen by from outside: names of this machine, not of its own namespaces. */
const seen = (): Readonly<Record<string, readonly string[]>> => ({
  links: readdirSync('/sys/class/net').sort(),
  namespaces: existsSync('/run/netns') ? readdirSync('/run/netns').sort() : [],
  mounts: readFileSync('/proc/mounts', 'utf8').trim().split('\n').sort(),
  routes: ['-4', '-6'].flatMap((family) => execFileSync('ip', [family, 'route'], { encoding: 'utf8' }).split('\n')),
  sysctls: [
    'kernel/unprivileged_bpf_disabled',
    'kernel/timer_migration',
    'net/ipv4/ip_forward',
    'net/ipv4/conf/all/rp_filter',
  ].map((name) => `${name}=${readFileSync(`/proc/sys/${name}`, 'utf8').trim()}`),
});

describeOnLinuxAsRoot('what is left of a data plane', () => {
  let child: ChildProcess | undefined;
  let left: string | undefined;
  const started: string[] = [];
  afterEach(() => child?.kill('SIGKILL'));
  // With everybody killed nobody is left to remove the control plane's.
  afterAll(() => started.forEach((dir) => rmSync(dir, { recursive: true, force: true })));

  const start = async (): Promise<readonly string[]> => {
    child = spawn(process.execPath, ['--import', source('../apply/child/register.js'), source('./child/start.ts')], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    let said = '';
    child.stdout?.on('data', (data: Buffer) => (said += data.toString()));
    const early = once(child, 'exit').then(() => Promise.reject(new Error('the data plane’s program ended at once')));
    await Promise.race([expect.poll(() => said, { timeout: startMilliseconds }).toContain('\n'), early]);
    early.catch(() => undefined);
    return (JSON.parse(said) as { dirs: readonly string[] }).dirs;
  };

  test.each([
    ['its program and their supervisors are killed', true],
    ['its program is killed', false],
  ])('nothing on this machine, while it runs and after %s', { timeout: startMilliseconds }, async (_, all) => {
    const before = seen();
    const dirs = await start();
    started.push(...dirs);
    // Of one that was killed with everybody around it, the next removes the folder.
    if (left !== undefined) expect(existsSync(left)).toBe(false);
    expect(seen()).toEqual(before);
    const records = dirs.map((dir) => recordedProcesses(dir)!);
    const processes = records.flatMap(({ supervisor, processes: others }) => [supervisor, ...others]);
    expect(processes.map(({ pid }) => existsSync(`/proc/${pid}`))).not.toContain(false);
    const ended = once(child!, 'exit');
    if (all) for (const { supervisor } of records) process.kill(supervisor.pid, 'SIGKILL');
    child?.kill('SIGKILL');
    await ended;
    const running = (): readonly string[] =>
      readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .map(commandLine)
        .filter((line) => dirs.some((dir) => line.includes(dir)));
    await expect.poll(running, { timeout: 15_000 }).toEqual([]);
    expect(seen()).toEqual(before);
    if (all) left = dirs[0];
    else await expect.poll(() => dirs.map((dir) => existsSync(dir))).toEqual([false, false]);
  });
});

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
