import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { applyStack } from '../../../src/bridge/apply.js';
import { Cluster } from '../../../src/bridge/cluster.js';
import { proxied, type Proxy } from '../proxy.js';
import { connect, smallStack, unique } from './fixture.js';
import { workerLab } from '../worker-lab.js';

let dir: string;
const proxies: Proxy[] = [];
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'portarium-cut-'));
});
afterAll(() => {
  for (const each of proxies) each.cut();
  rmSync(dir, { recursive: true, force: true });
});

const proxy = async (): Promise<Proxy> => {
  const made = await proxied(dir);
  proxies.push(made);
  return made;
};

test('an API server that goes away mid-way: a clear error that names the object reached, and the next apply finishes', async () => {
  const front = await proxy();
  const cluster = await Cluster.connect({ kubeconfig: front.kubeconfig });
  const stack = unique('cut');
  let done = 0;
  const stopped = await applyStack(cluster, stack, smallStack(stack), {
    onProgress: () => {
      done += 1;
      if (done === 4) front.cut();
    },
  }).then(
    () => undefined,
    (error: unknown) => error as Error,
  );
  cluster.close();
  expect(stopped?.name).toBe('ApplyStopped');
  expect(stopped?.message).toMatch(
    new RegExp(
      `stack "${stack}" stopped at \\S+ \\S*, \\d of 10 objects done: .*the API server ${front.server} \\(context ".*"\\) (refuses connections|closed the connection|cannot be reached).*run the same command again: it continues where it stopped`,
    ),
  );
  const direct = await connect();
  const finished = await applyStack(direct, stack, smallStack(stack));
  expect(finished.unchanged.length).toBeGreaterThanOrEqual(4);
  expect(finished.created.length + finished.unchanged.length).toBe(10);
  direct.close();
});

test('an API server that was never there says so, with the address and what to check', async () => {
  const front = await proxy();
  front.cut();
  const cluster = await Cluster.connect({ kubeconfig: front.kubeconfig });
  await expect(applyStack(cluster, 'any', [])).rejects.toThrow(
    `the API server ${front.server} (context "lab") refuses connections. Check that it runs (curl -k ${front.server}/readyz)`,
  );
  cluster.close();
});

test('a server that accepts and never answers is given up after the time limit', async () => {
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const address = `https://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const file = join(dir, 'silent.yaml');
  writeFileSync(file, readFileSync(workerLab().kubeconfig, 'utf8').replaceAll(workerLab().server, address));
  const cluster = await Cluster.connect({ kubeconfig: file, timeout: 300 });
  await expect(cluster.whoAmI()).rejects.toThrow(/did not answer in time/);
  cluster.close();
  silent.close();
});

test('an untrusted certificate is said to be one, without advice to switch verification off', async () => {
  const { kubeconfig } = workerLab();
  const file = join(dir, 'untrusted.yaml');
  writeFileSync(file, readFileSync(kubeconfig, 'utf8').replace(/^\s*certificate-authority-data: .*$/m, ''));
  const cluster = await Cluster.connect({ kubeconfig: file });
  await expect(cluster.whoAmI()).rejects.toThrow(
    /has a certificate that is not trusted .*do not switch verification off/,
  );
  cluster.close();
});
