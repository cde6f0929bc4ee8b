import { NAMESPACES } from './names.js';

/** Where the Workload API is; one constant for SPIRE's agent, the CSI driver and Envoy. */
export const SPIRE_SOCKETS = {
  /** On the node; the whole directory is shown to workloads, so nothing but the Workload API stands in it. */
  hostDir: '/run/spire/agent-sockets',
  /** In workloads; the directory is mounted and never the file, whose inode is stale after the agent restarts. */
  mountDir: '/run/spire/sockets',
  file: 'spire-agent.sock',
  csiDriver: 'csi.spiffe.io',
  /** The volume's name in workloads. */
  volume: 'spire',
} as const;

/** The socket's path in workloads. */
export const WORKLOAD_SOCKET = `${SPIRE_SOCKETS.mountDir}/${SPIRE_SOCKETS.file}`;

/** The one container of a workload that gets its SVID; entries are bound to it by `k8s:container-name`. */
export const SVID_CONTAINER = 'envoy';

/** A container's port; the name is what probes and PodMonitors refer to, so it exists once. */
export interface NamedPort {
  /** At most 15 characters. */
  readonly name: string;
  readonly port: number;
}

/** The ports of SPIRE's pods, by pod and purpose. */
export const SPIRE_PORTS = {
  server: {
    grpc: { name: 'grpc', port: 8081 },
    health: { name: 'health', port: 8080 },
    metrics: { name: 'metrics', port: 9988 },
  },
  controllerManager: {
    webhook: { name: 'webhook', port: 9443 },
    metrics: { name: 'cm-metrics', port: 8082 },
    health: { name: 'cm-health', port: 8083 },
  },
  agent: {
    health: { name: 'health', port: 9982 },
    metrics: { name: 'metrics', port: 9988 },
  },
  csiDriver: {
    health: { name: 'health', port: 9809 },
  },
} as const satisfies Record<string, Record<string, NamedPort>>;

/** Of the agents' projected token: the same in the token, in the server's `audience` and in its TokenReview. */
export const SPIRE_AUDIENCE = 'spire-server';

/** The controller manager acts on resources of this class alone; one without a class is ignored without a word. */
export const SPIRE_CLASS = 'portarium';

/** Prefix of the ids of the controller manager's entries; without one it deletes every entry that is not its own. */
export const SPIRE_ENTRY_PREFIX = 'portarium';

/** Service accounts of SPIRE's pods, and the value of their component label. */
export const SPIRE_ACCOUNTS = { server: 'spire-server', agent: 'spire-agent', csiDriver: 'spiffe-csi-driver' } as const;

/** The trust bundle that the server publishes to its agents. Never rendered: with an empty one agents do not start. */
export const SPIRE_BUNDLE = { namespace: NAMESPACES.spire, configMap: 'spire-bundle', key: 'bundle.spiffe' } as const;

/** The SPIFFE ID of every workload, as a template of the controller manager; `spiffeId` in identity.ts, pod by pod. */
export const SPIFFE_ID_TEMPLATE =
  'spiffe://{{ .TrustDomain }}/ns/{{ .PodMeta.Namespace }}/sa/{{ .PodSpec.ServiceAccountName }}';
