import { API_GROUP, NAMESPACES } from '../../model/names.js';
import { SPIRE_ACCOUNTS, SPIRE_GROUP, SPIRE_RESOURCES } from '../../model/spire.js';
import { guard } from './settle.js';
import { group, serviceAccount } from './write-access-principals.js';
import { CHANGE, CONNECT, on } from './write-access-protected.js';
import type { Protected, ProtectedFacts } from './write-access-protected.js';

const OWN_DEFINITIONS = ['workspacepolicies', 'relaxations', 'policyapprovals', 'onboardings', 'authorizationmodels'];
const CERTIFICATES = 'certificates.k8s.io';
const ADMISSION = 'admissionregistration.k8s.io';
const definitions = (names: readonly string[]) => [
  { ...on('apiextensions.k8s.io', ['customresourcedefinitions', 'customresourcedefinitions/status']), names },
];

/** What has no namespace and decides over those that have. */
export const clusterThings = ({ platformNamespaces }: ProtectedFacts): readonly Protected[] =>
  [
    {
      name: 'admission policies',
      worth: 'switches every guard off',
      access: [
        on(ADMISSION, [
          'validatingadmissionpolicies',
          'validatingadmissionpolicies/status',
          'validatingadmissionpolicybindings',
        ]),
      ],
      principals: [],
      heldBy: [],
    },
    {
      name: 'mutating admission',
      worth: 'changes what runs in the platform’s pods and what its policies open',
      access: [
        on(ADMISSION, [
          'mutatingadmissionpolicies',
          'mutatingadmissionpolicybindings',
          'mutatingwebhookconfigurations',
        ]),
      ],
      principals: [],
      heldBy: [],
    },
    {
      name: 'validating webhooks',
      worth: 'reads every object that is written, Secrets too',
      access: [on(ADMISSION, ['validatingwebhookconfigurations'])],
      principals: platformNamespaces.map((name) => serviceAccount(name, SPIRE_ACCOUNTS.server)),
      heldBy: [],
    },
    {
      name: 'definitions of the platform’s kinds',
      worth: 'lets a reached level fall, or takes every policy away',
      access: definitions(OWN_DEFINITIONS.map((plural) => `${plural}.${API_GROUP}`)),
      principals: [],
      heldBy: ['portarium-definitions-kept'],
    },
    {
      name: 'definitions of network policies and registrations',
      worth: 'takes every object of the kind away',
      access: definitions([
        ...['ciliumnetworkpolicies.cilium.io', 'ciliumclusterwidenetworkpolicies.cilium.io'],
        ...['clusternetworkpolicies', 'adminnetworkpolicies'].map((plural) => `${plural}.policy.networking.k8s.io`),
        ...SPIRE_RESOURCES.map((plural) => `${plural}.${SPIRE_GROUP}`),
      ]),
      principals: [],
      heldBy: [],
    },
    {
      name: 'API services',
      worth: 'answers for a whole group of the API',
      access: [on('apiregistration.k8s.io', ['apiservices', 'apiservices/status'])],
      principals: [],
      heldBy: [],
    },
    {
      name: 'cluster-wide network policies',
      worth: 'opens what no policy of a namespace can close',
      access: [on('policy.networking.k8s.io', ['clusternetworkpolicies', 'adminnetworkpolicies'])],
      principals: [],
      heldBy: ['portarium-network-cluster-wide'],
    },
    {
      name: 'cluster-wide Cilium policies',
      worth: 'opens what no policy of a namespace can close',
      access: [on('cilium.io', ['ciliumclusterwidenetworkpolicies'])],
      principals: [],
      heldBy: ['portarium-cilium-cluster-wide'],
    },
    {
      name: 'policies and settings of other network layers',
      worth: 'opens connections that no policy of ours speaks of',
      access: [
        on('cilium.io', ['ciliumnodeconfigs', 'ciliumlocalredirectpolicies', 'ciliumegressgatewaypolicies']),
        on('cilium.io', ['ciliumidentities', 'ciliumendpoints', 'ciliumclusterwideenvoyconfigs']),
        ...['projectcalico.org', 'crd.projectcalico.org'].map((name) =>
          on(name, ['globalnetworkpolicies', 'tiers', 'hostendpoints', 'felixconfigurations', 'profiles']),
        ),
        on('crd.antrea.io', ['clusternetworkpolicies', 'tiers', 'egresses']),
      ],
      principals: [],
      heldBy: [],
    },
    {
      name: 'registrations of SPIRE',
      worth: 'gets the identity of any agent',
      access: [on(SPIRE_GROUP, SPIRE_RESOURCES)],
      principals: [],
      heldBy: ['portarium-spire-registrations'],
    },
    {
      name: 'rights to give rights',
      worth: 'gives oneself any other right',
      access: [on('rbac.authorization.k8s.io', ['roles', 'clusterroles'], ['escalate', 'bind'])],
      principals: [],
      heldBy: [],
    },
    {
      name: 'certificates for the Kubernetes API',
      worth: 'becomes a member of any group',
      access: [
        on(CERTIFICATES, ['certificatesigningrequests/approval', 'certificatesigningrequests/status'], CHANGE),
        on(CERTIFICATES, ['signers'], ['approve', 'sign', 'attest']),
      ],
      principals: [],
      heldBy: [],
    },
    {
      name: 'nodes',
      worth: 'adds a node whose network layer enforces nothing',
      access: [
        on('', ['nodes', 'nodes/status'], CHANGE),
        on(
          CERTIFICATES,
          ['certificatesigningrequests/nodeclient', 'certificatesigningrequests/selfnodeclient'],
          CHANGE,
        ),
      ],
      // Who hold a bootstrap token, which is a Secret of kube-system: how nodes join.
      principals: ['', ':kubeadm:default-node-token'].map((suffix) => group(`system:bootstrappers${suffix}`)),
      heldBy: [],
    },
    {
      name: 'the kubelets’ own API',
      worth: 'enters any pod, past admission',
      access: [on('', ['nodes/proxy'], CONNECT)],
      principals: [
        serviceAccount(
          NAMESPACES.spire,
          SPIRE_ACCOUNTS.agent,
          ...['spire-pods', 'spire-workloads', 'spire-tokens'].map(guard),
        ),
      ],
      heldBy: [],
    },
    {
      name: 'persistent volumes',
      worth: 'shows a node’s files to a pod that claims them',
      access: [on('', ['persistentvolumes'], CHANGE)],
      principals: [],
      heldBy: [],
    },
  ].map((thing) => ({ ...thing, namespaces: 'cluster' as const }));
