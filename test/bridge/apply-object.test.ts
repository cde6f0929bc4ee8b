import { expect, test } from 'vitest';
import { exactly } from '../../src/bridge/apply-object.js';
import { isKept } from '../../src/bridge/ownership.js';
import { copyOf } from '../../src/bridge/sweep.js';
import type { KubeObject } from '../../src/model/kube-object.js';
import { LABELS } from '../../src/model/names.js';
import { live } from './objects.js';

const service: KubeObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 's', namespace: 'n', labels: { [LABELS.stack]: 'ws' } },
  spec: { ports: [{ port: 1 }] },
};

test('the exact object keeps what the server allocated and what others label, and nothing else', () => {
  const found = live(service, {
    metadata: {
      labels: { [LABELS.stack]: 'ws', [LABELS.opens]: 'egress', team: 'x' },
      annotations: { note: 'y', 'portarium.io/old': 'z' },
      finalizers: ['f'],
      managedFields: [],
    },
    spec: { ports: [{ port: 1 }], clusterIP: '10.0.0.1', externalIPs: ['192.0.2.1'] },
    status: { loadBalancer: {} },
  });
  expect(exactly(service, found)).toEqual({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 's',
      namespace: 'n',
      uid: 'u',
      resourceVersion: '1',
      labels: { [LABELS.stack]: 'ws', team: 'x' },
      annotations: { note: 'y' },
      finalizers: ['f'],
    },
    spec: { ports: [{ port: 1 }], clusterIP: '10.0.0.1' },
    status: { loadBalancer: {} },
  });
});

test('the exact webhook keeps the caBundle of each of its hooks, and of hooks that are not rendered nothing', () => {
  const webhook: KubeObject = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'w' },
    webhooks: [{ name: 'a', clientConfig: { service: { name: 's' } } }],
  };
  const found = live(webhook, {
    webhooks: [
      { name: 'a', clientConfig: { service: { name: 't' }, caBundle: 'AAAA' }, timeoutSeconds: 30 },
      { name: 'b', clientConfig: { caBundle: 'BBBB' } },
    ],
  });
  expect(exactly(webhook, found)['webhooks']).toEqual([
    { name: 'a', clientConfig: { service: { name: 's' }, caBundle: 'AAAA' } },
  ]);
});

test('a namespace keeps its content, which is its finalizers', () => {
  const namespace: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } };
  expect(exactly(namespace, live(namespace, { spec: { finalizers: ['kubernetes'] } }))['spec']).toEqual({
    finalizers: ['kubernetes'],
  });
});

test('what is kept: by label, or by kind whatever became of its labels; never what opens', () => {
  const object = (apiVersion: string, kind: string, labels: Record<string, string> = {}): KubeObject => ({
    apiVersion,
    kind,
    metadata: { name: 'x', labels },
  });
  const np = 'networking.k8s.io/v1';
  expect(isKept(object(np, 'NetworkPolicy', { [LABELS.keep]: 'baseline' }))).toBe(true);
  expect(isKept(object(np, 'NetworkPolicy'))).toBe(false);
  expect(isKept(object(np, 'NetworkPolicy', { [LABELS.keep]: 'baseline', [LABELS.opens]: 'egress' }))).toBe(false);
  expect(isKept(object('v1', 'Namespace'))).toBe(true);
  expect(isKept(object('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicyBinding'))).toBe(true);
  expect(isKept(object('enforcement.portarium.io/v1alpha1', 'WorkspacePolicy'))).toBe(true);
  expect(isKept(object('apiextensions.k8s.io/v1', 'CustomResourceDefinition'))).toBe(true);
});

test('a copy of a pod is the pod before it was placed and given a token', () => {
  const pod: KubeObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'n', labels: { a: 'b' }, annotations: { c: 'd' }, ownerReferences: [{}] },
    spec: {
      nodeName: 'node',
      hostNetwork: true,
      priority: 0,
      ephemeralContainers: [{ name: 'debug' }],
      containers: [{ name: 'a', volumeMounts: [{ name: 'kube-api-access-x1' }, { name: 'data' }] }],
      initContainers: [{ name: 'i' }],
      volumes: [
        { name: 'kube-api-access-x1', projected: {} },
        { name: 'data' },
        { name: 'kube-api-access-fake', hostPath: {} },
      ],
    },
    status: { phase: 'Running' },
  };
  expect(copyOf(live(pod))).toEqual({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName: 'portarium-sweep-', namespace: 'n', labels: { a: 'b' }, annotations: { c: 'd' } },
    spec: {
      hostNetwork: true,
      containers: [{ name: 'a', volumeMounts: [{ name: 'data' }] }],
      initContainers: [{ name: 'i' }],
      volumes: [{ name: 'data' }, { name: 'kube-api-access-fake', hostPath: {} }],
    },
  });
});
