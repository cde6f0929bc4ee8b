import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Cluster } from '../../../src/bridge/cluster.js';
import { preflight } from '../../../src/bridge/preflight.js';
import { loadStack } from '../../../src/config/load.js';
import { workerLab } from '../worker-lab.js';

test('a cluster that cannot be reached is an error', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'portarium-gone-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const file = join(dir, 'kubeconfig');
  // Port 1 is never listened on.
  writeFileSync(
    file,
    readFileSync(workerLab().kubeconfig, 'utf8').replaceAll(workerLab().server, 'https://127.0.0.1:1'),
  );
  const gone = await Cluster.connect({ kubeconfig: file });
  await expect(preflight(gone, loadStack('ws-acme', { dir: 'stacks' }))).rejects.toMatchObject({
    name: 'ClusterUnreachable',
  });
  gone.close();
});
