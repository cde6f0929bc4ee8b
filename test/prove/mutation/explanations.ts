import { AGENT_NAMESPACES } from '../claims/stack.js';
import type { Mutant } from './mutant.js';

/** Why a mutant may survive; each must be needed, and each survivor must have one. */
export interface Explanation {
  readonly reason: string;
  readonly explains: (mutant: Mutant) => boolean;
}

const [OWN, OTHER] = AGENT_NAMESPACES as [string, string];
const of = (mutant: Mutant) => (mutant.of ?? mutant.instead)!;
const isPolicy = (mutant: Mutant): boolean => of(mutant).kind === 'NetworkPolicy';
const isOwn = (mutant: Mutant): boolean => isPolicy(mutant) && of(mutant).metadata.namespace === OWN;
const ALSO_FACING_AGENTS = ['api-server-allow', 'otel-collector-allow', 'prometheus-allow'];

/** Of mutants of network policies. */
export const NETWORK_EXPLANATIONS: readonly Explanation[] = [
  {
    reason: 'a component that agents have no edge with: nothing of the agents’ reach goes by it',
    explains: (mutant) =>
      isPolicy(mutant) &&
      !isOwn(mutant) &&
      !ALSO_FACING_AGENTS.includes(of(mutant).metadata.name) &&
      !isOpening(mutant),
  },
  {
    reason: 'a component’s edges with others than agents, and towards agents the agents’ own policies close it as well',
    explains: (mutant) => isPolicy(mutant) && ALSO_FACING_AGENTS.includes(of(mutant).metadata.name),
  },
  {
    reason: 'the front’s side of what a relaxed control opens: the agents’ own policies close it as well',
    explains: (mutant) => isPolicy(mutant) && !isOwn(mutant) && isOpening(mutant),
  },
  {
    reason: 'the other workspace’s tier, which selects none of this workspace’s agents',
    explains: (mutant) => of(mutant).kind === 'ClusterNetworkPolicy' && of(mutant).metadata.name.endsWith(OTHER),
  },
  {
    reason: 'an Admin tier denies what the policies below deny as well: a second lock',
    explains: (mutant) => of(mutant).kind === 'ClusterNetworkPolicy' && !of(mutant).metadata.name.endsWith(OTHER),
  },
  {
    reason: 'a wider peer or port at one end: the policy of the other end closes it as well',
    explains: (mutant) => isOwn(mutant) && /^(peer|rule: ports|port)/.test(mutant.kind),
  },
  {
    reason: 'a wider or narrower subject: guards admit no pod that it would select too, or another policy isolates it',
    explains: (mutant) => isOwn(mutant) && mutant.kind.startsWith('subject'),
  },
  {
    reason: 'another policy isolates the same pods in that direction, or the API’s default says the same',
    explains: (mutant) => isOwn(mutant) && /^policy(Types| deleted)/.test(mutant.kind),
  },
];

const isCilium = (mutant: Mutant): boolean => of(mutant).kind === 'CiliumNetworkPolicy';
const isOwnCilium = (mutant: Mutant): boolean => isCilium(mutant) && of(mutant).metadata.namespace === OWN;
const isOwnOfEither = (mutant: Mutant): boolean => isOwn(mutant) || isOwnCilium(mutant);
const isDenial = (mutant: Mutant): boolean =>
  of(mutant).kind.startsWith('Cluster') || of(mutant).kind.startsWith('CiliumClusterwide');

/** Of mutants of what is rendered only where Cilium is the network layer. */
export const CILIUM_EXPLANATIONS: readonly Explanation[] = [
  {
    reason: 'a component’s own policy: agents have no edge with it, or their own policies close it as well',
    explains: (mutant) => (isCilium(mutant) || isPolicy(mutant)) && of(mutant).metadata.namespace !== OWN,
  },
  {
    reason:
      'a clusterwide denial denies what the policies below deny as well, or is about the other workspace: a second lock',
    explains: isDenial,
  },
  {
    reason: 'names of DNS narrow what agent-dns narrows as well; while egress is open nothing is claimed of names',
    explains: (mutant) => isOwnCilium(mutant) && /DNS/.test(mutant.kind),
  },
  {
    reason:
      'a wider peer or port at one end: the policy of the other end closes it as well; a narrower one, or none: the policy of the other kind beside it lets the same through',
    explains: (mutant) => isOwnOfEither(mutant) && /^(peer|rule|port|policy deleted)/.test(mutant.kind),
  },
  {
    reason:
      'a wider or narrower subject, or no denial by default: the policy of the other kind beside it isolates the same pods',
    explains: (mutant) => isOwnOfEither(mutant) && /^(subject|default deny|policyTypes)/.test(mutant.kind),
  },
];

const isOpening = (mutant: Mutant): boolean => of(mutant).metadata.name.includes('-open-');
