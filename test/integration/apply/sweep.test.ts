import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cluster } from '../../../src/bridge/cluster.js';
import { sweep } from '../../../src/bridge/sweep.js';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { connect, unique } from './fixture.js';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await connect();
});
afterAll(() => cluster.close());

const pod = (namespace: string, name: string, labels: Record<string, string>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, labels },
  spec: { serviceAccountName: 'default', containers: [{ name: 'a', image: 'registry.example.com/a:1' }] },
});

/** A guard like the platform's, for one namespace: pods must carry the label `role`. */
async function guard(namespace: string, actions: readonly string[]): Promise<void> {
  const name = `portarium-guard-${namespace}`;
  const api = { apiVersion: 'admissionregistration.k8s.io/v1' };
  await cluster.apply({
    ...api,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
      },
      validations: [
        { expression: '"role" in object.metadata.?labels.orValue({})', message: 'a pod needs the label role' },
      ],
    },
  });
  await cluster.apply({
    ...api,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name },
    spec: {
      policyName: name,
      validationActions: actions,
      matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } },
    },
  });
}

test.each([[['Deny']], [['Audit', 'Warn']]])(
  'finds live pods that %j guards would not admit, and stores nothing',
  async (actions) => {
    const namespace = unique('sweep');
    await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    await expect
      .poll(() =>
        cluster.tryGet({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } }),
      )
      .toBeDefined();
    await cluster.create(pod(namespace, 'good', { role: 'agent' }));
    await cluster.create(pod(namespace, 'bad', {}));
    await expect
      .poll(async () => (await cluster.get(pod(namespace, 'bad', {})))['status'])
      .toMatchObject({ phase: 'Running' });
    expect(await sweep(cluster, namespace)).toEqual([]);
    await guard(namespace, actions);
    await expect
      .poll(() => sweep(cluster, namespace), { timeout: 10_000 })
      .toEqual([{ pod: `${namespace}/bad`, violations: [expect.stringContaining('a pod needs the label role')] }]);
    const pods = await cluster.list({ apiVersion: 'v1', kind: 'Pod', namespace });
    expect(pods.map(({ metadata }) => metadata.name).sort()).toEqual(['bad', 'good']);
  },
);

test('Pod Security counts, and a pod that has ended does not', async () => {
  const namespace = unique('sweep');
  const object: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
  await cluster.create(object);
  await expect
    .poll(() => cluster.tryGet({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } }))
    .toBeDefined();
  await cluster.create(pod(namespace, 'root', {}));
  await cluster.mergePatch(object, { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } });
  const [found] = await sweep(cluster, namespace);
  expect(found).toMatchObject({
    pod: `${namespace}/root`,
    violations: [expect.stringMatching(/^violates PodSecurity "restricted:latest"/)],
  });
});

test('a caller who may not create pods gets an error, not a clean bill', async () => {
  const namespace = unique('sweep');
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await expect
    .poll(() => cluster.tryGet({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } }))
    .toBeDefined();
  await cluster.create(pod(namespace, 'some', {}));
  const role = { name: 'reader', namespace };
  await cluster.create({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: role,
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }],
  });
  await cluster.create({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: role,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
    subjects: [{ kind: 'User', name: 'mallory' }],
  });
  const mallory = await connect('mallory');
  await expect(sweep(mallory, namespace)).rejects.toThrow(/cannot create resource "pods"/);
  mallory.close();
});
