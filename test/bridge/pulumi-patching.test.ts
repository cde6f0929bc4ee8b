import { expect, test } from 'vitest';
import { aliasesOf } from '../../src/bridge/pulumi-aliases.js';
import { patchingHook } from '../../src/bridge/pulumi-patching.js';
import { ClusterProvider } from '../../src/bridge/pulumi-provider.js';
import { registerObjects } from '../../src/bridge/pulumi-resources.js';
import { classOf } from '../../src/bridge/pulumi-types.js';
import type { KubeObject } from '../../src/model/kube-object.js';
import { FIELD_MANAGER, LABELS } from '../../src/model/names.js';
import { record } from '../support/recording-monitor.js';

const patch: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'api-server', namespace: 'ns', labels: { [LABELS.patchedBy]: 'platform' } },
  spec: { template: { spec: { initContainers: [{ name: 'envoy' }] } } },
};
const map: KubeObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'envoy', namespace: 'ns', labels: { [LABELS.stack]: 'platform' } },
};

test('a patch is a DeploymentPatch under both engines’ field manager, after the config that it mounts', async () => {
  const objects = [patch, map];
  const { registrations } = await record({ stack: 'platform' }, () => {
    const beforePatches = patchingHook(objects)!;
    registerObjects(objects, { provider: new ClusterProvider({}), beforePatches });
  });
  const [, config, registered] = registrations;
  expect(registered).toMatchObject({
    type: 'kubernetes:apps/v1:DeploymentPatch',
    name: 'ns/api-server',
    dependencies: [config!.urn],
    protect: false,
    retainOnDelete: false,
    beforeCreate: ['patch-in-place'],
    beforeUpdate: ['patch-in-place'],
    inputs: {
      kind: 'Deployment',
      spec: patch['spec'],
      metadata: {
        labels: { [LABELS.patchedBy]: 'platform' },
        annotations: { 'pulumi.com/patchFieldManager': FIELD_MANAGER, 'pulumi.com/skipAwait': 'true' },
      },
    },
  });
  expect(config).toMatchObject({ name: 'ns/envoy', beforeCreate: [], beforeUpdate: [] });
});

test('there is no hook where there is no patch', () => {
  expect(patchingHook([map])).toBeUndefined();
});

test('a former type of a patch is a patch too', () => {
  const renames = { apiVersions: { 'apps/Deployment': ['apps/v1beta1'] }, logicalNames: {} };
  expect(aliasesOf(patch, renames)).toEqual([{ type: 'kubernetes:apps/v1beta1:DeploymentPatch' }]);
});

test('of another kind it is refused', () => {
  expect(() => classOf({ ...patch, kind: 'StatefulSet' })).toThrow(
    'apps/v1 StatefulSet cannot be patched: only apps/v1 Deployment can.',
  );
});
