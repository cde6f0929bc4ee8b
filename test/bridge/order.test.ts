import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inDeletionOrder, inOrder, opens, phaseOf, PHASES } from '../../src/bridge/order.js';
import { dependenciesOf } from '../../src/bridge/order-dependencies.js';
import { keyOf, type KubeObject } from '../../src/model/kube-object.js';
import { stacks } from './objects.js';

const keys = (objects: readonly KubeObject[]) => objects.map(keyOf);
const find = (objects: readonly KubeObject[], predicate: (object: KubeObject) => boolean) => objects.filter(predicate);

describe('inOrder', () => {
  test('any permutation gives the same order, of the same objects', () => {
    fc.assert(
      fc.property(
        stacks.chain((objects) =>
          fc.tuple(fc.constant(objects), fc.shuffledSubarray([...objects], { minLength: objects.length })),
        ),
        ([objects, shuffled]) => {
          expect(keys(inOrder(shuffled))).toEqual(keys(inOrder(objects)));
          expect([...keys(inOrder(objects))].sort()).toEqual([...keys(objects)].sort());
        },
      ),
    );
  });

  test('phases follow each other, so a baseline comes after every allow and before every workload', () => {
    fc.assert(
      fc.property(stacks, (objects) => {
        const ranks = inOrder(objects).map((object) => PHASES.indexOf(phaseOf(object)));
        expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
      }),
    );
    const at = (phase: (typeof PHASES)[number]) => PHASES.indexOf(phase);
    expect(at('allow')).toBeLessThan(at('baseline'));
    expect(at('baseline')).toBeLessThan(at('workloads'));
    expect(at('guard bindings')).toBeLessThan(at('allow'));
    expect(at('definitions')).toBeLessThan(at('policy'));
    expect(at('workloads')).toBeLessThan(at('daemons'));
    expect(at('daemons')).toBeLessThan(at('registrations'));
  });

  test('objects of the same kind, namespace and name are refused, by name, even of two versions', () => {
    const deployment = (apiVersion: string): KubeObject => ({
      apiVersion,
      kind: 'Deployment',
      metadata: { name: 'x', namespace: 'n' },
    });
    expect(() => inOrder([deployment('apps/v1'), deployment('apps/v1beta1')])).toThrow(
      'rendered more than once: Deployment.apps n/x. Every object of a stack has a name of its own.',
    );
    const other = { ...deployment('apps/v1'), metadata: { name: 'x', namespace: 'm' } };
    expect(inOrder([deployment('apps/v1'), other])).toHaveLength(2);
  });
});

describe('inDeletionOrder', () => {
  test('is the reverse, with what opens something last', () => {
    fc.assert(
      fc.property(stacks, (objects) => {
        const order = inDeletionOrder(objects);
        expect(order.map(opens)).toEqual([...order.map(opens)].sort());
        const rest = (list: readonly KubeObject[]) => keys(find(list, (object) => !opens(object)));
        expect(rest(order)).toEqual(rest(inOrder(objects)).reverse());
      }),
    );
  });
});

