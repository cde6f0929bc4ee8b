import { afterAll, beforeAll, expect, test } from 'vitest';
import { addresses } from '../../../lab/data-plane/addresses.js';
import { startDataPlane, type DataPlane, type LabPod } from '../../../lab/data-plane/data-plane.js';
import type { ProbeResult } from '../../../lab/data-plane/place.js';
import { Cluster } from '../../../src/bridge/cluster.js';
import { describeOnLinuxAsRoot, startMilliseconds } from './fixture.js';
import { createPod, namespace, reaches, settles, to } from './pods.js';

const AGENTS = 'agents';
const STARTS = 100;
const AT_ONCE = 4;

describeOnLinuxAsRoot('a pod that starts under a policy, on real packets', () => {
  let plane: DataPlane;
  let cluster: Cluster;
  let server: LabPod;
  const target = to('system of record', 'tcp', addresses.systemOfRecord, 443);

  beforeAll(async () => {
    plane = await startDataPlane({ onProgress: (line) => void process.stderr.write(`lab: ${line}\n`) });
    cluster = await Cluster.connect({ kubeconfig: plane.lab.kubeconfig });
    await namespace(cluster, AGENTS);
    await namespace(cluster, 'servers');
    server = await createPod(plane, cluster, 'server', {}, 'servers');
    await server.listen('server', ['tcp:443']);
    await plane.world.listen('world', ['tcp:443']);
    await cluster.apply({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'only-servers', namespace: AGENTS },
      spec: {
        podSelector: {},
        policyTypes: ['Egress'],
        egress: [{ to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'servers' } } }] }],
      },
    });
    const first = await createPod(plane, cluster, 'first', {}, AGENTS);
    expect(await settles(first, [target], { [target.id]: false })).toEqual({ [target.id]: false });
  }, startMilliseconds);
  afterAll(async () => {
    cluster?.close();
    await plane?.stop();
  });

  test(`${STARTS} starts whose first act is connect(), even before there is a network: no escape`, async () => {
    const allowed = to('server', 'tcp', server.address, 443);
    const escaped: ProbeResult[] = [];
    const connected: string[] = [];
    let attempts = 0;
    const start = async (name: string): Promise<void> => {
      let seen: () => readonly ProbeResult[] = () => [];
      const first = async (place: Pick<LabPod, 'watch'>): Promise<void> => {
        const watching = await place.watch({
          probes: [target, allowed],
          timeoutMilliseconds: 300,
          everyMilliseconds: 25,
        });
        seen = watching.results;
      };
      const pod = await createPod(plane, cluster, name, {}, AGENTS, { first });
      while (!seen().some(({ id, outcome }) => id === allowed.id && outcome === 'answered')) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      connected.push(name);
      await pod.remove();
      const results = seen().filter(({ id }) => id === target.id);
      attempts += results.length;
      escaped.push(...results.filter(({ outcome }) => outcome !== 'silent' && outcome !== 'denied'));
    };
    const names = Array.from({ length: STARTS }, (_, index) => `start-${index}`);
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let name = names.pop(); name !== undefined; name = names.pop()) await start(name);
      }),
    );
    process.stderr.write(`cold starts: ${attempts} attempts, ${escaped.length} escaped\n`);
    expect(connected).toHaveLength(STARTS);
    expect(escaped).toEqual([]);
    expect(attempts).toBeGreaterThan(STARTS);
    expect(await reaches(server, [target])).toEqual({ [target.id]: true });
  }, 180_000);
});
