import type { KubeObject } from '../../../../src/model/kube-object.js';
import { NAMESPACES } from '../../../../src/model/names.js';
import { OUTSIDE } from '../fixture.js';
import { create, type Case } from './case.js';

const selector = { app: 'x' };
const ports = [{ port: 80 }];
const service = (namespace: string, spec: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'candidate', namespace },
  spec,
});
const plain = (namespace: string): KubeObject => service(namespace, { selector, ports });

const slice = (namespace: string): KubeObject => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'candidate', namespace, labels: { 'kubernetes.io/service-name': 'any' } },
  addressType: 'IPv4',
  endpoints: [{ addresses: ['192.0.2.1'] }],
  ports: [{ port: 443, protocol: 'TCP' }],
});
const endpoints = (namespace: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Endpoints',
  metadata: { name: 'candidate', namespace },
  subsets: [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 443 }] }],
});
const by = (controller: string) => ({
  by: 'admin',
  as: { user: `system:serviceaccount:kube-system:${controller}`, groups: ['system:masters'] },
});

const everywhere = (refusal: number, what: string, spec: object): readonly Case[] =>
  ['g-agents', NAMESPACES.controlPlane, NAMESPACES.spire].map((namespace) => ({
    guard: 'services',
    refusal,
    what: `${what} in ${namespace}`,
    refused: create(service(namespace, spec)),
    permitted: create(plain(namespace)),
  }));

export const serviceCases: readonly Case[] = [
  ...everywhere(0, 'an external name', { type: 'ExternalName', externalName: 'crm.example.com' }),
  ...everywhere(1, 'an external IP', { selector, ports, externalIPs: ['192.0.2.1'] }),
  ...everywhere(2, 'no selector', { ports }),
  ...['NodePort', 'LoadBalancer'].map((type): Case => ({
    guard: 'agent-services',
    refusal: 0,
    what: `a ${type} in a namespace of agents`,
    refused: create(service('g-agents', { type, selector, ports })),
    permitted: create(service(NAMESPACES.controlPlane, { type, selector, ports })),
  })),
  {
    guard: 'services',
    refusal: 0,
    what: 'an external name, elsewhere free',
    refused: create(service('g-agents', { type: 'ExternalName', externalName: 'crm.example.com' })),
    permitted: create(service(OUTSIDE, { type: 'ExternalName', externalName: 'crm.example.com' })),
  },
  ...['g-agents', NAMESPACES.observability].flatMap((namespace): Case[] => [
    {
      guard: 'endpoints',
      refusal: 0,
      what: `an EndpointSlice by hand in ${namespace}`,
      refused: create(slice(namespace)),
      permitted: { ...create(slice(namespace)), ...by('endpointslice-controller') },
    },
    {
      guard: 'endpoints',
      refusal: 0,
      what: `Endpoints by hand in ${namespace}`,
      refused: create(endpoints(namespace)),
      permitted: { ...create(endpoints(namespace)), ...by('endpoint-controller') },
    },
  ]),
];
