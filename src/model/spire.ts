import { NAMESPACES } from './names.js';

/** What the config says of SPIRE. Durations as Go writes them; images with tag or digest. */
export interface Spire {
  /** Of the cluster, as SPIRE's agents name it when they attest; part of their SPIFFE IDs. */
  readonly clusterName: string;
  /** Where the server runs. The agents and the CSI driver are always in portarium-spire. */
  readonly namespace: SpireServerNamespace;
  readonly replicas: number;
  readonly datastore: { readonly type: 'sqlite' } | PostgresDatastore;
  readonly keyManager:
    { readonly type: 'disk' } | { readonly type: 'memory' } | { readonly type: 'aws_kms'; readonly region: string };
  /** Who signs the server's CA. @default - it signs itself */
  readonly upstreamAuthority?: UpstreamAuthority;
  /** The server's role, for AWS (IAM roles for service accounts). */
  readonly awsRoleArn?: string;
  /** Of the server's volume, where it has one. */
  readonly storage: { readonly size: string; readonly storageClass?: string };
  readonly caTtl: string;
  readonly x509Ttl: string;
  /** For how long SVIDs outlive a server that is down, whenever it goes down. */
  readonly outageTolerance: string;
  readonly kubelet: {
    /** `nodes/pods` lets an agent read its node's pods; `nodes/proxy`, before Kubernetes 1.33, anything, exec too. */
    readonly access: 'nodes/pods' | 'nodes/proxy';
    /** What the kubelets' serving certificates name. */
    readonly address: 'hostIP' | 'nodeName';
    /** ConfigMap in portarium-spire whose `ca.crt` signs the kubelets' serving certificates. @default - the cluster's CA */
    readonly caConfigMap?: string;
  };
  readonly images: {
    readonly server: string;
    readonly agent: string;
    readonly controllerManager: string;
    readonly csiDriver: string;
    readonly registrar: string;
  };
  /** Workloads beside the platform's own and the agents that get an SVID, such as the agent gateway. */
  readonly workloads: readonly SpireWorkload[];
  readonly bridges: readonly SpireBridge[];
}

export const SPIRE_SERVER_NAMESPACES = [NAMESPACES.controlPlane, 'portarium-spire-server'] as const;
export type SpireServerNamespace = (typeof SPIRE_SERVER_NAMESPACES)[number];

/** The password comes from the Secret's key `password`, the CA of the server's certificate from `ca.crt`. */
export interface PostgresDatastore {
  readonly type: 'postgres';
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly passwordSecret: string;
  readonly caSecret: string;
}

export type UpstreamAuthority =
  /** Secret with `tls.crt`, `tls.key` and, unless self-signed, `ca.crt`. */
  | { readonly type: 'disk'; readonly secret: string; readonly selfSigned: boolean }
  | { readonly type: 'cert-manager'; readonly issuerName: string; readonly issuerKind: 'Issuer' | 'ClusterIssuer' }
  /** CA of Vault's certificate from the Secret's key `ca.crt`; Vault knows the server by a token of its audience. */
  | {
      readonly type: 'vault';
      readonly address: string;
      readonly pkiMount: string;
      readonly authMount: string;
      readonly role: string;
      readonly caSecret: string;
    }
  | { readonly type: 'aws_pca'; readonly region: string; readonly certificateAuthorityArn: string };

export interface SpireWorkload {
  readonly name: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly podLabels: Readonly<Record<string, string>>;
}

/** A workload on chosen nodes; exactly one of `nodeUid` and `nodeLabel`. */
export interface SpireBridge {
  readonly name: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly nodeUid?: string;
  /** A label that no kubelet can give itself: `node-restriction.kubernetes.io/…`. */
  readonly nodeLabel?: { readonly key: string; readonly value: string };
}

/** The group of the controller manager's kinds. */
export const SPIRE_GROUP = 'spire.spiffe.io';
export const SPIRE_VERSION = 'v1alpha1';
/** The resources of its kinds: who gets which identity, and whose identities are believed. */
export const SPIRE_RESOURCES: readonly string[] = [
  'clusterspiffeids',
  'clusterstaticentries',
  'clusterfederatedtrustdomains',
];

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

/** Service accounts of SPIRE's pods, and the value of their component label. */
export const SPIRE_ACCOUNTS = { server: 'spire-server', agent: 'spire-agent', csiDriver: 'spiffe-csi-driver' } as const;

/** The trust bundle that the server publishes to its agents. Never rendered: with an empty one agents do not start. */
export const SPIRE_BUNDLE = { namespace: NAMESPACES.spire, configMap: 'spire-bundle', key: 'bundle.spiffe' } as const;

/** The SPIFFE ID of every workload, as a template of the controller manager; `spiffeId` in identity.ts, pod by pod. */
export const SPIFFE_ID_TEMPLATE =
  'spiffe://{{ .TrustDomain }}/ns/{{ .PodMeta.Namespace }}/sa/{{ .PodSpec.ServiceAccountName }}';
