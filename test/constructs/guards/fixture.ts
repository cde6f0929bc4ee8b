import { App, Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import type { KubeObject } from '../../../src/model/kube-object.js';
import type { Platform } from '../../../src/model/platform.js';
import { FRONT } from '../../support/front.js';
import { OPENFGA } from '../../support/openfga.js';
import { SPIRE } from '../../support/spire.js';

export const platform: Platform = {
  stack: 'platform',
  guards: 'deny',
  trustDomain: 'portarium.io',
  cluster: {
    domain: 'cluster.local',
    podCidrs: ['10.244.0.0/16'],
    serviceCidrs: ['10.96.0.0/16'],
    nodeCidrs: ['10.0.0.0/24'],
    apiServerCidrs: ['10.96.0.1/32'],
    apiServerPort: 6443,
    dns: {
      namespace: 'kube-system',
      podLabels: { 'k8s-app': 'kube-dns' },
      serviceAccount: 'coredns',
      clusterIP: '10.96.0.10',
    },
  },
  network: { cilium: false, clusterNetworkPolicy: true },
  agentDns: { mode: 'agent-dns', image: 'registry.k8s.io/coredns/coredns:v1.13.1' },
  ...FRONT,
  ...SPIRE,
  ...OPENFGA,
  collector: { clusterIP: '10.96.80.4' },
  ingressGateway: { namespace: 'ingress', podLabels: { tier: 'edge', app: 'gateway' }, serviceAccount: 'gateway' },
  execution: { hosts: ['erp.example.com'], ports: [443] },
  peers: [],
  workspaces: [
    { id: 'ws-acme', namespace: 'portarium-agents' },
    { id: 'ws-one', namespace: 'shared' },
    { id: 'ws-two', namespace: 'shared' },
  ],
};

export interface Policy extends KubeObject {
  readonly spec: {
    readonly failurePolicy: string;
    readonly variables?: readonly { readonly name: string; readonly expression: string }[];
    readonly validations: readonly {
      readonly expression: string;
      readonly message: string;
      readonly messageExpression?: string;
      readonly reason: string;
    }[];
  };
}

export interface Binding extends KubeObject {
  readonly spec: {
    readonly policyName: string;
    readonly validationActions: readonly string[];
    readonly paramRef?: object;
    readonly matchResources: {
      readonly namespaceSelector: { readonly matchExpressions?: readonly { readonly values: readonly string[] }[] };
    };
  };
}

/** What a construct renders, as the chart gives it to the engines. */
export function render(make: (scope: Construct) => unknown) {
  const chart = new Chart(new App(), 'guards');
  make(chart);
  const objects = chart.toJson() as readonly KubeObject[];
  const ofKind = (kind: string) => objects.filter((object) => object.kind === kind) as unknown[];
  return {
    objects,
    policies: ofKind('ValidatingAdmissionPolicy') as Policy[],
    bindings: ofKind('ValidatingAdmissionPolicyBinding') as Binding[],
  };
}
