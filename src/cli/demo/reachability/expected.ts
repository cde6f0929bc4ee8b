/** Whom a workload reaches, or is reached by, on which ports, as `src/prove` writes them. */
export type Rows = Readonly<Record<string, string>>;

/** What of ws-acme is open; ws-globex stays at routing, where everything is. */
export interface Open {
  readonly mtls: boolean;
  readonly egress: boolean;
}

/**
 * What the sample stacks must amount to, in literals: neither names nor ports come from the edge matrix, which the live
 * policies were made from. Public addresses stand for "every public address and no other" (`compare.ts`).
 */
const SALES_BOT = 'portarium-agents/sales-bot[Deployment]';
const REPORT_READER = 'portarium-agents/report-reader[Deployment]';
const INVOICE_CLERK = 'portarium-agents/invoice-clerk[Deployment]';
const ACME_DNS = 'portarium-agents/agent-dns-ws-acme[Deployment]';
const SUPPORT_BOT = 'portarium-agents-globex/support-bot[Deployment]';
const GLOBEX_DNS = 'portarium-agents-globex/agent-dns-ws-globex[Deployment]';
const API_SERVER = 'portarium-control-plane/api-server[Deployment]';
const OPENFGA = 'portarium-control-plane/openfga[Deployment]';
const WORKER = 'portarium-execution/worker[Deployment]';
const COLLECTOR = 'portarium-observability/otel-collector[Deployment]';
const PROMETHEUS = 'portarium-observability/prometheus[Deployment]';
const SPIRE_SERVER = 'portarium-control-plane/spire-server[StatefulSet]';
const SPIRE_AGENT = 'portarium-spire/spire-agent[DaemonSet]';
const CSI_DRIVER = 'portarium-spire/spiffe-csi-driver[DaemonSet]';
const CLUSTER_DNS = 'kube-system/coredns[Deployment]';
const VAULT = 'vault/vault[Deployment]';
const POSTGRES = 'databases/postgres[Deployment]';
const OPENFGA_POSTGRES = 'databases/openfga-postgres[Deployment]';
const SPIRE_POSTGRES = 'databases/spire-postgres[Deployment]';
const GATEWAY = 'ingress/ingress-gateway[Deployment]';
const IDENTITY_PROVIDER = '192.0.2.10/32';
const KUBERNETES_API = '10.0.0.2/32, 10.96.0.1/32';
const KUBELETS = '10.0.0.0/24';

export const PUBLIC = { 4: 'public IPv4', 6: 'public IPv6' } as const;

const DNS = 'TCP 53; UDP 53';
const AGENT_DNS = 'TCP 53, 1053; UDP 53, 1053';
const METRICS = 'TCP 9464';
/** Of OpenFGA: what the front asks, and what Prometheus does. */
const ASKED = 'TCP 8080';
const OPENFGA_METRICS = 'TCP 2112';
/** Metrics of an Envoy sidecar, alone and beside the application's. */
const SIDECAR = 'TCP 15020';
const BOTH_METRICS = 'TCP 9464, 15020';
const OTLP = 'TCP 4317';
/** The front: mTLS and gRPC, and while mtls is open also by bearer token. */
const FRONT = 'TCP 443, 8443, 50051';
const FRONT_AND_BEARER = 'TCP 443, 8443-8444, 50051';

const world = (ports: string): Rows => ({ [PUBLIC[4]]: ports, [PUBLIC[6]]: ports });

const agent = (dns: string, open: Open, ports: string): Rows => ({
  [dns]: AGENT_DNS,
  [API_SERVER]: open.mtls ? FRONT_AND_BEARER : FRONT,
  [COLLECTOR]: OTLP,
  ...(open.egress && { [VAULT]: 'TCP 8200', ...world(ports) }),
});

const ROUTING: Open = { mtls: true, egress: true };

