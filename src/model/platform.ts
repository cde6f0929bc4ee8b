import type { Access } from './access.js';
import type { MetricKey } from './metrics.js';
import { NAMESPACES } from './names.js';
import type { Spire } from './spire.js';

/** How the cluster's own DNS answers, for those who may ask it. */
export interface ClusterDns {
  readonly namespace: string;
  readonly podLabels: Readonly<Record<string, string>>;
  readonly serviceAccount: string;
  readonly clusterIP: string;
  /** Address of NodeLocal DNSCache; traffic to it never meets a pod selector. */
  readonly nodeLocalAddress?: string;
}

/** Something outside this program that a platform component must reach, or that must reach it. */
export interface ExternalPeer {
  readonly name: string;
  readonly component: 'api-server' | 'worker' | 'otel-collector' | 'openfga' | 'prometheus' | 'spire-server';
  /** Exactly one of both. */
  readonly pods?: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> };
  readonly cidrs?: readonly string[];
  /** TCP. */
  readonly ports: readonly number[];
  /** Whether the peer sends on what it is given to where the sender chooses, and why (not). */
  readonly forwards: boolean;
  readonly reason: string;
}

/** Which tokens the front accepts (RFC 7519, RFC 9068). */
export interface Tokens {
  /** `iss`, exactly. */
  readonly issuer: string;
  /** HTTPS address of the issuer's keys (RFC 7517). */
  readonly jwksUri: string;
  /** `aud` of agents' and workloads' tokens. */
  readonly audience: string;
  /** `aud` of people's tokens; never the agents'. */
  readonly peopleAudience: string;
  /** `typ` in the token's header. */
  readonly type: string;
  /** The claim that names the workspace. */
  readonly workspaceClaim: string;
}

/** The server that answers who may do what (runbook Phase 4 step 4). */
export interface OpenFga {
  readonly image: string;
  readonly replicas: number;
  /** `memory` is for trying out: one replica, and everything is lost with it. */
  readonly datastore:
    { readonly type: 'memory' } | { readonly type: 'postgres'; readonly host: string; readonly port: number };
  /** The one store of all workspaces. */
  readonly storeName: string;
  /** Secret `kubernetes.io/tls` in the control plane's namespace, and PEM of the authority that issued it. */
  readonly certificateSecret: string;
  readonly certificateAuthority: string;
  /** Secret with the preshared keys: `keys`, comma-separated, for the server; `authorizer`, one of them. */
  readonly keysSecret: string;
  /** Where the engines reach it from outside. @default - they write no models and tuples, and say so */
  readonly api?: { readonly url: string; readonly certificateAuthority?: string };
}

/** Where `enforce gate` asks: a Prometheus, or what answers as one (Thanos, Mimir). Secrets are files where it runs. */
export interface PrometheusServer extends Access {
  /**
   * Who records flows besides the SDKs; `none`: nobody can, a limitation that the answer names.
   * @default - not said, and the enforcement gate does not pass
   */
  readonly networkSource?: 'hubble' | 'none';
  /** Regular expression of the jobs whose scrapes must succeed. */
  readonly jobs: string;
}

/** What is rendered for the cluster's own Prometheus, Alertmanager and Grafana (docs/alerts.md). */
export interface Monitoring {
  readonly podMonitors: boolean;
  /** Rules, routes and dashboard. @default false */
  readonly prometheusRules?: boolean;
  /** By which the operator's `ruleSelector` finds the rules. @default none */
  readonly ruleLabels?: Readonly<Record<string, string>>;
  /** Where `docs/runbook` is published; needed with `prometheusRules`. */
  readonly runbookUrl?: string;
  /** Of the Grafana that loads the dashboard; needed with `prometheusRules`. */
  readonly grafanaUrl?: string;
  /** Secret in the observability namespace: keys `pager`, `ticket` and `heartbeat`, each the URL of a webhook. */
  readonly alertReceiversSecret?: string;
  /** How series are called that the cluster calls otherwise than the contract. */
  readonly metricNames?: Readonly<Partial<Record<MetricKey, string>>>;
  /** @default - the gate must be told */
  readonly prometheus?: PrometheusServer;
}

