import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cluster, LiveObject } from '../../../src/bridge/cluster.js';
import { differences } from '../../../src/bridge/compare.js';
import { partsOf } from '../../../src/bridge/compare-patch.js';
import { renderStack } from '../../../src/bridge/render.js';
import { loadStack } from '../../../src/config/load.js';
import { isPatch, type KubeObject } from '../../../src/model/kube-object.js';
import { FIELD_MANAGER, NAMESPACES } from '../../../src/model/names.js';
import { isThere, NEEDS, startBench, type Bench } from './fixture.js';

/** The control plane's own Deployment, as its chart has it; it migrates its database first. */
const apiServer: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'api-server', namespace: NAMESPACES.controlPlane, labels: { app: 'api-server' } },
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: 'api-server' } },
    template: {
      metadata: { labels: { app: 'api-server' } },
      spec: {
        initContainers: [{ name: 'migrate', image: 'registry.example.com/migrate:1' }],
        containers: [{ name: 'api-server', image: 'registry.example.com/api-server:1' }],
      },
    },
  },
};
const KEY = `Deployment.apps ${NAMESPACES.controlPlane}/api-server`;

/** Each test goes on where the one before it left the cluster. */
describe.skipIf(!isThere)(`patches on the real engine ${NEEDS}`, { timeout: 600_000 }, () => {
  let bench: Bench;
  let admin: Cluster;
  let patch: KubeObject;
  let alone: LiveObject;
  beforeAll(async () => {
    bench = await startBench();
    admin = await bench.cluster('admin');
    const rendered = renderStack(loadStack('platform', { dir: bench.stacksDir }));
    patch = rendered.find((object) => isPatch(object) && object.metadata.name === 'api-server')!;
  }, 300_000);
  afterAll(() => bench?.end());

  const live = () => admin.get(apiServer);
  const names = (object: KubeObject) => partsOf(object, 'initContainers').map(({ name }) => name);
  /** One ReplicaSet for each template of the pods that there ever was. */
  const rollouts = async (): Promise<number> => {
    const kind = { apiVersion: 'apps/v1', kind: 'ReplicaSet', namespace: NAMESPACES.controlPlane };
    return (await admin.list(kind, { labels: 'app=api-server' })).length;
  };
  const warnings = async (): Promise<string> =>
    ((await bench.preview('platform')).diagnostics ?? []).map(({ message }) => message).join('\n');

  test('without the workload the update goes well, makes none, and says so', async () => {
    await bench.up('platform');
    expect(await admin.tryGet(apiServer)).toBeUndefined();
    expect(await warnings()).toContain(
      `${KEY} is not there yet, so there is nothing to patch; update again once it is.`,
    );
  });

  test('once it is there it is patched, our sidecars first, and then nothing is left to do', async () => {
    alone = (await admin.apply(apiServer, { fieldManager: 'helm' })).object;
    const { changes } = await bench.up('platform');
    expect(changes).toMatchObject({ create: 1 });
    expect(differences(patch, await live())).toEqual([]);
    expect(names(await live())).toEqual([...names(patch), 'migrate']);
    await expect.poll(rollouts, { timeout: 30_000 }).toBe(2);
    const { steps } = await bench.preview('platform');
    expect(steps.filter(({ op }) => op !== 'same')).toEqual([]);
  });

  test('`apply` takes over and gives back', async () => {
    expect(await bench.apply('platform')).toMatchObject({ created: [], updated: [], repaired: [], released: [] });
    const { changes } = await bench.up('platform');
    expect(Object.keys(changes)).toEqual(['same']);
    expect(await rollouts()).toBe(2);
  });

  test('what somebody changes in our sidecar stops it, and `apply` repairs it', async () => {
    const evil = structuredClone(await live()) as unknown as {
      spec: { template: { spec: { initContainers: { env?: object[] }[] } } };
    };
    evil.spec.template.spec.initContainers[0]!.env = [{ name: 'LD_PRELOAD', value: '/x.so' }];
    await admin.replace(evil as unknown as KubeObject, { fieldManager: 'mallory' });
    await expect(bench.up('platform')).rejects.toThrow(
      `${KEY} was changed by others (spec.template.spec.initContainers[envoy].env)`,
    );
    await bench.apply('platform');
    await bench.up('platform');
    expect(differences(patch, await live())).toEqual([]);
  });

  test('taken out of the program it is released, and the workload is what it was', async () => {
    const urn = `urn:pulumi:platform::portarium::kubernetes:apps/v1:DeploymentPatch::${NAMESPACES.controlPlane}/api-server`;
    await bench.pulumi('platform', 'destroy', '--yes', '--skip-preview', '--target', urn);
    const after = await live();
    expect(after['spec']).toEqual(alone['spec']);
    expect(after.metadata).toMatchObject({ uid: alone.metadata.uid, labels: alone.metadata.labels });
    expect(after.metadata.managedFields!.map(({ manager }) => manager)).not.toContain(FIELD_MANAGER);
  });

  test('when the workload is gone an update stops, until a refresh forgets the patch', async () => {
    await bench.up('platform');
    await admin.delete(apiServer);
    await expect(bench.up('platform')).rejects.toThrow(`${KEY} is in Pulumi's state but gone from the cluster`);
    await bench.pulumi('platform', 'refresh', '--yes', '--skip-preview');
    const { changes } = await bench.up('platform');
    expect(Object.keys(changes)).toEqual(['same']);
    expect(await admin.tryGet(apiServer)).toBeUndefined();
  });
});
