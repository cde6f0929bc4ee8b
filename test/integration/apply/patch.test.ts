import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyStack } from '../../../src/bridge/apply.js';
import { reconcilePatch } from '../../../src/bridge/apply-patch.js';
import { Cluster, type LiveObject } from '../../../src/bridge/cluster.js';
import { connection } from '../../../src/bridge/cluster-connection.js';
import { differences } from '../../../src/bridge/compare.js';
import { destroyStack } from '../../../src/bridge/destroy.js';
import { keyOf, type KubeObject } from '../../../src/model/kube-object.js';
import { FIELD_MANAGER, LABELS } from '../../../src/model/names.js';
import { crashing } from './faults.js';
import { connect, unique } from './fixture.js';
import { workerLab } from '../worker-lab.js';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await connect();
});
afterAll(() => cluster.close());

interface Container {
  name: string;
  image?: string;
  env?: object[];
  [field: string]: unknown;
}

/** Another chart's Deployment. */
const deployment = (namespace: string, init: readonly string[] = ['migrate', 'warm-up']): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'api-server', namespace, labels: { app: 'api-server' }, annotations: { 'example.com/chart': '1' } },
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: 'api-server' } },
    template: {
      metadata: { labels: { app: 'api-server' }, annotations: { 'example.com/config': 'a' } },
      spec: {
        initContainers: init.map((name) => ({ name, image: 'registry.example.com/init:1' })),
        containers: [{ name: 'api-server', image: 'registry.example.com/api-server:1' }],
        volumes: [{ name: 'data', emptyDir: {} }],
      },
    },
  },
});

const envoy: Container = {
  name: 'envoy',
  image: 'registry.example.com/envoy:1.40',
  args: ['-c', '/etc/envoy/envoy.yaml'],
  restartPolicy: 'Always',
  env: [{ name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
  ports: [{ name: 'agents', containerPort: 8443 }],
  startupProbe: { httpGet: { path: '/ready', port: 15020 } },
  resources: { requests: { cpu: '100m' }, limits: { cpu: '1000m', memory: '64Mi' } },
  securityContext: { runAsNonRoot: true, capabilities: { drop: ['ALL'] } },
  volumeMounts: [
    { name: 'spire', mountPath: '/run/spire/sockets', readOnly: true },
    { name: 'envoy', mountPath: '/etc/envoy' },
  ],
};
const authorizer: Container = {
  name: 'authorizer',
  image: 'registry.example.com/authorizer@sha256:' + '0'.repeat(64),
  restartPolicy: 'Always',
};

/** As `DeploymentPatch` renders it. */
const patch = (stack: string, namespace: string, init: readonly Container[] = [envoy, authorizer]): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'api-server', namespace, labels: { [LABELS.patchedBy]: stack } },
  spec: {
    template: {
      metadata: { annotations: { 'portarium.io/envoy': 'hash-1' } },
      spec: {
        initContainers: init,
        volumes: [
          { name: 'spire', csi: { driver: 'csi.spiffe.io', readOnly: true } },
          { name: 'envoy', configMap: { name: 'api-server-envoy' } },
        ],
      },
    },
  },
});

async function deployed(init?: readonly string[]): Promise<{ stack: string; object: KubeObject; live: LiveObject }> {
  const stack = unique('patch');
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: stack } });
  const object = deployment(stack, init);
  const { object: live } = await cluster.apply(object, { fieldManager: 'helm' });
  return { stack, object, live };
}

async function patched(init?: readonly string[]): Promise<{ stack: string; object: KubeObject; rendered: KubeObject }> {
  const { stack, object } = await deployed(init);
  const rendered = patch(stack, stack);
  await applyStack(cluster, stack, [rendered]);
  return { stack, object, rendered };
}

const podOf = (object: KubeObject) =>
  (object['spec'] as { template: { spec: { initContainers: Container[]; volumes: { name: string }[] } } }).template
    .spec;
const initOf = (object: KubeObject) => podOf(object).initContainers?.map(({ name }) => name);

/** What the Deployment says, whatever the order of its init containers, which some of the tests turn round. */
const sorted = (object: KubeObject) => {
  const { spec } = structuredClone(object) as unknown as {
    spec: { template: { spec: { initContainers: Container[] } } };
  };
  spec.template.spec.initContainers.sort((a, b) => (a.name < b.name ? -1 : 1));
  return spec;
};

/** Changes the live object as someone else would: reads it, writes it whole. */
async function edit(ref: KubeObject, change: (object: LiveObject) => void): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const live = structuredClone(await cluster.get(ref));
    change(live);
    try {
      await cluster.replace(live, { fieldManager: 'mallory' });
      return;
    } catch (error) {
      if (tries > 5) throw error;
    }
  }
}