export interface Platform {
  readonly stack: string;
  /** `audit` warns and records, `deny` refuses; a workspace may not rise above `routing` until it is `deny`. */
  readonly guards: 'audit' | 'deny';
  readonly trustDomain: string;
  /** Every image of the config names a digest, here and in the workspaces' stacks. */
  readonly requireDigests: boolean;
  /** The cluster has the Prometheus operator's kinds: what scrapes the pods is rendered beside them. */
  readonly monitoring: Monitoring;
  readonly spire: Spire;
  readonly cluster: {
    readonly domain: string;
    readonly podCidrs: readonly string[];
    readonly serviceCidrs: readonly string[];
    readonly nodeCidrs: readonly string[];
    /** Where the Kubernetes API server answers (its endpoints, not the Service). */
    readonly apiServerCidrs: readonly string[];
    /** TCP port on which those endpoints answer; clients dial 443 of the Service. */
    readonly apiServerPort: number;
    readonly dns: ClusterDns;
  };
  readonly network: {
    /** The cluster runs Cilium: CiliumNetworkPolicy is rendered beside NetworkPolicy. */
    readonly cilium: boolean;
    /** The cluster has policy.networking.k8s.io/v1alpha2 ClusterNetworkPolicy. */
    readonly clusterNetworkPolicy: boolean;
  };
  /** `agent-dns`: a resolver of exact names per workspace. `cilium`: cluster DNS behind Cilium's exact-name rules. */
  readonly agentDns: { readonly mode: 'agent-dns' | 'cilium'; readonly image: string };
  /** Fixed cluster IPs of the front's Services, so that agents' DNS needs no upstream when egress is closed. */
  readonly front: {
    readonly clusterIP: string;
    readonly bearerClusterIP: string;
    readonly peopleClusterIP: string;
    /** Secret `kubernetes.io/tls` in the control plane's namespace: the certificate that does not come from SPIRE. */
    readonly certificateSecret: string;
    /** PEM of the authority that issued it, for the sidecars that verify it. */
    readonly certificateAuthority: string;
    /** Secret with a key per workspace: the token by which the authorizer reads its runs and approvals. */
    readonly recordTokensSecret: string;
    /** Methods of gRPC that are let through, with the relation to the caller's workspace that each takes. */
    readonly grpcMethods: readonly { readonly method: string; readonly relation: string }[];
    /** How many requests a second one caller (SVID, or subject of a token) may make. */
    readonly requestsPerSecond: number;
  };
  /** The tokens of agents and people that the front accepts. */
  readonly tokens: Tokens;
  /** Images of the two sidecars. */
  readonly sidecar: { readonly envoyImage: string; readonly authorizerImage: string };
  readonly openfga: OpenFga;
  readonly collector: { readonly clusterIP: string };
  readonly ingressGateway: {
    readonly namespace: string;
    readonly podLabels: Readonly<Record<string, string>>;
    readonly serviceAccount: string;
  };
  readonly vault?: {
    readonly namespace: string;
    readonly podLabels: Readonly<Record<string, string>>;
    readonly serviceAccount: string;
    readonly port: number;
  };
  /** What the execution workers may call: the systems of record, on behalf of approved actions. */
  readonly execution: { readonly hosts: readonly string[]; readonly ports: readonly number[] };
  readonly peers: readonly ExternalPeer[];
  /** Every workspace there is, with the namespace it lives in; a workspace stack that is not listed is refused. */
  readonly workspaces: readonly { readonly id: string; readonly namespace: string }[];
  /** Workspaces that may be served before they have a policy, in shadow; the live list only ever shrinks. */
  readonly pending: readonly string[];
}

/** The platform's own namespaces, sorted: the fixed ones and, where the config gives it one, the SPIRE server's. */
export const platformNamespaces = ({ spire }: Pick<Platform, 'spire'>): readonly string[] =>
  [...new Set([...Object.values(NAMESPACES), spire.namespace])].sort();
