/**
 * What the API server adds to an object, or leaves out of it, beside what was sent: the whole of what an exact
 * comparison may overlook, by kind. Kept minimal; seen on Kubernetes 1.36 and the CRDs that the lab installs.
 */
export interface ServerDefaults {
  /** Members whose empty list or map the server does not store; empty and absent mean the same there. */
  readonly empty?: readonly string[];
  /** `[where, member, value]`: the value of an absent member, in every map under `where` (`[]`: in every item of it). */
  readonly defaults?: readonly (readonly [where: string, member: string, value: Default])[];
  /** Paths that others fill in, the server or an owner in the cluster: compared only where we say what they are. */
  readonly allocated?: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;
type Default = unknown;

const SELECTOR = ['matchLabels', 'matchExpressions'];
const RBAC_GROUP = 'rbac.authorization.k8s.io';
const subjectGroup = ({ kind }: Json): string => (kind === 'ServiceAccount' ? '' : RBAC_GROUP);
const ROLE: ServerDefaults = {
  empty: ['rules', 'apiGroups', 'resources', 'resourceNames', 'nonResourceURLs', 'aggregationRule'],
};
const ROLE_BINDING: ServerDefaults = { empty: ['subjects'], defaults: [['subjects[]', 'apiGroup', subjectGroup]] };

const matching = (where: string): NonNullable<ServerDefaults['defaults']> => [
  [where, 'matchPolicy', 'Equivalent'],
  [where, 'namespaceSelector', {}],
  [where, 'objectSelector', {}],
  ['resourceRules[]', 'scope', '*'],
  ['excludeResourceRules[]', 'scope', '*'],
];
const RULES = ['resourceRules', 'excludeResourceRules', 'resourceNames'];

/** By `group/Kind`. A kind that is listed is compared exactly; of every other, live may have more than desired. */
export const EXACT: Readonly<Record<string, ServerDefaults>> = {
  'networking.k8s.io/NetworkPolicy': {
    empty: ['ingress', 'egress', 'from', 'to', 'ports', 'except', ...SELECTOR],
    defaults: [
      ['ports[]', 'protocol', 'TCP'],
      ['spec', 'podSelector', {}],
      ['spec', 'policyTypes', policyTypes],
    ],
  },
  'cilium.io/CiliumNetworkPolicy': {},
  'cilium.io/CiliumClusterwideNetworkPolicy': {},
  'policy.networking.k8s.io/ClusterNetworkPolicy': {},
  'admissionregistration.k8s.io/ValidatingAdmissionPolicy': {
    empty: ['variables', 'matchConditions', 'auditAnnotations', ...RULES, ...SELECTOR],
    defaults: [['spec', 'failurePolicy', 'Fail'], ...matching('matchConstraints')],
  },
  'admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding': {
    empty: [...RULES, ...SELECTOR],
    defaults: matching('matchResources'),
  },
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration': {
    empty: ['matchConditions', ...SELECTOR],
    allocated: ['webhooks[].clientConfig.caBundle'],
  },
  'spire.spiffe.io/ClusterSPIFFEID': {},
  'spire.spiffe.io/ClusterStaticEntry': {},
  'enforcement.portarium.io/WorkspacePolicy': {},
  [`${RBAC_GROUP}/Role`]: ROLE,
  [`${RBAC_GROUP}/ClusterRole`]: ROLE,
  [`${RBAC_GROUP}/RoleBinding`]: ROLE_BINDING,
  [`${RBAC_GROUP}/ClusterRoleBinding`]: ROLE_BINDING,
  '/ConfigMap': { empty: ['data', 'binaryData'] },
  '/Service': {
    empty: ['selector', 'externalIPs', 'loadBalancerSourceRanges'],
    defaults: [
      ['spec', 'type', 'ClusterIP'],
      ['spec', 'sessionAffinity', 'None'],
      ['spec', 'internalTrafficPolicy', 'Cluster'],
      ['ports[]', 'protocol', 'TCP'],
      ['ports[]', 'targetPort', ({ port }: Json) => port],
    ],
    allocated: [
      'spec.clusterIP',
      'spec.clusterIPs',
      'spec.ipFamilies',
      'spec.ipFamilyPolicy',
      'spec.healthCheckNodePort',
    ],
  },
};

/** Kubernetes' rule for absent policyTypes: egress only where there is an egress rule. */
function policyTypes({ egress }: Json): readonly string[] {
  return Array.isArray(egress) && egress.length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
}

/** The content with defaults filled in and what is not stored left out; equal contents have equal results. */
export function withDefaults(content: unknown, rules: ServerDefaults, within = ''): unknown {
  if (Array.isArray(content)) return content.map((item) => withDefaults(item, rules, `${within}[]`));
  if (content === null || typeof content !== 'object') return content;
  const given = Object.entries(content as Json).filter(([, value]) => value !== undefined && value !== null);
  const filled: Record<string, unknown> = Object.fromEntries(given);
  for (const [where, member, value] of rules.defaults ?? []) {
    if (where !== within || member in filled) continue;
    filled[member] = typeof value === 'function' ? (value as (parent: Json) => unknown)(filled) : value;
  }
  return Object.fromEntries(
    Object.entries(filled)
      .map(([key, value]): [string, unknown] => [key, withDefaults(value, rules, key)])
      .filter(([key, value]) => !(rules.empty?.includes(key) && isEmpty(value))),
  );
}

const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;
