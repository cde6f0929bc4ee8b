import { Construct } from 'constructs';
import type { Addresses, Edge, End, Pods, Public } from '../model/edges.js';
import { NAMESPACE_NAME_LABEL } from '../model/names.js';
import { object, type Keep } from './object.js';

interface PolicyPort {
  readonly protocol: 'TCP' | 'UDP';
  readonly port: number;
}

export interface NetworkPolicyProps {
  readonly name: string;
  readonly namespace: string;
  /** Labels of the pods it selects; `{}` selects every pod of the namespace. */
  readonly subject: Readonly<Record<string, string>>;
  readonly egress: readonly Edge[];
  readonly ingress: readonly Edge[];
  /** Every public address, for ends that have none of their own. */
  readonly publicCidrs: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** @default - the engine may prune it */
  readonly keep?: Keep;
}

/**
 * A `networking.k8s.io/v1` NetworkPolicy made from edges.
 *
 * Every field is written out: both `policyTypes`, empty rule lists, protocol and number of each port, namespace *and*
 * pod selector of each peer. So nothing is left to a default, and the live object can be compared exactly.
 * Source: runbook Phase 4 step 1; NetworkPolicy API; traps S1 to S10 in docs/network.md.
 */
export class NetworkPolicy extends Construct {
  constructor(scope: Construct, id: string, props: NetworkPolicyProps) {
    super(scope, id);
    const rule = (direction: 'to' | 'from') => (edge: Edge) => ({
      [direction]: peers(direction === 'to' ? edge.to : edge.from, props.publicCidrs),
      ports: policyPorts(edge),
    });
    object(this, 'policy', {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      name: props.name,
      namespace: props.namespace,
      ...(props.labels && { labels: props.labels }),
      ...(props.annotations && { annotations: props.annotations }),
      ...(props.keep && { keep: props.keep }),
      content: {
        spec: {
          podSelector: Object.keys(props.subject).length === 0 ? {} : { matchLabels: { ...props.subject } },
          policyTypes: ['Ingress', 'Egress'],
          ingress: props.ingress.map(rule('from')),
          egress: props.egress.map(rule('to')),
        },
      },
    });
  }
}

/** Both what clients dial and what the pod serves: whether policy sees a packet before or after DNAT is undefined. */
export function policyPorts(edge: Edge): readonly PolicyPort[] {
  const ports = new Map<string, PolicyPort>();
  for (const { protocol, service, target } of edge.ports) {
    for (const port of [service, target]) ports.set(`${protocol}/${port}`, { protocol, port });
  }
  return [...ports.values()].sort((a, b) => a.protocol.localeCompare(b.protocol) || a.port - b.port);
}

function peers(end: End, publicCidrs: readonly string[]): readonly object[] {
  return end.kind === 'pods'
    ? [
        {
          namespaceSelector: { matchLabels: { [NAMESPACE_NAME_LABEL]: end.namespace } },
          podSelector: { matchLabels: { ...end.labels } },
        },
      ]
    : cidrsOf(end, publicCidrs).map((cidr) => ({ ipBlock: { cidr } }));
}

const cidrsOf = (end: Addresses | Public, publicCidrs: readonly string[]): readonly string[] =>
  end.kind === 'addresses' ? end.cidrs : publicCidrs;

/** The ends of `edges` that are pods of `namespace`, by name, each with the edges that leave and reach it. */
export function subjects(
  edges: readonly Edge[],
  namespace: string,
): readonly { readonly end: Pods; readonly egress: readonly Edge[]; readonly ingress: readonly Edge[] }[] {
  const ends = new Map<string, Pods>();
  for (const { from, to } of edges) {
    for (const end of [from, to]) if (end.kind === 'pods' && end.namespace === namespace) ends.set(end.name, end);
  }
  return [...ends.values()]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((end) => ({
      end,
      egress: edges.filter(({ from }) => from.name === end.name),
      ingress: edges.filter(({ to }) => to.name === end.name),
    }));
}
