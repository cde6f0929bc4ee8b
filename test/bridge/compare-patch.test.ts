import { describe, expect, test } from 'vitest';
import { differences } from '../../src/bridge/compare.js';
import { ownedParts } from '../../src/bridge/compare-managed.js';
import type { KubeObject } from '../../src/model/kube-object.js';
import { FIELD_MANAGER, LABELS } from '../../src/model/names.js';
import { live } from './objects.js';

interface Pod {
  readonly annotations?: Record<string, string>;
  readonly initContainers?: readonly object[];
  readonly volumes?: readonly object[];
  readonly containers?: readonly object[];
}

const deployment = (labels: Record<string, string>, { annotations, ...spec }: Pod): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'api-server', namespace: 'ns', labels },
  spec: { template: { ...(annotations && { metadata: { annotations } }), spec } },
});
const patch = (pod: Pod) => deployment({ [LABELS.patchedBy]: 'platform' }, pod);
const labelled = { app: 'x', 'portarium.io/component': 'api-server', [LABELS.patchedBy]: 'platform' };
const there = (pod: Pod) => live(deployment(labelled, { containers: [{ name: 'app' }], ...pod }));
const paths = (desired: KubeObject, found: KubeObject) => differences(desired, found).map(({ path }) => path);

const envoy = {
  name: 'envoy',
  image: 'envoy:1',
  env: [{ name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
  ports: [{ containerPort: 8443 }],
  startupProbe: { grpc: { port: 1 } },
  readinessProbe: { httpGet: { port: 15020 } },
  resources: { limits: { cpu: '1000m' } },
  volumeMounts: [{ name: 'spire', mountPath: '/x' }],
};
/** As the API server stores it. */
const stored = {
  ...envoy,
  imagePullPolicy: 'IfNotPresent',
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  env: [{ name: 'POD', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } }],
  ports: [{ containerPort: 8443, protocol: 'TCP' }],
  startupProbe: {
    grpc: { port: 1, service: '' },
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  },
  readinessProbe: {
    httpGet: { path: '/', scheme: 'HTTP', port: 15020 },
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  },
  resources: { limits: { cpu: '1' } },
};
const desired = patch({ initContainers: [envoy] });

describe('of a patch only what it says counts', () => {
  test('up to what the server adds, and beside anything of others', () => {
    const found = there({ initContainers: [stored, { name: 'migrate' }], volumes: [{ name: 'data' }] });
    expect(differences(desired, found)).toEqual([]);
  });

  test.each<[string, object, string]>([
    ['a variable added', { env: [...stored.env, { name: 'LD_PRELOAD' }] }, 'env[1]'],
    ['another image', { image: 'envoy:2' }, 'image'],
    ['privileged', { securityContext: { privileged: true } }, 'securityContext'],
    ['a lifecycle hook', { lifecycle: { preStop: {} } }, 'lifecycle'],
    ['pulled otherwise', { imagePullPolicy: 'Never' }, 'imagePullPolicy'],
    [
      'a mount that may be written',
      { volumeMounts: [{ ...stored.volumeMounts[0], subPath: 'y' }] },
      'volumeMounts[0].subPath',
    ],
    ['more processor', { resources: { limits: { cpu: '2' } } }, 'resources.limits.cpu'],
  ])('that exactly: %s', (_what, change, path) => {
    expect(paths(desired, there({ initContainers: [{ ...stored, ...change }] }))).toEqual([
      `spec.template.spec.initContainers[envoy].${path}`,
    ]);
  });

  test('one that is missing is one difference', () => {
    expect(paths(desired, there({}))).toEqual(['spec.template.spec.initContainers[envoy]']);
    const volume = patch({ volumes: [{ name: 'spire', csi: { driver: 'csi.spiffe.io', readOnly: true } }] });
    expect(paths(volume, there({ volumes: [{ name: 'data' }] }))).toEqual(['spec.template.spec.volumes[spire]']);
  });

  test('volumes up to the server’s defaults', () => {
    const volumes = [
      { name: 'a', configMap: { name: 'x' } },
      { name: 'b', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } },
      { name: 'c', hostPath: { path: '/x' } },
    ];
    const filled = [
      { name: 'c', hostPath: { path: '/x', type: '' } },
      { name: 'a', configMap: { name: 'x', defaultMode: 420 } },
      {
        name: 'b',
        projected: { defaultMode: 420, sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 3600 } }] },
      },
    ];
    expect(differences(patch({ volumes }), there({ volumes: filled }))).toEqual([]);
    const secret = there({ volumes: [{ name: 'a', configMap: { name: 'x', defaultMode: 511 } }] });
    expect(paths(patch({ volumes: [volumes[0]!] }), secret)).toEqual([
      'spec.template.spec.volumes[a].configMap.defaultMode',
    ]);
  });

  test('an init container that starts before ours is a difference', () => {
    const two = patch({ initContainers: [envoy, { name: 'authorizer' }] });
    const second = { name: 'authorizer', image: undefined };
    expect(
      differences(two, there({ initContainers: [stored, { name: 'migrate' }, second] })).map(({ path, live: is }) => [
        path,
        is,
      ]),
    ).toEqual([['spec.template.spec.initContainers[1].name', 'migrate']]);
  });

  test('labels and annotations by what it says', () => {
    const annotated = patch({ annotations: { hash: '1' } });
    expect(paths(annotated, there({ annotations: { hash: '1', other: 'x' } }))).toEqual([]);
    expect(paths(annotated, there({ annotations: { hash: '2' } }))).toEqual([
      'spec.template.metadata.annotations.hash',
    ]);
    const unlabelled = live(deployment({ app: 'x' }, {}));
    expect(paths(patch({}), unlabelled)).toEqual(['metadata.labels["portarium.io/patched-by"]']);
  });
});

test.each([
  ['envoy:1', 'IfNotPresent'],
  ['envoy', 'Always'],
  ['envoy:latest', 'Always'],
  ['localhost:5000/envoy', 'Always'],
  ['localhost:5000/envoy:1', 'IfNotPresent'],
  ['envoy@sha256:00', 'IfNotPresent'],
  ['envoy:latest@sha256:00', 'Always'],
])('the server pulls %s %s', (image, imagePullPolicy) => {
  const wanted = patch({ initContainers: [{ name: 'envoy', image }] });
  const container = {
    name: 'envoy',
    image,
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  };
  expect(differences(wanted, there({ initContainers: [{ ...container, imagePullPolicy }] }))).toEqual([]);
  expect(paths(wanted, there({ initContainers: [{ ...container, imagePullPolicy: 'Never' }] }))).toHaveLength(1);
});

test('which parts an apply of ours put there', () => {
  const fieldsV1 = {
    'f:spec': {
      'f:template': { 'f:spec': { 'f:initContainers': { '.': {}, 'k:{"name":"envoy"}': {}, 'k:{"name":"a"}': {} } } },
    },
  };
  const entry = { manager: FIELD_MANAGER, operation: 'Apply', fieldsV1 };
  const found = (managedFields: object[]) => live(desired, { metadata: { managedFields } });
  expect([...ownedParts(found([entry]), 'initContainers')]).toEqual(['envoy', 'a']);
  expect([...ownedParts(found([entry]), 'volumes')]).toEqual([]);
  expect([...ownedParts(found([{ ...entry, manager: 'helm' }]), 'initContainers')]).toEqual([]);
});
