import { UnknownKind } from '../../bridge/api-error.js';
import { COMPONENTS } from '../../model/edges.js';
import type { KubeObject } from '../../model/kube-object.js';
import { deployersOf, GROUPS, LABELS, NAMESPACES } from '../../model/names.js';
import type { Platform } from '../../model/platform.js';
import type { Workspace } from '../../model/workspace.js';
import {
  calicoPolicy,
  ciliumForAll,
  ciliumPolicy,
  clusterPolicy,
  networkPolicy,
  type Fields,
  type Owner,
} from './candidates.js';
import { CANDIDATE, create, others, refOf, remove, Unsendable, type ForbiddenRequest, type Sender } from './request.js';

const FRONT = COMPONENTS.apiServer.namespace;
const UNKNOWN: Owner = { id: 'nobody-declared-this', namespace: FRONT };
const toWorld = { toEntities: ['world'], toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }] };

/**
 * What network policies may not say, and who may not write them. Each is well-formed but for one thing, and sent by who
 * may write such an object where what it says is the matter.
 *
 * @param platformObjects what the platform's stack renders
 */
export function forbiddenPolicies(
  platform: Platform,
  { id, namespace, stack }: Workspace,
  objects: readonly KubeObject[],
  platformObjects: readonly KubeObject[],
): readonly ForbiddenRequest[] {
  const own: Owner = { id, namespace, stack };
  const deployer: Sender = { groups: [deployersOf(id)] };
  const platformDeployer: Sender = { groups: [GROUPS.platformDeployers] };
  const relaxed = { [LABELS.opens]: 'egress', [LABELS.relaxation]: CANDIDATE };
  const ofPlatform = { [LABELS.stack]: platform.stack };
  const kept = ({ metadata }: KubeObject): boolean => metadata.labels?.[LABELS.keep] === 'baseline';
  return [
    others('portarium-network-owner', 'a policy of the stack’s own shape', create(networkPolicy(own))),
    others(
      'portarium-network-platform',
      'a policy beside the control plane',
      create(networkPolicy({ ...UNKNOWN, stack: platform.stack }, { podSelector: {} }, {}, NAMESPACES.execution)),
    ),
    nobodyOf(
      'portarium-network-workspace',
      'a policy of an unknown workspace among the agents',
      create(networkPolicy({ ...UNKNOWN, namespace })),
      platformDeployer,
    ),
    nobodyOf(
      'portarium-network-shape',
      'a policy that opens everything to agents',
      create(networkPolicy(own, { egress: [{}] })),
      deployer,
    ),
    nobodyOf(
      'portarium-cilium-shape',
      'a Cilium policy to the world',
      create(ciliumPolicy(own, { egress: [toWorld] })),
      deployer,
    ),
    nobodyOf(
      'portarium-network-opens',
      'an opening to what no one has declared',
      create(undeclared(platform, own)),
      deployer,
    ),
    nobodyOf(
      'portarium-network-relaxed',
      'an opening by a Relaxation that is none',
      create(networkPolicy(own, {}, relaxed)),
      deployer,
    ),
    nobodyOf(
      'portarium-network-baseline',
      'the agents’ baseline deleted',
      removing(objects, namespace, kept),
      deployer,
    ),
    nobodyOf(
      'portarium-network-front',
      'a policy of the platform deleted by a workspace’s deployer',
      removing(platformObjects, FRONT, (object) => !kept(object)),
      deployer,
    ),
    nobodyOf(
      'portarium-network-front-shape',
      'an opening of the front for an unknown workspace',
      create(networkPolicy(UNKNOWN, { policyTypes: ['Ingress'] }, { ...ofPlatform, [LABELS.opens]: 'mtls' })),
      platformDeployer,
    ),
    nobodyOf(
      'portarium-cilium-front-shape',
      'a Cilium opening of the front for an unknown workspace',
      create(ciliumPolicy(UNKNOWN, { ingress: [{}] }, { ...ofPlatform, [LABELS.opens]: 'mtls' })),
      platformDeployer,
    ),
    others(
      'portarium-network-cluster-wide',
      'an Admin tier that lets agents out',
      create(clusterPolicy(namespace, 'Accept')),
    ),
    others('portarium-cilium-cluster-wide', 'a Cilium policy for every pod', create(ciliumForAll())),
    others('portarium-network-foreign-kinds', 'a policy of another kind among agents', foreign(namespace)),
  ];
}

const nobodyOf = (by: string, what: string, send: ForbiddenRequest['send'], as: Sender): ForbiddenRequest => ({
  what,
  by,
  toEveryone: true,
  as,
  send,
});

/** Of the kind that opens systems of record, on a port or by a name that is none's. */
function undeclared({ network }: Platform, own: Owner): KubeObject {
  const labels = { [LABELS.opens]: 'egress' };
  if (!network.cilium) {
    const peer = { ipBlock: { cidr: '8.8.8.0/24' } };
    return networkPolicy(own, { egress: [{ to: [peer], ports: [{ protocol: 'TCP', port: 22 }] }] }, labels);
  }
  const rule: Fields = {
    toFQDNs: [{ matchName: 'nobody-declared-this.example' }],
    toPorts: [{ ports: [{ port: '22', protocol: 'TCP' }] }],
  };
  return ciliumPolicy(own, { egress: [rule] }, labels);
}

const KINDS = ['NetworkPolicy', 'CiliumNetworkPolicy'];

function removing(
  objects: readonly KubeObject[],
  namespace: string,
  which: (object: KubeObject) => boolean,
): ForbiddenRequest['send'] {
  const found = objects.find(
    (object) => KINDS.includes(object.kind) && object.metadata.namespace === namespace && which(object),
  );
  if (found === undefined) return () => Promise.reject(new Unsendable(`no policy of ${namespace} is rendered`));
  return remove(refOf(found.apiVersion, found.kind, found.metadata.name, namespace));
}

/** One of each kind that the guard knows; which of them are served is the cluster's. */
const FOREIGN: readonly ((namespace: string) => KubeObject)[] = [
  calicoPolicy,
  (namespace) => ({ ...calicoPolicy(namespace), apiVersion: 'projectcalico.org/v3' }),
  (namespace) => ({
    ...calicoPolicy(namespace),
    apiVersion: 'crd.antrea.io/v1beta1',
    spec: { priority: 5, appliedTo: [{ podSelector: {} }], egress: [{ action: 'Allow' }] },
  }),
  (namespace) => ({
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumLocalRedirectPolicy',
    metadata: { name: CANDIDATE, namespace },
    spec: {
      redirectFrontend: { addressMatcher: { ip: '192.0.2.1', toPorts: [{ port: '443', protocol: 'TCP' }] } },
      redirectBackend: {
        localEndpointSelector: { matchLabels: { app: CANDIDATE } },
        toPorts: [{ port: '443', protocol: 'TCP' }],
      },
    },
  }),
  (namespace) => ({
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumEnvoyConfig',
    metadata: { name: CANDIDATE, namespace },
    spec: { resources: [] },
  }),
];

const foreign =
  (namespace: string): ForbiddenRequest['send'] =>
  async (cluster) => {
    for (const candidate of FOREIGN) {
      const object = candidate(namespace);
      if ((await cluster.tryResource(object.apiVersion, object.kind)) === undefined) continue;
      return create(object)(cluster);
    }
    throw new UnknownKind('projectcalico.org, crd.antrea.io or cilium.io', 'network policy');
  };
