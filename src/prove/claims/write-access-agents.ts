import { agentDns } from '../../model/workspace.js';
import { guard } from './settle.js';
import { deployers } from './write-access-principals.js';
import { CHANGE, CONNECT, on, READ, WORKLOADS, WRITE } from './write-access-protected.js';
import type { Protected, ProtectedFacts } from './write-access-protected.js';

/** What leaves of a pod among agents only what the other claims are quantified over. */
const POD_SHAPE = [
  ...['agent-pods', 'agent-workspace', 'agent-accounts', 'agent-names', 'agent-tokens', 'agent-annotations'],
  ...['label-changes', 'host-access', 'resource-claims', 'node-name', 'bindings', 'sidecar-agents', 'svid-volumes'],
].map(guard);

/** What a workspace's deployers may open by a policy: edges of the matrix, at its level or by a Relaxation. */
const POLICY_SHAPE = [
  ...['network-workspace', 'network-baseline', 'network-shape', 'network-opens', 'network-relaxed', 'cilium-shape'],
].map((name) => `portarium-${name}`);

/** What stands in the agents' namespaces. */
export const agentThings = ({ workspaces }: ProtectedFacts): readonly Protected[] =>
  [...new Set(workspaces.map(({ namespace }) => namespace))].sort().flatMap((namespace) => {
    const ids = workspaces.filter((workspace) => workspace.namespace === namespace).map(({ id }) => id);
    return [
      {
        name: 'network policies among agents',
        worth: 'opens everything, since policies only add',
        access: [on('networking.k8s.io', ['networkpolicies']), on('cilium.io', ['ciliumnetworkpolicies'])],
        principals: deployers(ids, 'portarium-network-owner', ...POLICY_SHAPE),
        heldBy: ['portarium-network-owner', 'portarium-network-workspace'],
      },
      {
        name: 'policies of other network layers among agents',
        worth: 'opens what the policies of ours close',
        access: [...CALICO, on('crd.antrea.io', ['networkpolicies'], CHANGE)],
        principals: [],
        heldBy: ['portarium-network-foreign-kinds'],
      },
      {
        name: 'redirects of Cilium among agents',
        worth: 'leads connections of agents elsewhere',
        access: [on('cilium.io', ['ciliumlocalredirectpolicies', 'ciliumenvoyconfigs'])],
        principals: [],
        heldBy: [],
      },
      {
        name: 'pods among agents',
        worth: 'runs a pod that no policy knows, or one that is somebody else',
        access: [...WORKLOADS, on('', ['pods/status', 'bindings', 'pods/binding'], CHANGE)],
        principals: deployers(ids),
        heldBy: POD_SHAPE,
      },
      {
        name: 'tokens of agents’ service accounts',
        worth: 'is that agent',
        access: [on('', ['serviceaccounts/token'], ['create'])],
        principals: [],
        heldBy: [guard('token-requests')],
      },
      {
        name: 'Secrets among agents',
        worth: 'hands agents a credential, or reads one',
        access: [on('', ['secrets'], [...WRITE, ...READ])],
        principals: [],
        heldBy: [],
      },
      {
        name: 'service accounts of agents',
        worth: 'binds an agent to a role of the cloud by an annotation',
        access: [on('', ['serviceaccounts'], CHANGE)],
        principals: deployers(ids),
        heldBy: [],
      },
      {
        name: 'the names that agents may resolve',
        worth: 'makes their DNS server send any name on',
        access: [{ ...on('', ['configmaps']), names: ids.map(agentDns) }],
        principals: deployers(ids),
        heldBy: [],
      },
      {
        name: 'Services among agents',
        worth: 'puts any address behind a name that is trusted',
        access: [on('', ['services', 'services/status'], CHANGE)],
        principals: deployers(ids),
        heldBy: [guard('services'), guard('agent-services')],
      },
      ...shared(deployers(ids)),
    ].map((thing) => ({ ...thing, namespaces: [namespace] }));
  });

const CALICO = ['projectcalico.org', 'crd.projectcalico.org'].map((name) => on(name, ['networkpolicies'], CHANGE));

/** What is protected alike among agents and in the platform's namespaces. @param own deployers beside the platform's */
export const shared = (own: Protected['principals']): readonly Omit<Protected, 'namespaces'>[] => [
  {
    name: 'entering running pods',
    worth: 'is inside, past every policy',
    access: [
      on('', ['pods/exec', 'pods/attach', 'pods/portforward', 'pods/proxy', 'services/proxy'], CONNECT),
      on('', ['pods/ephemeralcontainers'], CHANGE),
    ],
    principals: [],
    heldBy: [guard('interactive-access')],
  },
  {
    name: 'files of sidecars',
    worth: 'decides what a sidecar does with its pod’s identity',
    // Which names these have is the guard’s to know.
    access: [on('', ['configmaps'], CHANGE)],
    principals: own,
    heldBy: [guard('sidecar-files')],
  },
  {
    name: 'where Services lead',
    worth: 'leads a trusted name to any address',
    access: [
      on('', ['endpoints', 'endpoints/restricted'], CHANGE),
      on('discovery.k8s.io', ['endpointslices', 'endpointslices/restricted'], CHANGE),
    ],
    principals: [],
    heldBy: [guard('endpoints')],
  },
];
