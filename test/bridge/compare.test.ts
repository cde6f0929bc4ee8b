import { describe, expect, test } from 'vitest';
import { differences } from '../../src/bridge/compare.js';
import { equalQuantity } from '../../src/bridge/compare-quantity.js';
import { hasField, isApplied, leftovers } from '../../src/bridge/compare-managed.js';
import type { KubeObject } from '../../src/model/kube-object.js';
import { LABELS } from '../../src/model/names.js';
import { live } from './objects.js';

const policy = (spec: object): KubeObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'deny', namespace: 'agents', labels: { [LABELS.stack]: 'ws', [LABELS.keep]: 'baseline' } },
  spec,
});
const deny = policy({ podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [], egress: [] });
const paths = (desired: KubeObject, found: KubeObject) => differences(desired, found).map(({ path }) => path);

describe('differences of security objects', () => {
  test('none up to what the server adds and leaves out', () => {
    const stored = live(deny, { spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] }, status: { x: 1 } });
    expect(differences(deny, stored)).toEqual([]);
    const short = policy({ podSelector: {}, egress: [{ ports: [{ port: 443 }] }] });
    const full = live(
      policy({
        podSelector: {},
        policyTypes: ['Ingress', 'Egress'],
        egress: [{ ports: [{ port: 443, protocol: 'TCP' }] }],
      }),
    );
    expect(differences(short, full)).toEqual([]);
  });

  test.each<[string, object, string[]]>([
    ['everything opened', { podSelector: {}, policyTypes: ['Ingress', 'Egress'], egress: [{}] }, ['spec.egress']],
    [
      'fewer pods selected',
      { podSelector: { matchLabels: { a: 'b' } }, policyTypes: ['Ingress', 'Egress'] },
      ['spec.podSelector.matchLabels'],
    ],
    ['one direction left out', { podSelector: {}, policyTypes: ['Ingress'] }, ['spec.policyTypes[1]']],
    ['an unknown field', { podSelector: {}, policyTypes: ['Ingress', 'Egress'], extra: 1 }, ['spec.extra']],
  ])('%s', (_what, spec, expected) => {
    expect(paths(deny, live(deny, { spec }))).toEqual(expected);
  });

  test('an empty peer, selector or rule is never the same as none', () => {
    const one = (peer: object) => policy({ podSelector: {}, policyTypes: ['Egress'], egress: [{ to: [peer] }] });
    expect(paths(one({ podSelector: {} }), live(one({ podSelector: {}, namespaceSelector: {} })))).toEqual([
      'spec.egress[0].to[0].namespaceSelector',
    ]);
    const rules = (egress: object[]) => policy({ podSelector: {}, policyTypes: ['Egress'], egress });
    expect(paths(rules([{ ports: [{ port: 1 }] }]), live(rules([{ ports: [{ port: 1 }] }, {}])))).toEqual([
      'spec.egress[1]',
    ]);
  });

  test('a webhook’s caBundle is its owner’s, and nothing else of it is', () => {
    const webhook: KubeObject = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'w' },
      webhooks: ['a', 'b'].map((name) => ({ name, clientConfig: { service: { name: 's' } }, objectSelector: {} })),
    };
    const filled = (more: object) => ({
      webhooks: ['a', 'b'].map((name) => ({
        name,
        clientConfig: { service: { name: 's' }, caBundle: 'AAAA' },
        objectSelector: {},
        ...more,
      })),
    });
    expect(paths(webhook, live(webhook, filled({})))).toEqual([]);
    expect(paths(webhook, live(webhook, filled({ clientConfig: { url: 'https://evil.example' } })))).toEqual([
      'webhooks[0].clientConfig.service',
      'webhooks[0].clientConfig.url',
      'webhooks[1].clientConfig.service',
      'webhooks[1].clientConfig.url',
    ]);
    const extra = { webhooks: [...filled({}).webhooks, { name: 'c' }] };
    expect(paths(webhook, live(webhook, extra))).toEqual(['webhooks[2]']);
  });

  test('says what was wanted and what is there', () => {
    const found = live(deny, { spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'], egress: [{}] } });
    expect(differences(deny, found)).toEqual([{ path: 'spec.egress', desired: undefined, live: [{}] }]);
  });

  test('our own labels are compared both ways, those of others not at all', () => {
    const labels = (more: Record<string, string>) =>
      live(deny, { metadata: { labels: { ...deny.metadata.labels, ...more } } });
    expect(paths(deny, labels({ 'example.com/x': '1' }))).toEqual([]);
    expect(paths(deny, labels({ [LABELS.opens]: 'egress' }))).toEqual(['metadata.labels["portarium.io/opens"]']);
    expect(paths(deny, live(deny, { metadata: { labels: { [LABELS.stack]: 'ws' } } }))).toEqual([
      'metadata.labels["portarium.io/keep"]',
    ]);
  });

  test('Pod Security labels of a namespace are ours', () => {
    const namespace: KubeObject = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'n', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    };
    const labels = {
      'pod-security.kubernetes.io/enforce': 'privileged',
      'pod-security.kubernetes.io/enforce-version': 'v1.1',
      'kubernetes.io/metadata.name': 'n',
    };
    expect(paths(namespace, live(namespace, { metadata: { labels }, spec: { finalizers: ['kubernetes'] } }))).toEqual([
      'metadata.labels["pod-security.kubernetes.io/enforce"]',
      'metadata.labels["pod-security.kubernetes.io/enforce-version"]',
    ]);
  });

  test('what the server allocates is compared only where it was asked for', () => {
    const service = (spec: object): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 's', namespace: 'n' },
      spec,
    });
    const ports = [{ port: 443 }];
    const stored = {
      ports: [{ port: 443, protocol: 'TCP', targetPort: 443 }],
      clusterIP: '10.0.0.1',
      clusterIPs: ['10.0.0.1'],
      type: 'ClusterIP',
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    };
    expect(paths(service({ ports }), live(service(stored)))).toEqual([]);
    expect(paths(service({ ports, clusterIP: '10.0.0.2' }), live(service(stored)))).toEqual(['spec.clusterIP']);
    expect(paths(service({ ports }), live(service({ ...stored, externalIPs: ['192.0.2.1'] })))).toEqual([
      'spec.externalIPs',
    ]);
  });
});