/** Whom each workload of the agents and the platform reaches; no other workload may be there. */
export const reaches = (open: Open): Readonly<Record<string, Rows>> => ({
  [SALES_BOT]: agent(ACME_DNS, open, 'TCP 443, 8443'),
  [REPORT_READER]: agent(ACME_DNS, open, 'TCP 443, 8443'),
  [INVOICE_CLERK]: agent(ACME_DNS, open, 'TCP 443, 8443'),
  [ACME_DNS]: open.egress ? { [CLUSTER_DNS]: DNS } : {},
  [SUPPORT_BOT]: agent(GLOBEX_DNS, ROUTING, 'TCP 443'),
  [GLOBEX_DNS]: { [CLUSTER_DNS]: DNS },
  [API_SERVER]: {
    [OPENFGA]: ASKED,
    [COLLECTOR]: OTLP,
    [INVOICE_CLERK]: 'TCP 18789',
    [CLUSTER_DNS]: DNS,
    [POSTGRES]: 'TCP 5432',
    [IDENTITY_PROVIDER]: 'TCP 443',
    [KUBERNETES_API]: 'TCP 443, 6443',
  },
  [OPENFGA]: { [CLUSTER_DNS]: DNS, [OPENFGA_POSTGRES]: 'TCP 5432' },
  [WORKER]: {
    // By bearer too, while any workspace has mtls in shadow.
    [API_SERVER]: FRONT_AND_BEARER,
    [COLLECTOR]: OTLP,
    [CLUSTER_DNS]: DNS,
    [VAULT]: 'TCP 8200',
    ...world('TCP 443'),
  },
  [COLLECTOR]: { [CLUSTER_DNS]: DNS },
  [PROMETHEUS]: {
    [SALES_BOT]: BOTH_METRICS,
    [REPORT_READER]: SIDECAR,
    [INVOICE_CLERK]: BOTH_METRICS,
    [SUPPORT_BOT]: SIDECAR,
    [ACME_DNS]: METRICS,
    [GLOBEX_DNS]: METRICS,
    [API_SERVER]: BOTH_METRICS,
    [OPENFGA]: OPENFGA_METRICS,
    [WORKER]: BOTH_METRICS,
    [COLLECTOR]: METRICS,
    [SPIRE_SERVER]: 'TCP 8082, 9988',
    [SPIRE_AGENT]: 'TCP 9988',
    [CLUSTER_DNS]: DNS,
  },
  [SPIRE_SERVER]: { [CLUSTER_DNS]: DNS, [SPIRE_POSTGRES]: 'TCP 5432', [KUBERNETES_API]: 'TCP 443, 6443' },
  [SPIRE_AGENT]: { [SPIRE_SERVER]: 'TCP 8081', [CLUSTER_DNS]: DNS, [KUBELETS]: 'TCP 10250' },
  [CSI_DRIVER]: {},
});

/** Whom the migration of OpenFGA's database reaches while it runs; nobody reaches it. */
export const MIGRATION_REACHES: Rows = { [CLUSTER_DNS]: DNS, [OPENFGA_POSTGRES]: 'TCP 5432' };

/** Who reaches each of them. */
export const reachedBy = (open: Open): Readonly<Record<string, Rows>> => ({
  [SALES_BOT]: { [PROMETHEUS]: BOTH_METRICS },
  [REPORT_READER]: { [PROMETHEUS]: SIDECAR },
  [INVOICE_CLERK]: { [PROMETHEUS]: BOTH_METRICS, [API_SERVER]: 'TCP 18789' },
  [ACME_DNS]: {
    [SALES_BOT]: AGENT_DNS,
    [REPORT_READER]: AGENT_DNS,
    [INVOICE_CLERK]: AGENT_DNS,
    [PROMETHEUS]: METRICS,
  },
  [SUPPORT_BOT]: { [PROMETHEUS]: SIDECAR },
  [GLOBEX_DNS]: { [SUPPORT_BOT]: AGENT_DNS, [PROMETHEUS]: METRICS },
  [API_SERVER]: {
    [SALES_BOT]: open.mtls ? FRONT_AND_BEARER : FRONT,
    [REPORT_READER]: open.mtls ? FRONT_AND_BEARER : FRONT,
    [INVOICE_CLERK]: open.mtls ? FRONT_AND_BEARER : FRONT,
    [SUPPORT_BOT]: FRONT_AND_BEARER,
    [WORKER]: FRONT_AND_BEARER,
    [GATEWAY]: 'TCP 443, 8445',
    [PROMETHEUS]: BOTH_METRICS,
  },
  [OPENFGA]: { [API_SERVER]: ASKED, [PROMETHEUS]: OPENFGA_METRICS },
  [WORKER]: { [PROMETHEUS]: BOTH_METRICS },
  [COLLECTOR]: {
    [SALES_BOT]: OTLP,
    [REPORT_READER]: OTLP,
    [INVOICE_CLERK]: OTLP,
    [SUPPORT_BOT]: OTLP,
    [API_SERVER]: OTLP,
    [WORKER]: OTLP,
    [PROMETHEUS]: METRICS,
  },
  [PROMETHEUS]: {},
  [SPIRE_SERVER]: {
    [SPIRE_AGENT]: 'TCP 8081',
    [PROMETHEUS]: 'TCP 8082, 9988',
    [KUBERNETES_API]: 'TCP 443, 9443',
  },
  [SPIRE_AGENT]: { [PROMETHEUS]: 'TCP 9988' },
  [CSI_DRIVER]: {},
});

/** Namespaces in which a pod that no policy opens anything for reaches nothing and is reached by nobody. */
export const GUARDED = [
  'portarium-agents',
  'portarium-agents-globex',
  'portarium-control-plane',
  'portarium-execution',
  'portarium-observability',
  'portarium-policy',
  'portarium-spire',
] as const;
