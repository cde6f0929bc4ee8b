import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { applyStack } from '../../../../src/bridge/apply.js';
import { Cluster } from '../../../../src/bridge/cluster.js';
import { connection } from '../../../../src/bridge/cluster-connection.js';
import type { KubeObject } from '../../../../src/model/kube-object.js';

/** Applies the objects of a file, and tells its parent when the n-th write is on its way, and goes no further. */
const [kubeconfig = '', stack = '', file = '', n = ''] = process.argv.slice(2);
const real = await connection({ kubeconfig });
let writes = 0;
const cluster = new Cluster({
  ...real,
  async send(request) {
    if (request.method !== 'GET') writes += 1;
    const sent = real.send(request);
    if (request.method === 'GET' || writes < Number(n)) return sent;
    process.send?.('now');
    // The parent may be slow to kill: without this, it could find the work done.
    return sleep(60_000, sent);
  },
});
await applyStack(cluster, stack, JSON.parse(readFileSync(file, 'utf8')) as KubeObject[]);
real.close();
process.disconnect();
