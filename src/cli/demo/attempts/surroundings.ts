import { endpointSlice } from '../../../verify/forbidden/candidates.js';
import { permitted, refused, type Family } from './attempt.js';
import { ACME, create, GLOBEX, patch, POLICY_NAMESPACE, remove, service } from './objects.js';

const CONTROL_PLANE = 'portarium-control-plane';
const NAMESPACES = 'portarium-guard-namespaces';
const DEFINITIONS = 'portarium-definitions-kept';

const relabel = (name: string, labels: Readonly<Record<string, string | null>>) =>
  patch('v1', 'Namespace', { name }, { metadata: { labels } });
const RELAXATIONS = [
  'apiextensions.k8s.io/v1',
  'CustomResourceDefinition',
  { name: 'relaxations.enforcement.portarium.io' },
] as const;

export const namespaces: Family = {
  title: 'namespaces and definitions',
  attempts: [
    permitted('mallory', 'a label of her own on the agents’ namespace', relabel(ACME.namespace, { team: 'sales' })),
    permitted(
      'platform-deployer',
      'a label of the platform on the agents’ namespace',
      relabel(ACME.namespace, { 'portarium.io/note': 'x' }),
    ),
    ...[ACME.namespace, CONTROL_PLANE].map((name) =>
      refused(
        NAMESPACES,
        'mallory',
        `Pod Security of ${name} loosened`,
        relabel(name, { 'pod-security.kubernetes.io/enforce': 'privileged' }),
      ),
    ),
    refused(
      NAMESPACES,
      'mallory',
      'the agents’ namespace in a mesh',
      relabel(ACME.namespace, { 'istio.io/dataplane-mode': 'ambient' }),
    ),
    refused(
      NAMESPACES,
      'mallory',
      'the agents’ namespace deleted',
      remove('v1', 'Namespace', { name: ACME.namespace }),
    ),
    refused(
      'portarium-policy-namespace-kept',
      'platform-deployer',
      'the namespace of every reached level deleted',
      remove('v1', 'Namespace', { name: POLICY_NAMESPACE }),
    ),
    permitted(
      'platform-deployer',
      'an annotation on the CRD of Relaxations',
      patch(...RELAXATIONS, { metadata: { annotations: { note: 'x' } } }),
    ),
    refused(DEFINITIONS, 'platform-deployer', 'the CRD of Relaxations deleted', remove(...RELAXATIONS)),
    refused(
      'portarium-network-definitions-kept',
      'platform-deployer',
      'the CRD of Cilium’s policies deleted, and every policy with it',
      remove('apiextensions.k8s.io/v1', 'CustomResourceDefinition', { name: 'ciliumnetworkpolicies.cilium.io' }),
    ),
    refused(
      DEFINITIONS,
      'mallory',
      'the CRD of Relaxations changed',
      patch(...RELAXATIONS, { spec: { names: { shortNames: ['mine'] } } }),
    ),
  ],
};

const selector = { app: 'x' };
const ports = [{ port: 80 }];
const plain = { selector, ports };

const slice = (namespace: string) => create(endpointSlice(namespace));
const endpoints = create({
  apiVersion: 'v1',
  kind: 'Endpoints',
  metadata: { name: 'candidate', namespace: ACME.namespace },
  subsets: [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 443 }] }],
});

const SERVICES = 'portarium-guard-services';
const named = { type: 'ExternalName', externalName: 'crm.example.com' };

export const services: Family = {
  title: 'Services',
  attempts: [
    permitted('mallory', 'a Service that selects pods', create(service(ACME.namespace, plain))),
    ...[ACME.namespace, GLOBEX.namespace, CONTROL_PLANE].map((namespace) =>
      refused(SERVICES, 'mallory', `a name for another host in ${namespace}`, create(service(namespace, named))),
    ),
    refused(
      SERVICES,
      'mallory',
      'a Service that takes over an address',
      create(service(ACME.namespace, { ...plain, externalIPs: ['192.0.2.1'] })),
    ),
    refused(SERVICES, 'mallory', 'a Service without a selector', create(service(ACME.namespace, { ports }))),
    permitted(
      'mallory',
      'a port of every node for the control plane',
      create(service(CONTROL_PLANE, { ...plain, type: 'NodePort' })),
    ),
    refused(
      'portarium-guard-agent-services',
      'mallory',
      'a port of every node for agents',
      create(service(ACME.namespace, { ...plain, type: 'NodePort' })),
    ),
    permitted('mallory', 'endpoints by hand elsewhere', slice('default')),
    refused('portarium-guard-endpoints', 'mallory', 'an EndpointSlice by hand', slice(ACME.namespace)),
    refused('portarium-guard-endpoints', 'mallory', 'Endpoints by hand', endpoints),
  ],
};
