import { z } from 'zod';
import { CONTROLS, LEVELS } from '../model/levels.js';
import { MAX_PENDING } from '../model/onboarding.js';
import { monitoringShape } from './schema-monitoring.js';
import { openfgaSchema } from './schema-openfga.js';
import { prometheusSchema } from './schema-prometheus.js';
import { spireSchema } from './schema-spire.js';
import { AGENT_TYPES, RISKS, TIERS } from '../model/workspace.js';
import {
  certificateAuthority,
  cidr,
  dnsLabel,
  dnsName,
  grpcMethod,
  httpsUrl,
  image,
  instant,
  ipAddress,
  oneOf,
  person,
  podLabels,
  port,
  publicPort,
  relation,
  show,
  strict,
  subject,
  toolName,
  word,
} from './values.js';

const AT_LEAST_ONE_PORT = 'at least one port.';
const cidrs = z.array(cidr).min(1, 'at least one CIDR.');

const to = z
  .union([z.literal([1, 2, 3]), z.literal(['1', '2', '3', 'full'])], {
    error: (issue) => `${show(issue.input)} is not a rollback target. Allowed: 1, 2, 3, full.`,
  })
  .transform((value) => String(value) as '1' | '2' | '3' | 'full')
  .meta({ description: 'Runbook rollback level: 1 opens egress, 2 also the allowlist, 3 also mTLS, full everything.' });

const relaxation = dnsLabel.optional().meta({ description: 'Name of the approved Relaxation; looked up when absent.' });

const enforcement = strict({
  level: oneOf(LEVELS).meta({ description: 'The level the workspace climbs to. It only ever rises.' }),
  rollback: strict({ to, relaxation }).optional(),
  relax: strict({ controls: z.array(oneOf(CONTROLS)).min(1, 'at least one control.'), relaxation }).optional(),
})
  .refine((value) => value.rollback === undefined || value.relax === undefined, {
    error: 'either "rollback" or "relax", not both.',
  })
  .meta({ description: 'Level and, for the time of an incident, what is relaxed below it.' });

const agent = strict({
  name: dnsLabel.meta({ description: 'Also its service account; unique across workspaces.' }),
  type: oneOf(AGENT_TYPES),
  risk: oneOf(RISKS),
  image,
  replicas: z.int().min(0).max(1000).default(1),
  owner: subject.optional().meta({ description: 'Subject of the tokens of the person who answers for it.' }),
  listens: z.array(oneOf(['gateway', 'metrics'])).default([]),
});

/** `stacks/Pulumi.ws-<id>.yaml`: the keys of the project's namespace. */
export const workspaceSchema = strict({
  kind: z.literal('workspace'),
  workspace: strict({
    id: dnsLabel.meta({ description: 'As in tokens and paths, for example "ws-acme".' }),
    namespace: dnsLabel,
    approvers: z.array(person).min(1, 'at least one person who may approve relaxations.'),
    dns: strict({ clusterIP: ipAddress.meta({ description: 'Fixed cluster IP of the workspace’s DNS server.' }) }),
  }),
  enforcement,
  allowlist: strict({
    workspaceId: dnsLabel,
    allowedTools: z.array(strict({ tool: toolName, tier: oneOf(TIERS) })),
    defaultAction: oneOf(['Deny']),
  }).meta({ description: 'The runbook’s allowlist document as it stands.' }),
  blastRadius: z
    .array(strict({ tool: toolName, tier: oneOf(TIERS) }))
    .default([])
    .meta({ description: 'Tiers of tools by what they can break: of those not listed, and of dangerous ones.' }),
  separationOfDuties: strict({ financialTools: z.array(toolName).default([]) })
    .prefault({})
    .meta({ description: 'On calls of financial tools the owner of the calling agent may not decide either.' }),
  policyIds: z
    .array(word)
    .min(1, 'at least one policy.')
    .max(32)
    .default(['default-governance'])
    .meta({ description: 'The control plane’s policies that agents’ actions are judged by.' }),
  access: strict({
    admins: z.array(subject).default([]),
    operators: z.array(subject).default([]),
    approvers: z.array(subject).default([]),
    auditors: z.array(subject).default([]),
    suspended: z.array(subject).default([]),
  })
    .prefault({})
    .meta({ description: 'Roles by the subject of tokens. suspended: people or agents who may do nothing.' }),
  credentials: z
    .array(strict({ id: word, notBefore: instant, expiresAt: instant }))
    .default([])
    .meta({ description: 'Credentials that the execution workers may read, and how long.' }),
  agents: z.array(agent).min(1, 'at least one agent.'),
  systemsOfRecord: z
    .array(
      strict({
        name: dnsLabel,
        host: dnsName,
        ports: z.array(publicPort).min(1, AT_LEAST_ONE_PORT).default([443]),
      }),
    )
    .default([]),
});

