/** One server that the lab can run: where its source is pinned and how its binary is recognised. */
export interface ServerSource {
  /** Name of the binary, on PATH and in the cache. */
  readonly name: string;
  /** Folder under `lab/servers` whose go.mod pins it. */
  readonly module: string;
  /** Go package of its main function. */
  readonly package: string;
  /** What it does in the lab, for the progress display. */
  readonly why: string;
  /** Measured cold build on two cores, module download included. */
  readonly expectedSeconds: number;
  /** Arguments that make it print its version. */
  readonly versionArgs: readonly string[];
}

const table = [
  {
    name: 'etcd',
    module: 'etcd',
    package: 'go.etcd.io/etcd/server/v3',
    why: 'stores the objects',
    expectedSeconds: 50,
    versionArgs: ['--version'],
  },
  {
    name: 'kwok',
    module: 'kwok',
    package: 'sigs.k8s.io/kwok/cmd/kwok',
    why: 'makes nodes and pods Ready without running anything',
    expectedSeconds: 95,
    versionArgs: ['--version'],
  },
  {
    name: 'kube-apiserver',
    module: 'kubernetes',
    package: 'k8s.io/kubernetes/cmd/kube-apiserver',
    why: 'the API and its admission, where policies are refused or stored',
    expectedSeconds: 250,
    versionArgs: ['--version'],
  },
  {
    name: 'kube-controller-manager',
    module: 'kubernetes',
    package: 'k8s.io/kubernetes/cmd/kube-controller-manager',
    why: 'deployments, namespaces, service accounts, garbage collection',
    expectedSeconds: 120,
    versionArgs: ['--version'],
  },
  {
    name: 'kube-scheduler',
    module: 'kubernetes',
    package: 'k8s.io/kubernetes/cmd/kube-scheduler',
    why: 'binds pods to nodes',
    expectedSeconds: 10,
    versionArgs: ['--version'],
  },
  {
    name: 'coredns',
    module: 'coredns',
    package: 'github.com/coredns/coredns',
    why: 'runs the generated Corefile of agent-dns',
    expectedSeconds: 200,
    versionArgs: ['-version'],
  },
] as const satisfies readonly ServerSource[];

export type ServerName = (typeof table)[number]['name'];

/** Every server that `obtain` knows, in build order. */
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