describe('dependenciesOf', () => {
  test('are always earlier in the order, so there are no cycles', () => {
    fc.assert(
      fc.property(stacks, (objects) => {
        const place = new Map(keys(inOrder(objects)).map((key, index) => [key, index]));
        for (const object of objects) {
          for (const dependency of dependenciesOf(object, objects)) {
            expect(place.get(keyOf(dependency))).toBeLessThan(place.get(keyOf(object))!);
          }
        }
      }),
    );
  });

  const named = (
    apiVersion: string,
    kind: string,
    name: string,
    more: object = {},
    namespace?: string,
  ): KubeObject => ({
    apiVersion,
    kind,
    metadata: { name, ...(namespace !== undefined && { namespace }) },
    ...more,
  });
  const definition = named('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'workspacepolicies', {
    spec: { group: 'enforcement.portarium.io', names: { kind: 'WorkspacePolicy' } },
  });
  const other = named('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'others', {
    spec: { group: 'enforcement.portarium.io', names: { kind: 'Other' } },
  });
  const namespace = named('v1', 'Namespace', 'agents');
  const policy = named('enforcement.portarium.io/v1alpha1', 'WorkspacePolicy', 'acme', {}, 'portarium-policy');
  const guard = named('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy', 'guard', {
    spec: { paramKind: { apiVersion: 'enforcement.portarium.io/v1alpha1', kind: 'WorkspacePolicy' } },
  });
  const binding = named('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicyBinding', 'binding', {
    spec: { policyName: 'guard' },
  });
  const role = named('rbac.authorization.k8s.io/v1', 'Role', 'r', {}, 'agents');
  const roleElsewhere = named('rbac.authorization.k8s.io/v1', 'Role', 'r', {}, 'elsewhere');
  const roleBinding = named(
    'rbac.authorization.k8s.io/v1',
    'RoleBinding',
    'r',
    { roleRef: { kind: 'Role', name: 'r' } },
    'agents',
  );
  const np = (name: string, keep = false): KubeObject => ({
    ...named('networking.k8s.io/v1', 'NetworkPolicy', name, {}, 'agents'),
    metadata: { name, namespace: 'agents', ...(keep && { labels: { 'portarium.io/keep': 'baseline' } }) },
  });
  const allow = np('allow');
  const front: KubeObject = {
    ...named('networking.k8s.io/v1', 'NetworkPolicy', 'front'),
    metadata: { name: 'front', namespace: 'control-plane', labels: { 'portarium.io/opens': 'mtls' } },
  };
  const allowElsewhere = named('networking.k8s.io/v1', 'NetworkPolicy', 'allow', {}, 'control-plane');
  const baseline = np('deny', true);
  const account = named('v1', 'ServiceAccount', 'agent', {}, 'agents');
  const config = named('v1', 'ConfigMap', 'dns', {}, 'agents');
  const workload = named('apps/v1', 'Deployment', 'agent', {}, 'agents');
  const server = named('apps/v1', 'StatefulSet', 'server', {}, 'control-plane');
  const daemons = named('apps/v1', 'DaemonSet', 'daemons', {}, 'agents');
  const driver = named('storage.k8s.io/v1', 'CSIDriver', 'driver');
  const registration = named('spire.spiffe.io/v1alpha1', 'ClusterSPIFFEID', 'agents');
  const all = [
    definition,
    other,
    namespace,
    policy,
    guard,
    binding,
    role,
    roleElsewhere,
    roleBinding,
    allow,
    front,
    allowElsewhere,
    baseline,
    account,
    config,
    driver,
    workload,
    server,
    daemons,
    registration,
  ];

  test.each([
    ['a custom resource needs its definition', policy, [definition]],
    ['a guard needs the definition of its parameter', guard, [definition]],
    ['a binding needs its guard', binding, [guard]],
    ['a namespaced object needs its namespace', account, [namespace]],
    ['a role binding needs its own namespace’s role', roleBinding, [namespace, role]],
    ['an allow needs the guards and the policy that the front obeys', allow, [namespace, policy, binding]],
    [
      'the baseline needs the allows of its namespace and what is opened elsewhere',
      baseline,
      [namespace, policy, binding, allow, front],
    ],
    [
      'a workload needs everything about it',
      workload,
      [namespace, policy, binding, allow, front, baseline, account, config, driver],
    ],
    [
      'a server of another namespace needs what is of the whole cluster',
      server,
      [policy, binding, front, allowElsewhere, driver],
    ],
    [
      'daemons need the servers, in whatever namespace they are, but not other workloads',
      daemons,
      [namespace, policy, binding, allow, front, baseline, account, config, driver, server],
    ],
    ['a registration needs the servers that act on it', registration, [server]],
    ['a namespace needs nothing', namespace, []],
  ])('%s', (_what, object, expected) => {
    expect(keys(dependenciesOf(object, all))).toEqual(keys(all.filter((item) => expected.includes(item))));
  });
});
