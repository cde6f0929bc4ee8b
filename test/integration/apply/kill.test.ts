import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyStack } from '../../../src/bridge/apply.js';
import type { Cluster } from '../../../src/bridge/cluster.js';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { watchBaselines } from './baseline-watch.js';
import { BASELINE, connect, liveOf, smallStack, unique } from './fixture.js';
import { workerLab } from '../worker-lab.js';

let cluster: Cluster;
let dir: string;
beforeAll(async () => {
  cluster = await connect();
  dir = mkdtempSync(join(tmpdir(), 'portarium-kill-'));
});
afterAll(() => {
  cluster.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Applies in a process of its own, which is killed while its n-th write is on its way; true when it was. */
function killedAt(stack: string, objects: readonly KubeObject[], n: number): Promise<boolean> {
  const file = join(dir, `${stack}.json`);
  writeFileSync(file, JSON.stringify(objects));
  const here = import.meta.dirname;
  const child = fork(join(here, 'child', 'apply.ts'), [workerLab().kubeconfig, stack, file, String(n)], {
    execArgv: [
      '--experimental-transform-types',
      '--disable-warning=ExperimentalWarning',
      '--import',
      join(here, 'child', 'register.js'),
    ],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  child.once('message', () => child.kill('SIGKILL'));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (signal === 'SIGKILL') resolve(true);
      else if (code === 0) resolve(false);
      else reject(new Error(`the child ended with ${code ?? signal}`));
    });
  });
}

/** Writes of either transition, so that every one of them is the last. */
const STEPS = 10;

describe('a process killed while a write is on its way', { timeout: 180_000 }, () => {
  test.each<[string, (stack: string) => { from?: KubeObject[]; to: KubeObject[] }, number]>([
    ['at every step of the first apply', (stack) => ({ to: smallStack(stack) }), STEPS],
    [
      'at every step of a tightening',
      (stack) => ({ from: smallStack(stack), to: smallStack(stack, { open: false, version: 'two' }) }),
      3,
    ],
  ])('%s: the next apply finishes, and the baseline is never missing', async (_what, make, steps) => {
    const baselines = await watchBaselines(cluster);
    const one = async (n: number): Promise<void> => {
      const stack = unique('kill');
      const { from, to } = make(stack);
      if (from) await applyStack(cluster, stack, from);
      expect(await killedAt(stack, to, n), `write ${n}`).toBe(true);
      if (from) expect(await liveOf(cluster, to, 'NetworkPolicy', BASELINE)).toBeDefined();
      await applyStack(cluster, stack, to);
      const again = await applyStack(cluster, stack, to);
      expect(again.unchanged, `write ${n}`).toHaveLength(to.length);
      expect(again.pruned).toEqual([]);
    };
    const steps_ = Array.from({ length: steps }, (_, index) => index + 1);
    let lost: readonly string[];
    try {
      // Two at a time: a child needs a second of one core to load.
      for (let at = 0; at < steps_.length; at += 2) await Promise.all(steps_.slice(at, at + 2).map(one));
    } finally {
      lost = await baselines.stop();
    }
    expect(lost).toEqual([]);
  });

  test('the step after the last write is not reached', async () => {
    const stack = unique('kill');
    expect(await killedAt(stack, smallStack(stack), STEPS + 1)).toBe(false);
  });
});
