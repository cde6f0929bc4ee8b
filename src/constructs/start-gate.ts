import type { k8s } from 'cdk8s-plus-28';
import { FAMILIES, formatAddress, parseCidr } from '../model/addresses.js';
import { PORTS } from '../model/edges.js';
import type { Platform } from '../model/platform.js';
import { resources } from './container.js';
import { RESTRICTED_CONTAINER } from './restricted.js';

export const START_GATE = 'start-gate';

/** Of one try, seconds; the kubelet waits longer and longer between tries. */
const PATIENCE = 60;

/**
 * An init container of agents, behind their Envoy: no container of theirs begins before what must be denied at every
 * level is denied, beside something that is reached. Where a network layer programs a new pod's policies late, a start
 * would otherwise be a window (bypass B22). It is the authorizer's image, without mount or variable, and the same for
 * every agent and level, so that admission holds it to this (`Sidecars`).
 *
 * What it cannot see: an opening that is deleted already and that the network layer still lets through.
 */
export const startGateContainer = (platform: Platform): k8s.Container => ({
  name: START_GATE,
  image: platform.sidecar.authorizerImage,
  command: ['node', '/app/start-gate.js'],
  args: [
    ...deniedTargets(platform).flatMap((target) => ['--denied', target]),
    ...reachedTargets(platform).flatMap((target) => ['--reached', target]),
    ...['--seconds', String(PATIENCE)],
  ],
  // So that `kubectl describe pod` says why an agent does not start.
  terminationMessagePolicy: 'FallbackToLogsOnError',
  resources: resources('50m', '64Mi', '128Mi'),
  securityContext: RESTRICTED_CONTAINER,
});

/** What answers whoever reaches it, in every cluster: the Kubernetes API, and cluster DNS where agents do not ask it. */
export const deniedTargets = ({ cluster, agentDns }: Platform): readonly string[] => [
  ...cluster.serviceCidrs.slice(0, 1).map((cidr) => at(firstAddress(cidr), 443)),
  // A cache on the node takes over the address, and traffic to the own node meets no policy.
  ...(agentDns.mode === 'agent-dns' && cluster.dns.nodeLocalAddress === undefined
    ? [at(cluster.dns.clusterIP, PORTS.dnsTcp.service)]
    : []),
];

/** One of them answers at every level, SPIRE's outage included where that is survived. */
export const reachedTargets = ({ front, collector }: Platform): readonly string[] => [
  at(front.clusterIP, PORTS.front.service),
  at(front.bearerClusterIP, PORTS.bearer.service),
  at(collector.clusterIP, PORTS.otlp.service),
];

const at = (address: string, port: number): string => `${address.includes(':') ? `[${address}]` : address}:${port}`;

/** Where the API server has its Service `kubernetes` (kube-apiserver takes the first of the range). */
function firstAddress(cidr: string): string {
  const set = parseCidr(cidr);
  const family = FAMILIES.find((each) => set[each].length > 0) ?? 4;
  return formatAddress({ family, value: (set[family][0]?.from ?? 0n) + 1n });
}
