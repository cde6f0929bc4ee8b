import { afterAll, beforeAll, expect, test } from 'vitest';
import { addresses } from '../../../lab/data-plane/addresses.js';
import { startDataPlane, type DataPlane, type LabPod } from '../../../lab/data-plane/data-plane.js';
import type { Probe } from '../../../lab/data-plane/place.js';
import { Cluster } from '../../../src/bridge/cluster.js';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { RUNBOOK } from '../../support/runbook.js';
import { describeOnLinuxAsRoot, startMilliseconds } from './fixture.js';
import { createPod, namespace, reaches, settles, to } from './pods.js';

const AGENTS = 'portarium-agents';

describeOnLinuxAsRoot('network policies, on real packets', () => {
  let plane: DataPlane;
  let cluster: Cluster;
  let agent: LabPod;
  let unlabelled: LabPod;
  let front: LabPod;
  let probes: readonly Probe[];
  let open: Readonly<Record<string, boolean>>;

  beforeAll(async () => {
    plane = await startDataPlane({ onProgress: (line) => void process.stderr.write(`lab: ${line}\n`) });
    cluster = await Cluster.connect({ kubeconfig: plane.lab.kubeconfig });
    await namespace(cluster, AGENTS);
    await namespace(cluster, 'front', { 'portarium.io/component': 'control-plane' });
    agent = await createPod(plane, cluster, 'agent', { 'portarium.io/role': 'agent' }, AGENTS);
    unlabelled = await createPod(plane, cluster, 'unlabelled', {}, AGENTS);
    front = await createPod(plane, cluster, 'front', {}, 'front');
    await plane.world.listen('world', ['tcp:443', 'tcp:53', 'udp:53']);
    await front.listen('front', ['tcp:443', 'tcp:8080']);
    await agent.listen('agent', ['tcp:9464']);
    probes = [
      to('system of record', 'tcp', addresses.systemOfRecord, 443),
      to('53/tcp of anyone', 'tcp', addresses.resolver, 53),
      to('53/udp of anyone', 'udp', addresses.resolver, 53),
      to('front', 'tcp', front.address, 443),
      to('front 8080', 'tcp', front.address, 8080),
    ];
    open = Object.fromEntries(probes.map(({ id }) => [id, true]));
  }, startMilliseconds);
  afterAll(async () => {
    cluster?.close();
    await plane?.stop();
  });

  test('without a policy everything is reached, from every pod', async () => {
    expect(await reaches(agent, probes)).toEqual(open);
    expect(await reaches(unlabelled, probes)).toEqual(open);
  });

  test('a baseline drops everything, and an allow lets its own edge through, for the pods it selects', async () => {
    const baseline = policy('baseline', { podSelector: {}, egress: [] });
    const allow = policy('allow', {
      podSelector: { matchLabels: { 'portarium.io/role': 'agent' } },
      egress: [
        {
          to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'front' } } }],
          ports: [{ protocol: 'TCP', port: 443 }],
        },
      ],
    });
    const none = Object.fromEntries(probes.map(({ id }) => [id, false]));
    await cluster.apply(baseline);
    await cluster.apply(allow);
    expect(await settles(agent, probes, { ...none, front: true })).toEqual({ ...none, front: true });
    expect(await settles(unlabelled, probes, none)).toEqual(none);
    expect(await reaches(front, [probes[0]!])).toEqual({ 'system of record': true });
    await cluster.delete(baseline);
    await cluster.delete(allow);
    expect(await settles(agent, probes, open)).toEqual(open);
  });

  test('the runbook’s own policy: port 53 of anyone, a pod without the label, and whoever dials in get through', async () => {
    await cluster.apply(RUNBOOK);
    const closed = { 'system of record': false, 'front 8080': false };
    expect(await settles(agent, probes, closed)).toEqual({ ...open, ...closed });
    expect(await reaches(unlabelled, probes)).toEqual(open);
    expect(await reaches(front, [to('agent', 'tcp', agent.address, 9464)])).toEqual({ agent: true });
    await cluster.delete(RUNBOOK);
  });
});

const policy = (name: string, spec: object): KubeObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace: AGENTS },
  spec: { policyTypes: ['Egress'], ...spec },
});
