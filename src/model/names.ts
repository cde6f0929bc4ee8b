/** Namespaces, labels and annotations (design: names and identities). Fixed, so that two stacks can never disagree. */
export const NAMESPACES = {
  controlPlane: 'portarium-control-plane',
  execution: 'portarium-execution',
  observability: 'portarium-observability',
  policy: 'portarium-policy',
  spire: 'portarium-spire',
} as const;

export const LABELS = {
  role: 'portarium.io/role',
  workspace: 'portarium.io/workspace',
  component: 'portarium.io/component',
  /** On agent pods: which agent. */
  agent: 'portarium.io/agent',
  /** Ownership: the stack whose engine may change or prune the object. */
  stack: 'portarium.io/stack',
  /** On a workload of others: the stack that owns the fields that it applied to it, and nothing else of it. */
  patchedBy: 'portarium.io/patched-by',
  /** On an object that opens something for a control: which control (`egress`, `mtls`). */
  opens: 'portarium.io/opens',
  /** On an object that opens something by virtue of a Relaxation: the Relaxation's name. */
  relaxation: 'portarium.io/relaxation',
  /** On a WorkspacePolicy: its reachedLevel, since admission finds objects by labels only. */
  level: 'portarium.io/level',
  /** On a PolicyApproval: `current` on the one that counts. */
  approval: 'portarium.io/approval',
  /** On an object that is never pruned, replaced or destroyed: `baseline`, `guard`, `namespace`, `definition`, `policy`, `csi-driver`. */
  keep: 'portarium.io/keep',
} as const;

export const ANNOTATIONS = {
  policyHash: 'portarium.io/policy-hash',
  /** On agent pods: whether their network was ever open in their lifetime (`shadow`, a Relaxation's name, `closed…`). */
  egress: 'portarium.io/egress',
  /** On pods with a sidecar: hash of what their Envoy was started with. */
  envoy: 'portarium.io/envoy',
  /** On the front's pods: hash of what the authorizer was started with. */
  authorizer: 'portarium.io/authorizer',
} as const;

/** API server's own label on every namespace; unlike any other it cannot be set by a tenant (KEP-2161). */
export const NAMESPACE_NAME_LABEL = 'kubernetes.io/metadata.name';

export const AGENT_ROLE = 'agent';

/** The principal that probes from among the agents: its service account, and the agent's name on its pods. */
export const PROBE = 'portarium-probe';

/** What its pods run, in the authorizer's image. */
export const PROBE_COMMAND: readonly string[] = ['node', '/app/probe-program.js'];

/** The one variable of its environment: what to probe. */
export const PROBE_VARIABLE = 'PORTARIUM_PROBES';

/** The group of this program's custom resources: WorkspacePolicy, Relaxation, PolicyApproval, Onboarding. */
export const API_GROUP = 'enforcement.portarium.io';
export const API_VERSION = `${API_GROUP}/v1alpha1`;

/** The name of the one Onboarding object. */
export const ONBOARDING = 'front';

/** One field manager for both engines, so that each can take over from the other (design: engines). */
export const FIELD_MANAGER = 'portarium-enforcement';

/** Groups of the principals; what each may do is rendered as RBAC and admission by the platform stack. */
export const GROUPS = {
  platformDeployers: 'portarium:platform-deployers',
  deployers: 'portarium:deployers',
  operators: 'portarium:operators',
  approvers: 'portarium:approvers',
  /** Who approve what a workspace's agents may do: its WorkspacePolicy by hash. */
  allowlistAdmins: 'portarium:allowlist-admins',
  breakGlass: 'portarium:break-glass',
  /** Who run the probes in the agents' namespaces, and read all that is compared. */
  verifiers: 'portarium:verifiers',
} as const;

/** The group whose members may deploy one workspace's stack. */
export const deployersOf = (workspaceId: string): string => `${GROUPS.deployers}:${workspaceId}`;

/** The DNS name of a Service. @param domain the cluster's */
export const serviceHost = (name: string, namespace: string, domain: string): string =>
  `${name}.${namespace}.svc.${domain}`;
