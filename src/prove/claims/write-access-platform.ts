import { API_GROUP, GROUPS, NAMESPACES } from '../../model/names.js';
import { COMPONENTS } from '../../model/edges.js';
import { SPIRE_ACCOUNTS, SPIRE_BUNDLE } from '../../model/spire.js';
import { guard } from './settle.js';
import { shared } from './write-access-agents.js';
import { deployers, group, serviceAccount } from './write-access-principals.js';
import { CHANGE, on, READ, WORKLOADS, WRITE } from './write-access-protected.js';
import type { Protected, ProtectedFacts } from './write-access-protected.js';

const admission = (...names: readonly string[]): readonly string[] => names.map((name) => `portarium-${name}`);

/** What stands in the platform's namespaces, and the namespaces themselves. */
export function platformThings(facts: ProtectedFacts): readonly Protected[] {
  const { workspaces, platformNamespaces } = facts;
  const ids = workspaces.map(({ id }) => id);
  const guarded = [...new Set([...platformNamespaces, ...workspaces.map(({ namespace }) => namespace)])].sort();
  const openers = deployers(
    ids,
    ...admission('network-front', 'network-front-shape', 'network-opens', 'network-relaxed', 'cilium-front-shape'),
  );
  return [
    {
      name: 'namespaces and their labels',
      worth: 'takes every policy in it away, or lets pods be what they must not',
      access: [{ ...on('', ['namespaces', 'namespaces/status', 'namespaces/finalize']), names: guarded }],
      namespaces: guarded,
      principals: [],
      heldBy: [guard('namespaces'), ...admission('policy-namespace-kept')],
    },
    ...customResources(ids),
    ...platformNamespaces.flatMap((namespace) => inNamespace(namespace, openers, platformNamespaces)),
    system(facts.trustedNamespaces ?? []),
  ];
}

const inNamespace = (
  namespace: string,
  openers: Protected['principals'],
  platformNamespaces: readonly string[],
): readonly Protected[] =>
  [
    {
      name: 'network policies of the platform',
      worth: 'lets a component forward for an agent',
      access: [on('networking.k8s.io', ['networkpolicies']), on('cilium.io', ['ciliumnetworkpolicies'])],
      principals: namespace === COMPONENTS.apiServer.namespace ? openers : [],
      heldBy: admission('network-platform', 'network-front'),
    },
    {
      name: 'pods of the platform',
      worth: 'runs in the place of a component that agents reach',
      access: [...WORKLOADS, on('', ['pods/status', 'bindings', 'pods/binding'], CHANGE)],
      principals: [],
      heldBy: [],
    },
    {
      name: 'Secrets and tokens of the platform',
      worth: 'is one of its components',
      access: [on('', ['secrets'], [...WRITE, ...READ]), on('', ['serviceaccounts/token'], ['create'])],
      principals: [],
      heldBy: [],
    },
    {
      name: 'configuration of the platform',
      worth: 'changes what a component believes and does',
      access: [on('', ['configmaps'], CHANGE)],
      principals:
        namespace === SPIRE_BUNDLE.namespace
          ? platformNamespaces.map((name) => serviceAccount(name, SPIRE_ACCOUNTS.server))
          : [],
      heldBy: [],
    },
    {
      name: 'Services of the platform',
      worth: 'puts any address behind a name that agents trust',
      access: [on('', ['services', 'services/status'], CHANGE)],
      principals: [],
      heldBy: [guard('services')],
    },
    ...shared([]).filter(({ name }) => name !== 'files of sidecars'),
  ]
    // Beside the policies only engines keep ConfigMaps, and trust them for nothing.
    .filter(({ name }) => namespace !== NAMESPACES.policy || name !== 'configuration of the platform')
    .map((thing) => ({ ...thing, namespaces: [namespace] }));

/** What the front obeys. */
function customResources(ids: readonly string[]): readonly Protected[] {
  const relaxations = admission(...['request', 'change', 'approver', 'history'].map((each) => `relaxation-${each}`));
  const policies = admission('workspacepolicy-write', 'workspacepolicy-approved', 'workspacepolicy-kept');
  const approvals = admission('policyapproval-write', 'policyapproval-kept');
  const models = admission('authorizationmodel-write', 'authorizationmodel-pinned');
  const kind = (
    plural: string,
    worth: string,
    principals: Protected['principals'],
    heldBy: readonly string[],
  ): Protected => ({
    name: `${plural} of the group ${API_GROUP}`,
    worth,
    access: [on(API_GROUP, [plural])],
    namespaces: [NAMESPACES.policy],
    principals,
    heldBy,
  });
  const { operators, approvers, allowlistAdmins } = GROUPS;
  return [
    kind('workspacepolicies', 'decides what agents may do', deployers(ids, ...policies), policies),
    kind(
      'workspacepolicies/status',
      'says that a policy is in force which is not',
      [serviceAccount(COMPONENTS.apiServer.namespace, COMPONENTS.apiServer.name)],
      admission('workspacepolicy-status'),
    ),
    kind(
      'relaxations',
      'loosens a control',
      [group(operators, ...relaxations), group(approvers, ...relaxations), ...deployers(ids, ...relaxations)],
      relaxations,
    ),
    kind('policyapprovals', 'approves what agents may do', [group(allowlistAdmins, ...approvals)], approvals),
    kind('onboardings', 'has workspaces served without a policy', [], admission('onboarding')),
    kind('authorizationmodels', 'decides which model all are judged by', [], models),
  ];
}

/** Where the control plane's accounts and the network layer are: whoever runs a pod there may be any of them. */
const system = (trusted: readonly string[]): Protected => ({
  name: 'pods, tokens, Secrets and settings of kube-system and of trusted accounts',
  worth: 'is the control plane or a trusted account, or switches the network layer off',
  access: [
    ...WORKLOADS,
    on('', ['secrets'], [...WRITE, ...READ]),
    on('', ['serviceaccounts/token'], ['create']),
    on('', ['configmaps'], CHANGE),
    on('', ['pods/exec', 'pods/attach', 'pods/ephemeralcontainers'], ['get', ...CHANGE]),
  ],
  namespaces: [...new Set(['kube-system', ...trusted])],
  principals: [],
  heldBy: [],
});
