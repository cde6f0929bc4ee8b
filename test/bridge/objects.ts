import fc from 'fast-check';
import type { LiveObject } from '../../src/bridge/cluster.js';
import { keyOf, type KubeObject } from '../../src/model/kube-object.js';
import { LABELS } from '../../src/model/names.js';

type Kind = readonly [apiVersion: string, kind: string, namespaced: boolean];

export const KINDS: readonly Kind[] = [
  ['apiextensions.k8s.io/v1', 'CustomResourceDefinition', false],
  ['v1', 'Namespace', false],
  ['v1', 'ServiceAccount', true],
  ['rbac.authorization.k8s.io/v1', 'Role', true],
  ['rbac.authorization.k8s.io/v1', 'ClusterRole', false],
  ['rbac.authorization.k8s.io/v1', 'RoleBinding', true],
  ['enforcement.portarium.io/v1alpha1', 'WorkspacePolicy', true],
  ['admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy', false],
  ['admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicyBinding', false],
  ['v1', 'ConfigMap', true],
  ['v1', 'Service', true],
  ['networking.k8s.io/v1', 'NetworkPolicy', true],
  ['cilium.io/v2', 'CiliumNetworkPolicy', true],
  ['cilium.io/v2', 'CiliumClusterwideNetworkPolicy', false],
  ['policy.networking.k8s.io/v1alpha2', 'ClusterNetworkPolicy', false],
  ['apps/v1', 'Deployment', true],
  ['apps/v1', 'StatefulSet', true],
  ['apps/v1', 'DaemonSet', true],
  ['spire.spiffe.io/v1alpha1', 'ClusterSPIFFEID', false],
  ['example.com/v1', 'Unheard', true],
];

const object = ([apiVersion, kind, namespaced]: Kind, name: string, role: string): KubeObject => ({
  apiVersion,
  kind,
  metadata: {
    name,
    ...(namespaced && { namespace: name.startsWith('a') ? 'agents' : 'other' }),
    labels: {
      ...(role === 'baseline' && { [LABELS.keep]: 'baseline' }),
      ...(role === 'opens' && { [LABELS.opens]: 'egress' }),
    },
  },
});

/** Any stack: objects of every kind and role, without duplicates. */
export const stacks: fc.Arbitrary<readonly KubeObject[]> = fc
  .array(
    fc
      .tuple(
        fc.constantFrom(...KINDS),
        fc.constantFrom('a', 'a1', 'b', 'c2'),
        fc.constantFrom('plain', 'baseline', 'opens'),
      )
      .map((given) => object(...given)),
    { maxLength: 60 },
  )
  .map((objects) => [...new Map(objects.map((item) => [keyOf(item), item])).values()]);

/** As the API server returns it, with what else is given. */
export const live = (desired: KubeObject, more: Readonly<Record<string, unknown>> = {}): LiveObject => ({
  ...structuredClone(desired),
  ...more,
  metadata: { ...structuredClone(desired.metadata), uid: 'u', resourceVersion: '1', ...(more['metadata'] ?? {}) },
});