const peer = strict({
  name: dnsLabel,
  component: oneOf(['api-server', 'worker', 'otel-collector', 'openfga', 'prometheus', 'spire-server']),
  pods: strict({ namespace: dnsLabel, labels: podLabels }).optional(),
  cidrs: cidrs.optional(),
  ports: z.array(port).min(1, AT_LEAST_ONE_PORT),
  forwards: z.boolean(),
  reason: z.string().min(1, 'say why the peer must be reached.'),
}).refine((value) => (value.pods === undefined) !== (value.cidrs === undefined), {
  error: 'exactly one of "pods" and "cidrs".',
});

const pods = { namespace: dnsLabel, podLabels, serviceAccount: dnsLabel };

/** `stacks/Pulumi.platform.yaml`: the keys of the project's namespace. */
export const platformSchema = strict({
  kind: z.literal('platform'),
  guards: oneOf(['audit', 'deny'])
    .default('audit')
    .meta({ description: 'Admission guards: audit warns and records, deny refuses.' }),
  trustDomain: dnsName.default('portarium.io'),
  requireDigests: z
    .boolean()
    .default(false)
    .meta({ description: 'Refuse every image without a digest, of the workspaces too.' }),
  monitoring: strict({
    podMonitors: z.boolean().default(false),
    prometheus: prometheusSchema.optional(),
    ...monitoringShape,
  })
    .prefault({})
    .meta({ description: 'podMonitors: the cluster has the Prometheus operator’s kinds.' }),
  spire: spireSchema,
  cluster: strict({
    domain: dnsName.default('cluster.local'),
    podCidrs: cidrs,
    serviceCidrs: cidrs,
    nodeCidrs: cidrs,
    apiServerCidrs: cidrs,
    apiServerPort: port.default(6443),
    dns: strict({
      namespace: dnsLabel.default('kube-system'),
      podLabels: podLabels.default({ 'k8s-app': 'kube-dns' }),
      serviceAccount: dnsLabel.default('coredns'),
      clusterIP: ipAddress,
      nodeLocalAddress: ipAddress.optional(),
    }),
  }),
  network: strict({ cilium: z.boolean().default(false), clusterNetworkPolicy: z.boolean().default(false) }).prefault(
    {},
  ),
  agentDns: strict({ mode: oneOf(['agent-dns', 'cilium']).default('agent-dns'), image }),
  front: strict({
    clusterIP: ipAddress,
    bearerClusterIP: ipAddress,
    peopleClusterIP: ipAddress,
    certificateSecret: dnsLabel.default('api-server-tls').meta({
      description:
        'Secret of type kubernetes.io/tls in portarium-control-plane; its certificate does not come from SPIRE.',
    }),
    certificateAuthority: certificateAuthority.meta({ description: 'PEM of the authority that issued it.' }),
    recordTokensSecret: dnsLabel.default('authorizer-record-tokens').meta({
      description: 'Secret with a key per workspace: the token to read its runs and approvals with.',
    }),
    grpcMethods: z
      .array(strict({ method: grpcMethod, relation }))
      .default([])
      .meta({ description: 'Methods of gRPC that are let through; without one, none is.' }),
    requestsPerSecond: z.int().min(1).max(100_000).default(50).meta({ description: 'Per caller: SVID or subject.' }),
  }),
  tokens: strict({
    issuer: httpsUrl,
    jwksUri: httpsUrl,
    audience: word.default('portarium'),
    peopleAudience: word.default('portarium-people'),
    type: word.default('at+jwt').meta({ description: '`typ` of the header (RFC 9068: at+jwt).' }),
    workspaceClaim: word.default('workspaceId'),
  }).refine((value) => value.audience !== value.peopleAudience, {
    error: 'people and agents need different audiences, or an agent could use a person’s token.',
  }),
  sidecar: strict({ envoyImage: image, authorizerImage: image }),
  openfga: openfgaSchema,
  collector: strict({ clusterIP: ipAddress }),
  ingressGateway: strict(pods),
  vault: strict({ ...pods, port: port.default(8200) }).optional(),
  execution: strict({ hosts: z.array(dnsName).default([]), ports: z.array(publicPort).default([443]) }).prefault({}),
  peers: z.array(peer).default([]),
  workspaces: z
    .array(strict({ id: dnsLabel, namespace: dnsLabel }))
    .meta({ description: 'Every workspace there is; a workspace stack that is not listed is refused.' }),
  pending: z
    .array(dnsLabel)
    .max(
      MAX_PENDING,
      `at most ${MAX_PENDING}: the cluster’s Onboarding holds no more. Take off those that have a policy.`,
    )
    .default([])
    .meta({ description: 'Workspaces that are served before they have a policy. The live list only shrinks.' }),
});

export type WorkspaceConfig = z.output<typeof workspaceSchema>;
export type PlatformConfig = z.output<typeof platformSchema>;