const nothing = { created: [], updated: [], repaired: [], pruned: [], released: [] };

describe('a workload that is not there yet', () => {
  test('is not made: the run says so and does the rest', async () => {
    const stack = unique('patch');
    const map: KubeObject = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'envoy', namespace: stack, labels: { [LABELS.stack]: stack } },
      data: {},
    };
    const rendered = patch(stack, stack);
    await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: stack } });
    for (const dryRun of [true, false]) {
      const result = await applyStack(cluster, stack, [rendered, map], { dryRun });
      expect(result).toMatchObject({ ...nothing, created: [keyOf(map)], absent: [keyOf(rendered)] });
      expect(result.notes).toEqual([
        `Deployment.apps ${stack}/api-server is not there yet, so there is nothing to patch; apply again once it is.`,
      ]);
      expect(await cluster.tryGet(rendered)).toBeUndefined();
    }
    await cluster.apply(deployment(stack), { fieldManager: 'helm' });
    expect(await applyStack(cluster, stack, [rendered, map])).toMatchObject({ updated: [keyOf(rendered)], absent: [] });
  });

  test('nor one that went, or was made anew, since it was read', async () => {
    const { stack, object, live } = await deployed();
    const rendered = patch(stack, stack);
    await cluster.delete(live);
    expect(await reconcilePatch(cluster, rendered, live)).toMatchObject({ action: 'absent' });
    expect(await cluster.tryGet(rendered)).toBeUndefined();
    await cluster.apply(object, { fieldManager: 'helm' });
    expect(await reconcilePatch(cluster, rendered, live)).toMatchObject({ action: 'updated' });
    expect(initOf(await cluster.get(rendered))).toEqual(['envoy', 'authorizer', 'migrate', 'warm-up']);
  });
});

describe('a patch', () => {
  test.each([[[]], [['migrate', 'warm-up']]])('over init containers %j: ours first, one rollout', async (init) => {
    const { stack, live } = await deployed(init);
    const rendered = patch(stack, stack);
    const result = await applyStack(cluster, stack, [rendered]);
    expect(result).toMatchObject({ ...nothing, updated: [keyOf(rendered)], absent: [] });
    const after = await cluster.get(rendered);
    expect(initOf(after)).toEqual(['envoy', 'authorizer', ...init]);
    expect(
      podOf(after)
        .volumes.map(({ name }) => name)
        .sort(),
    ).toEqual(['data', 'envoy', 'spire']);
    expect(after.metadata.labels).toEqual({ app: 'api-server', [LABELS.patchedBy]: stack });
    expect(after.metadata['generation']).toBe((live.metadata['generation'] as number) + 1);
    const real = await connection({ kubeconfig: workerLab().kubeconfig });
    const counted = crashing(real, Infinity, 'before');
    const again = await applyStack(new Cluster(counted), stack, [rendered]);
    expect(again).toMatchObject({ ...nothing, unchanged: [keyOf(rendered)] });
    expect(counted.writes()).toBe(0);
    real.close();
  });

  test('owns nothing of the owner’s, whose next applies neither lose nor move it', async () => {
    const { stack, object, rendered } = await patched();
    const ours = (await cluster.get(rendered)).metadata.managedFields!.find(({ manager }) => manager === FIELD_MANAGER);
    expect(JSON.stringify(ours)).not.toMatch(/migrate|warm-up|"f:containers"|"f:data"/);
    await cluster.apply(deployment(stack, ['first', 'migrate']), { fieldManager: 'helm' });
    expect(initOf(await cluster.get(object))).toEqual(['envoy', 'authorizer', 'first', 'migrate']);
    expect(await applyStack(cluster, stack, [rendered])).toMatchObject({ ...nothing, unchanged: [keyOf(rendered)] });
  });

  test('adds an init container of its own in its place', async () => {
    const { stack } = await deployed();
    await applyStack(cluster, stack, [patch(stack, stack, [envoy])]);
    const rendered = patch(stack, stack);
    await applyStack(cluster, stack, [rendered]);
    expect(initOf(await cluster.get(rendered))).toEqual(['envoy', 'authorizer', 'migrate', 'warm-up']);
    await applyStack(cluster, stack, [patch(stack, stack, [envoy])]);
    expect(initOf(await cluster.get(rendered))).toEqual(['envoy', 'migrate', 'warm-up']);
  });

  test('stopped between its writes, the next apply gives the owner’s names back', async () => {
    const { stack, object } = await deployed();
    const rendered = patch(stack, stack);
    const real = await connection({ kubeconfig: workerLab().kubeconfig });
    await expect(applyStack(new Cluster(crashing(real, 2, 'before')), stack, [rendered])).rejects.toThrow();
    expect(initOf(await cluster.get(rendered))).toEqual(['envoy', 'authorizer', 'migrate', 'warm-up']);
    expect(await applyStack(cluster, stack, [rendered])).toMatchObject({ updated: [keyOf(rendered)] });
    // Were they still ours, they would be left without an image.
    await cluster.apply(deployment(stack, ['migrate']), { fieldManager: 'helm' });
    expect(initOf(await cluster.get(object))).toEqual(['envoy', 'authorizer', 'migrate']);
    real.close();
  });
});

