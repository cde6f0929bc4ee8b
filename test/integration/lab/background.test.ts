import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { afterAll, describe, expect, it } from 'vitest';
import { labDown, labStatus, labUp } from '../../../lab/background.js';
import { identify } from '../../../lab/process-identity.js';
import { labUsers } from '../../../lab/users.js';
import { runProgram } from '../../lab/support/program.js';

const dir = mkdtempSync(join(tmpdir(), 'portarium-background-'));
afterAll(async () => {
  await labDown({ dir });
  rmSync(dir, { recursive: true, force: true });
});

describe('the lab in the background', { timeout: 120_000 }, () => {
  it('is not running at first, and ending it does nothing', async () => {
    expect(labStatus({ dir })).toEqual({ dir, running: false, pids: {} });
    expect(await labDown({ dir })).toBe(false);
  });

  it('outlives the program that started it', async () => {
    const { child } = await runProgram('./lab-up.ts', dir);
    if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
    const status = labStatus({ dir });
    expect(status).toMatchObject({
      running: true,
      server: expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+$/),
      kubeconfig: join(dir, 'kubeconfigs', 'lab-admin.yaml'),
    });
    expect(Object.keys(status.users ?? {})).toEqual(labUsers.map(({ name }) => name));
    const config = new KubeConfig();
    config.loadFromFile(status.kubeconfig ?? '');
    expect((await config.makeApiClient(CoreV1Api).listNode()).items).toHaveLength(2);
  });

  it('is found, not started again, by a second up', async () => {
    const before = labStatus({ dir });
    expect((await labUp({ dir })).pids).toEqual(before.pids);
  });

  it('is started anew when one of its servers has ended', async () => {
    const before = labStatus({ dir }).pids;
    process.kill(before['kube-scheduler'] ?? 0, 'SIGKILL');
    await expect.poll(() => labStatus({ dir }).running).toBe(false);
    expect(Object.keys(labStatus({ dir }).pids)).toContain('kube-apiserver');
    const after = await labUp({ dir });
    expect(after.running).toBe(true);
    expect(Object.values(before).filter((pid) => identify(pid) !== undefined)).toEqual([]);
  });

  it('is ended by down, also when its supervisor is gone, and leaves its logs only', async () => {
    const { pids } = labStatus({ dir });
    process.kill(pids['supervisor'] ?? 0, 'SIGKILL');
    await labDown({ dir });
    expect(Object.values(pids).filter((pid) => identify(pid) !== undefined)).toEqual([]);
    expect(labStatus({ dir })).toEqual({ dir, running: false, pids: {} });
    expect(existsSync(dir)).toBe(true);
    expect(readdirSync(dir).filter((file) => !file.endsWith('.log'))).toEqual([]);
  });
});