describe('differences of other objects', () => {
  const deployment = (container: object): KubeObject => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd', namespace: 'n' },
    spec: { template: { spec: { containers: [container] } } },
  });

  test('live may have more members, never more list items', () => {
    const desired = deployment({ name: 'a', env: [] });
    expect(paths(desired, live(deployment({ name: 'a', imagePullPolicy: 'Always' })))).toEqual([]);
    const two = live(desired, { spec: { template: { spec: { containers: [{ name: 'a' }, { name: 'sidecar' }] } } } });
    expect(paths(desired, two)).toEqual(['spec.template.spec.containers[1]']);
  });

  test('quantities are compared as amounts', () => {
    const cpu = (amount: string) => deployment({ name: 'a', resources: { limits: { cpu: amount } } });
    expect(paths(cpu('1000m'), live(cpu('1')))).toEqual([]);
    expect(paths(cpu('1000m'), live(cpu('2')))).toEqual(['spec.template.spec.containers[0].resources.limits.cpu']);
  });

  test('an absent boolean is not false: a missing one may mean true', () => {
    const account: KubeObject = {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 's' },
      automountServiceAccountToken: false,
    };
    expect(paths(account, live({ ...account, automountServiceAccountToken: undefined }))).toEqual([
      'automountServiceAccountToken',
    ]);
  });
});

test.each([
  ['1000m', '1', true],
  ['1Gi', '1024Mi', true],
  ['0.1', '100m', true],
  ['1e3', '1k', true],
  ['1G', '1Gi', false],
  ['1', 1, true],
  ['x', 'x', false],
  ['1', '1toString', false],
])('equalQuantity(%s, %s) is %s', (a, b, expected) => expect(equalQuantity(a, b)).toBe(expected));

describe('leftovers', () => {
  const desired: KubeObject = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd' },
    spec: { template: { spec: { containers: [{ name: 'a', ports: [{ containerPort: 80 }] }] } }, finals: ['x'] },
  };
  const applied = (fieldsV1: object, manager = 'portarium-enforcement') =>
    live(desired, { metadata: { managedFields: [{ manager, operation: 'Apply', fieldsV1 }] } });
  const container = (more: object) => ({
    'f:spec': {
      'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"a"}': { '.': {}, 'f:name': {}, ...more } } } },
    },
  });

  test('none while all that we own is rendered, whatever the server defaulted in its keys', () => {
    const ports = { 'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } } };
    expect(leftovers(desired, applied(container(ports)))).toEqual([]);
    expect(
      leftovers(
        desired,
        applied({ 'f:spec': { 'f:finals': { 'v:"x"': {} } }, 'f:metadata': { 'f:labels': { 'f:a': {} } } }),
      ),
    ).toEqual([]);
  });

  test('what we own and render no more is named, and looked for in the live object', () => {
    const env = { 'f:env': { 'k:{"name":"OLD"}': { '.': {}, 'f:value': {} } } };
    const [path, ...rest] = leftovers(desired, applied(container(env)));
    expect(rest).toEqual([]);
    expect(path?.at(-1)).toBe('f:env');
    expect(hasField(desired, path!)).toBe(false);
    const still = {
      ...desired,
      spec: { template: { spec: { containers: [{ name: 'a', env: [{ name: 'OLD', value: 'x' }] }] } } },
    };
    expect(hasField(still, path!)).toBe(true);
  });

  test('what others own is not ours', () => {
    const found = applied(container({ 'f:image': {} }), 'kubectl');
    expect(isApplied(found)).toBe(false);
    expect(leftovers(desired, found)).toEqual([]);
  });
});