describe('what is drift', () => {
  const drifts: [what: string, path: string, change: (object: LiveObject) => void][] = [
    ['another image', 'initContainers[envoy].image', (live) => (podOf(live).initContainers[0]!.image = 'evil:1')],
    [
      'a variable in our container',
      'initContainers[envoy].env[1]',
      (live) => podOf(live).initContainers[0]!.env!.push({ name: 'LD_PRELOAD', value: '/x.so' }),
    ],
    [
      'a member that we left out',
      'initContainers[envoy].securityContext.privileged',
      (live) => Object.assign(podOf(live).initContainers[0]!['securityContext'] as object, { privileged: true }),
    ],
    [
      'an argument',
      'initContainers[envoy].args[2]',
      (live) => (podOf(live).initContainers[0]!['args'] as string[]).push('-v'),
    ],
    ['another order', 'initContainers[0].name', (live) => podOf(live).initContainers.reverse()],
    [
      'one before ours',
      'initContainers[0].name',
      (live) => podOf(live).initContainers.unshift({ name: 'early', image: 'x:1' }),
    ],
    ['ours taken out', 'initContainers[envoy]', (live) => podOf(live).initContainers.shift()],
    [
      'another volume of that name',
      'volumes[spire].csi',
      (live) => {
        const pod = podOf(live);
        pod.volumes = pod.volumes.map((volume) => (volume.name === 'spire' ? { name: 'spire', emptyDir: {} } : volume));
      },
    ],
    [
      'the pods’ annotation',
      'template.metadata.annotations["portarium.io/envoy"]',
      (live) => {
        const { template } = live['spec'] as { template: { metadata: { annotations: Record<string, string> } } };
        template.metadata.annotations['portarium.io/envoy'] = 'other';
      },
    ],
    [
      'the label by which it is found again',
      'metadata.labels["portarium.io/patched-by"]',
      (live) => delete (live.metadata.labels as Record<string, string>)[LABELS.patchedBy],
    ],
  ];

  test.each(drifts)('%s: seen at %s, and undone', async (_what, path, change) => {
    const { stack, rendered } = await patched();
    await edit(rendered, change);
    const others = podOf(await cluster.get(rendered)).initContainers.filter(
      ({ name }) => !['envoy', 'authorizer'].includes(name),
    );
    expect(
      differences(rendered, await cluster.get(rendered))
        .map(({ path: at }) => at)
        .join(),
    ).toContain(path);
    const result = await applyStack(cluster, stack, [rendered]);
    expect([...result.updated, ...result.repaired]).toEqual([keyOf(rendered)]);
    const after = await cluster.get(rendered);
    expect(differences(rendered, after)).toEqual([]);
    expect(podOf(after).initContainers.slice(2)).toEqual(others);
    expect(await applyStack(cluster, stack, [rendered])).toMatchObject({ ...nothing, unchanged: [keyOf(rendered)] });
  });

  test('and after any of it a release leaves nothing of ours', async () => {
    const { stack, live } = await deployed();
    const rendered = patch(stack, stack);
    await applyStack(cluster, stack, [rendered]);
    for (const [, , change] of drifts) {
      await edit(rendered, change);
      await applyStack(cluster, stack, [rendered]);
    }
    await edit(rendered, (found) => {
      podOf(found).initContainers = podOf(found).initContainers.filter(({ name }) => name !== 'early');
    });
    expect((await applyStack(cluster, stack, [])).released).toEqual([keyOf(rendered)]);
    const after = await cluster.get(rendered);
    expect(sorted(after)).toEqual(sorted(live));
    expect(after.metadata.labels).toEqual(live.metadata.labels);
  });

  test('nothing that the owner does to the rest', async () => {
    const { stack, rendered } = await patched();
    await edit(rendered, (live) => {
      const spec = live['spec'] as { replicas: number; template: { metadata: { labels: Record<string, string> } } };
      spec.replicas = 1;
      spec.template.metadata.labels['example.com/x'] = 'y';
      podOf(live).initContainers.push({ name: 'late', image: 'x:1' });
      podOf(live).volumes.push({ name: 'more' });
      Object.assign(live.metadata.labels!, { 'portarium.io/component': 'api-server' });
    });
    expect(await applyStack(cluster, stack, [rendered])).toMatchObject({ ...nothing, unchanged: [keyOf(rendered)] });
  });
});

