import type { KubeObject } from '../../../model/kube-object.js';
import { GUARDED } from './expected.js';

const pod = (namespace: string, name: string, index: number, labels: Readonly<Record<string, string>>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace, name, labels },
  spec: { containers: [{ name: 'main', image: 'any' }] },
  // Of the pod network, and of no real pod of the lab.
  status: { phase: 'Running', podIP: `10.244.254.${index + 1}` },
});

/** A pod without any label in every guarded namespace: it may exist, so policies must hold for it. */
export const UNLABELLED: readonly KubeObject[] = GUARDED.map((namespace, index) =>
  pod(namespace, 'hypothetical', index, {}),
);

/** The migration of OpenFGA's database while it runs; it has ended before anybody looks. */
export const MIGRATION: KubeObject = pod('portarium-control-plane', 'hypothetical-migration', 200, {
  'portarium.io/component': 'openfga-migration',
});

/** Pods elsewhere with the labels of peers: no policy may know a peer by its labels alone. */
export const IMPOSTORS: readonly KubeObject[] = ['prometheus', 'api-server'].map((component, index) =>
  pod('default', `hypothetical-${component}`, 100 + index, {
    'portarium.io/component': component,
    'portarium.io/role': 'agent',
    'portarium.io/workspace': 'ws-acme',
    'portarium.io/agent': 'sales-bot',
  }),
);
