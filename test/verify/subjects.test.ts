import { expect, test } from 'vitest';
import type { LiveObject } from '../../src/bridge/cluster.js';
import type { Agents } from '../../src/verify/agents.js';
import { tryIsAbout } from '../../src/verify/subjects.js';

const stray = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'stray', labels: { app: 'stray' } },
} as unknown as LiveObject;
const agents = (pods: readonly LiveObject[] = []): Agents => ({ namespace: 'agents', workspaceId: 'ws-acme', pods });
const object = (
  apiVersion: string,
  kind: string,
  spec: object | undefined,
  namespace?: string,
  specs?: readonly object[],
) => ({
  apiVersion,
  kind,
  metadata: { name: 'x', ...(namespace !== undefined && { namespace }) },
  ...(spec && { spec }),
  ...(specs && { specs }),
});
const OF_NODES = { nodeSelector: {} };
const OF_ALL = { endpointSelector: {} };
const np = (podSelector: object, namespace = 'agents') =>
  object('networking.k8s.io/v1', 'NetworkPolicy', { podSelector }, namespace);
const expression = (key: string, operator: string, values?: readonly string[]) => ({
  matchExpressions: [{ key, operator, ...(values && { values }) }],
});
const ROLE = 'portarium.io/role';
const ANP = ['policy.networking.k8s.io/v1alpha1', 'AdminNetworkPolicy'] as const;
const CNP = ['cilium.io/v2', 'CiliumNetworkPolicy'] as const;
const CCNP = ['cilium.io/v2', 'CiliumClusterwideNetworkPolicy'] as const;

test.each([
  ['everything', np({}), true],
  ['everything elsewhere', np({}, 'other'), false],
  ['agents by role', np({ matchLabels: { [ROLE]: 'agent' } }), true],
  ['another role', np({ matchLabels: { [ROLE]: 'other' } }), false],
  ['pods without a role', np(expression(ROLE, 'DoesNotExist')), false],
  ['another workspace', np({ matchLabels: { 'portarium.io/workspace': 'ws-globex' } }), false],
  ['all but another workspace', np(expression('portarium.io/workspace', 'NotIn', ['ws-globex'])), true],
  ['a label that an agent may carry', np({ matchLabels: { team: 'sales' } }), true],
  ['components, which no agent is', np({ matchLabels: { 'portarium.io/component': 'agent-dns-ws-acme' } }), false],
  ['pods that are no component', np(expression('portarium.io/component', 'DoesNotExist')), true],
  [
    'Cilium, with its prefix',
    object(...CNP, { endpointSelector: { matchLabels: { [`k8s:${ROLE}`]: 'agent' } } }, 'agents'),
    true,
  ],
  [
    'Cilium, another role',
    object(...CNP, { endpointSelector: { matchLabels: { [`any:${ROLE}`]: 'x' } } }, 'agents'),
    false,
  ],
  ['Cilium for nodes', object(...CCNP, { nodeSelector: {} }), false],
  [
    'Cilium, by the namespace',
    object(...CCNP, { endpointSelector: { matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'agents' } } }),
    true,
  ],
  [
    'Cilium, by another',
    object(...CCNP, { endpointSelector: { matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'x' } } }),
    false,
  ],
  ['Admin tier, every namespace', object(...ANP, { priority: 1, subject: { namespaces: {} } }), true],
  [
    'Admin tier, by a tenant’s label',
    object(...ANP, { priority: 1, subject: { namespaces: { matchLabels: { team: 'x' } } } }),
    true,
  ],
  [
    'Admin tier, another namespace',
    object(...ANP, { priority: 1, subject: { namespaces: { matchLabels: { 'kubernetes.io/metadata.name': 'x' } } } }),
    false,
  ],
  [
    'Admin tier, pods of another role',
    object(...ANP, {
      priority: 1,
      subject: { pods: { namespaceSelector: {}, podSelector: { matchLabels: { [ROLE]: 'x' } } } },
    }),
    false,
  ],
  [
    'a kind that is not known',
    object('crd.projectcalico.org/v1', 'GlobalNetworkPolicy', { selector: 'all()' }),
    undefined,
  ],
  ['Cilium, of what no pod is', object(...CCNP, { endpointSelector: { matchLabels: { 'reserved:host': '' } } }), false],
  ['Cilium, the second of two', object(...CCNP, undefined, undefined, [OF_NODES, OF_ALL]), true],
])('%s', (_, policy, expected) => {
  expect(tryIsAbout(policy, agents())).toBe(expected);
});

test('a pod that runs counts, whether or not it could be admitted', () => {
  const policy = np({ matchLabels: { app: 'stray', [ROLE]: 'x' } });
  expect(tryIsAbout(policy, agents([stray]))).toBe(false);
  expect(tryIsAbout(np(expression(ROLE, 'DoesNotExist')), agents([stray]))).toBe(true);
});

test.each([
  ['a selector', np({ matchLables: {} }), 'unknown field'],
  ['a subject', object(...ANP, { priority: 1, subject: {} }), 'expected exactly one of namespaces, pods'],
  ['neither endpoints nor nodes', object(...CCNP, {}), 'expected exactly one of endpointSelector, nodeSelector'],
])('%s that cannot be read is an error, not a no', (_, policy, message) => {
  expect(() => tryIsAbout(policy, agents())).toThrow(message);
});

test('what cannot be read elsewhere is not about agents', () => {
  expect(tryIsAbout(np({ matchLables: {} }, 'other'), agents())).toBe(false);
});
