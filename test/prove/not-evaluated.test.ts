import { describe, expect, it } from 'vitest';
import { changesReachability } from '../../src/prove/index.js';

describe('a kind changes reachability, unevaluated,', () => {
  it.each([
    ['cilium.io/v2', 'CiliumNetworkPolicy'],
    ['cilium.io/v2', 'CiliumLocalRedirectPolicy'],
    ['cilium.io/v2', 'CiliumNodeConfig'],
    ['crd.projectcalico.org/v1', 'NetworkPolicy'],
    ['projectcalico.org/v3', 'HostEndpoint'],
    ['crd.antrea.io/v1beta1', 'ClusterNetworkPolicy'],
    ['k8s.ovn.org/v1', 'EgressFirewall'],
    ['networking.k8s.aws/v1alpha1', 'ApplicationNetworkPolicy'],
    ['networking.gke.io/v1alpha1', 'FQDNNetworkPolicy'],
    ['security.istio.io/v1', 'AuthorizationPolicy'],
    ['k8s.cni.cncf.io/v1beta1', 'MultiNetworkPolicy'],
    ['policy.networking.k8s.io/v1beta9', 'SomethingNew'],
    ['extensions/v1beta1', 'NetworkPolicy'],
    ['unheard-of.example/v1', 'FancyNetworkPolicy'],
  ])('%s %s', (apiVersion, kind) => {
    expect(changesReachability(apiVersion, kind)).toBe(true);
  });
});

describe('a kind is passed over', () => {
  it.each([
    ['networking.k8s.io/v1', 'NetworkPolicy'],
    ['networking.k8s.io/v1', 'Ingress'],
    ['v1', 'Pod'],
    ['v1', 'ConfigMap'],
    ['cilium.io/v2', 'CiliumEndpoint'],
    ['cilium.io/v2', 'CiliumIdentity'],
    ['crd.projectcalico.org/v1', 'IPPool'],
    ['projectcalico.org/v3', 'StagedNetworkPolicy'],
    ['admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy'],
    ['enforcement.portarium.io/v1alpha1', 'WorkspacePolicy'],
    ['policy/v1', 'PodDisruptionBudget'],
  ])('%s %s', (apiVersion, kind) => {
    expect(changesReachability(apiVersion, kind)).toBe(false);
  });
});
