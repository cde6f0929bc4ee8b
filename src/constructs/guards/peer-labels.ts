import { Construct } from 'constructs';
import type { Pods } from '../../model/edges.js';
import { platformEdges } from '../../model/platform-edges.js';
import { LABELS } from '../../model/names.js';
import { platformNamespaces, type Platform } from '../../model/platform.js';
import { ACCOUNT, label, literal } from './cel.js';
import { Guard, type GuardFamilyProps, type Refusal } from './guard.js';
import { agentNamespaces } from './scope.js';

/** Pods that a policy selects as a peer by labels that one service account may carry. */
export interface Peer {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly serviceAccount: string;
}

/**
 * The peers of the edge matrix, by namespace and labels. Those in agents' namespaces are left out: `AgentPods` ties
 * them to their service account, for every workspace by one expression.
 */
export function peersOf(platform: Platform): readonly Peer[] {
  const agents = new Set(agentNamespaces(platform));
  const pods = platformEdges(platform)
    .flatMap(({ from, to }) => [from, to])
    .filter((end): end is Pods => end.kind === 'pods' && !agents.has(end.namespace));
  const peers = new Map<string, Peer>();
  for (const { namespace, labels, serviceAccount } of pods) {
    if (serviceAccount === undefined) continue;
    const sorted = Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
    peers.set(JSON.stringify([namespace, sorted, serviceAccount]), { namespace, labels: sorted, serviceAccount });
  }
  return [...peers].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, peer]) => peer);
}

/**
 * A label by which a policy lets a pod through belongs to one service account, in whatever namespace the pod stands:
 * cluster DNS, the ingress gateway, Vault and every component of the platform. Otherwise a pod with that label would be
 * a relay that the agents may reach, or a client that the front lets in. In the platform's namespaces no other value of
 * `portarium.io/component` exists; a pod without it starts and reaches nothing.
 *
 * Makes `portarium-guard-peer-labels`. Closes B3.
 */
export class PeerLabels extends Construct {
  constructor(scope: Construct, id: string, { platform }: GuardFamilyProps) {
    super(scope, id);
    const peers = peersOf(platform);
    new Guard(this, 'guard', {
      mode: platform.guards,
      name: 'peer-labels',
      requests: [{ operations: ['CREATE'], resources: ['pods'] }],
      bindings: [
        {
          namespaces: [
            ...new Set([...peers.map(({ namespace }) => namespace), ...platformNamespaces(platform)]),
          ].sort(),
        },
      ],
      variables: { account: ACCOUNT, component: label(LABELS.component) },
      refusals: [...peers.map(belongs), known(peers, platformNamespaces(platform))],
    });
  }
}

function belongs({ namespace, labels, serviceAccount }: Peer): Refusal {
  const carried = Object.entries(labels).map(([key, value]) => `${label(key)} == ${literal(value)}`);
  const shown = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return {
    expression: `!(${[`request.namespace == ${literal(namespace)}`, ...carried].join(' && ')}) || variables.account == ${literal(serviceAccount)}`,
    message:
      `In ${namespace} only the service account ${serviceAccount} may carry ${shown.join(', ')}, by which network policies select it. ` +
      `Set serviceAccountName to ${serviceAccount}, or choose other labels.`,
  };
}

function known(peers: readonly Peer[], namespaces: readonly string[]): Refusal {
  const components = Object.fromEntries(
    namespaces.map((namespace) => [
      namespace,
      peers.filter((peer) => peer.namespace === namespace).flatMap(({ labels }) => labels[LABELS.component] ?? []),
    ]),
  );
  return {
    expression:
      `variables.component == "" || !(request.namespace in ${literal(namespaces)}) || ` +
      `variables.component in ${literal(components)}[request.namespace]`,
    message:
      `${LABELS.component} names no component of the platform in this namespace. ` +
      'Remove the label; the pod then reaches nothing until the edge matrix (src/model/edges.ts) knows it.',
  };
}
