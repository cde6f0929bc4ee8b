import type { KubeObject } from '../../../model/kube-object.js';
import { askToken } from './agents.js';
import { permitted, refused, type Family } from './attempt.js';
import { create, pod } from './objects.js';

const SPIRE = 'portarium-spire';
const REGISTRATIONS = 'portarium-spire-registrations';

type Fields = Readonly<Record<string, unknown>>;

/** A registration that would make every pod of mallory's namespace the workers, or whom she likes. */
const registration = (spec: Fields): KubeObject => ({
  apiVersion: 'spire.spiffe.io/v1alpha1',
  kind: 'ClusterSPIFFEID',
  metadata: { name: 'candidate' },
  spec: {
    className: 'portarium',
    spiffeIDTemplate: 'spiffe://{{ .TrustDomain }}/ns/{{ .PodMeta.Namespace }}/sa/{{ .PodSpec.ServiceAccountName }}',
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'default' } },
    podSelector: { matchLabels: { app: 'candidate' } },
    workloadSelectorTemplates: ['k8s:container-name:envoy'],
    ...spec,
  },
});

const daemons = (namespace: string, serviceAccountName: string): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'candidate', namespace },
  spec: {
    selector: { matchLabels: { app: 'candidate' } },
    template: {
      metadata: { labels: { app: 'candidate' } },
      spec: { ...(pod({ namespace })['spec'] as object), serviceAccountName },
    },
  },
});

/** Whoever writes a registration, or runs as SPIRE, may become anyone. */
export const spire: Family = {
  title: 'workload identity',
  attempts: [
    permitted('platform-deployer', 'a registration of another workload', create(registration({}))),
    permitted('mallory', 'a registration for another SPIRE', create(registration({ className: 'hers' }))),
    refused(REGISTRATIONS, 'mallory', 'a registration of her own pods', create(registration({}))),
    refused(
      REGISTRATIONS,
      'platform-deployer',
      'a registration of any SPIFFE ID',
      create(registration({ spiffeIDTemplate: 'spiffe://portarium.io/ns/portarium-execution/sa/worker' })),
    ),
    refused(
      REGISTRATIONS,
      'platform-deployer',
      'a registration with the authority of the server',
      create(registration({ admin: true })),
    ),
    refused(
      'portarium-guard-spire-pods',
      'mallory',
      'a pod where the host may be entered',
      create(pod({ namespace: SPIRE, account: 'default' })),
    ),
    refused(
      'portarium-guard-spire-pods',
      'mallory',
      'a pod as SPIRE’s agent',
      create(pod({ namespace: SPIRE, account: 'spire-agent' })),
    ),
    refused(
      'portarium-guard-spire-workloads',
      'mallory',
      'a DaemonSet where the host may be entered',
      create(daemons(SPIRE, 'spire-agent')),
    ),
    permitted('mallory', 'a DaemonSet elsewhere', create(daemons('default', 'default'))),
    refused('portarium-guard-spire-tokens', 'mallory', 'a token of SPIRE’s agent', askToken(SPIRE, 'spire-agent')),
    refused(
      'portarium-guard-spire-tokens',
      'mallory',
      'a token of SPIRE’s server',
      askToken('portarium-control-plane', 'spire-server'),
    ),
  ],
};