describe('the release', () => {
  test('of a patch that is not rendered any more leaves the workload as it was', async () => {
    const { stack, live } = await deployed();
    const rendered = patch(stack, stack);
    await applyStack(cluster, stack, [rendered]);
    const dry = await applyStack(cluster, stack, [], { dryRun: true });
    expect(dry.released).toEqual([keyOf(rendered)]);
    expect(initOf(await cluster.get(rendered))).toContain('envoy');
    const result = await applyStack(cluster, stack, []);
    expect(result).toMatchObject({ ...nothing, released: [keyOf(rendered)], kept: [], notes: [] });
    const after = await cluster.get(rendered);
    expect(after['spec']).toEqual(live['spec']);
    expect(after.metadata).toMatchObject({ uid: live.metadata.uid, labels: live.metadata.labels });
    expect(after.metadata.managedFields!.map(({ manager }) => manager)).not.toContain(FIELD_MANAGER);
    expect((await applyStack(cluster, stack, [])).released).toEqual([]);
  });

  test('happens at destroy, which deletes nothing of others', async () => {
    const { stack, live } = await deployed();
    const rendered = patch(stack, stack);
    await applyStack(cluster, stack, [rendered]);
    const result = await destroyStack(cluster, stack, [rendered]);
    expect(result).toMatchObject({ deleted: [], kept: [], released: [keyOf(rendered)], notes: [] });
    expect((await cluster.get(rendered))['spec']).toEqual(live['spec']);
  });

  test('does not happen when told not to prune', async () => {
    const { stack, rendered } = await patched();
    const result = await applyStack(cluster, stack, [], { prune: false });
    expect(result).toMatchObject({ ...nothing, kept: [keyOf(rendered)] });
    expect(initOf(await cluster.get(rendered))).toContain('envoy');
  });

  test('says what others hold on to', async () => {
    const { stack, rendered } = await patched();
    const body = { ...patch(stack, stack, [envoy]), metadata: { name: 'api-server', namespace: stack } };
    await cluster.apply(body, { fieldManager: 'argocd' });
    const { released, notes } = await applyStack(cluster, stack, []);
    expect(released).toEqual([keyOf(rendered)]);
    expect(notes).toEqual([
      `Deployment.apps ${stack}/api-server was released, but others hold on to initContainers[envoy], volumes[spire], volumes[envoy]; remove it there (kubectl get --show-managed-fields says who).`,
    ]);
    expect(initOf(await cluster.get(rendered))).toEqual(['envoy', 'migrate', 'warm-up']);
  });

  test('is not fooled by a label that somebody sets', async () => {
    const { stack, object } = await deployed();
    await cluster.mergePatch(object, { metadata: { labels: { [LABELS.patchedBy]: stack } } });
    expect(await applyStack(cluster, stack, [])).toMatchObject({ ...nothing, kept: [] });
  });

  test('leaves what another stack patches', async () => {
    const { rendered } = await patched();
    expect((await applyStack(cluster, unique('other'), [])).released).toEqual([]);
    expect(initOf(await cluster.get(rendered))).toContain('envoy');
  });
});

describe('is refused, before anything is written', () => {
  test('what another stack patches', async () => {
    const { stack, rendered } = await patched();
    const other = unique('other');
    await expect(applyStack(cluster, other, [patch(other, stack)])).rejects.toThrow(
      `${keyOf(rendered)} belongs to stack "${stack}"; hand it over with: kubectl label -n ${stack} deployment.apps api-server --overwrite portarium.io/patched-by-`,
    );
    expect(differences(rendered, await cluster.get(rendered))).toEqual([]);
  });

  test('a patch of what a stack applies whole: under one field manager it would take the rest away', async () => {
    const { stack, object } = await deployed();
    const whole = { ...object, metadata: { ...object.metadata, labels: { [LABELS.stack]: stack } } };
    await cluster.mergePatch(object, { metadata: { labels: { [LABELS.stack]: stack } } });
    await applyStack(cluster, stack, [whole]);
    await expect(applyStack(cluster, stack, [patch(stack, stack)])).rejects.toThrow(
      `belongs to stack "${stack}"; hand it over with: kubectl label -n ${stack} deployment.apps api-server --overwrite portarium.io/stack-`,
    );
  });

  test('a patch without its stack’s label', async () => {
    const { stack } = await deployed();
    await expect(applyStack(cluster, 'mine', [patch('other', stack)])).rejects.toThrow(
      `rendered without the label portarium.io/stack=mine, or portarium.io/patched-by on a patch: Deployment.apps ${stack}/api-server.`,
    );
  });
});
