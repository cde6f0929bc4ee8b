import { Construct } from 'constructs';
import type { Edge, End, Pods } from '../model/edges.js';
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
 * Source: runbook Phase 4 step 1; NetworkPolicy API (networking.k8s.io/v1); docs/network.md.
 */
export class NetworkPolicy extends Construct {
  constructor(scope: Construct, id: string, props: NetworkPolicyProps) {
    super(scope, id);
    const isPublic = ({ to }: Edge): boolean => to.kind === 'public';
    const exact = props.egress.filter((edge) => !isPublic(edge));
    const toPublic = props.egress.filter(isPublic);
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
          ingress: distinct(props.ingress.map((edge) => ({ from: peers(edge.from), ports: policyPorts([edge]) }))),
          egress: [
            ...distinct(exact.map((edge) => ({ to: peers(edge.to), ports: policyPorts([edge]) }))),
            // NetworkPolicy knows no names, so to it all public hosts are one destination; a rule each would only repeat it.
            ...(toPublic.length === 0 ? [] : [{ to: blocks(props.publicCidrs), ports: policyPorts(toPublic) }]),
          ],
        },
      },
    });
  }
}

/** Each rule once: edges of several workspaces may be the same to one end. */
export const distinct = (rules: readonly object[]): readonly object[] => [
  ...new Map(rules.map((rule) => [JSON.stringify(rule), rule])).values(),
];

/** Both what clients dial and what the pod serves: whether policy sees a packet before or after DNAT is undefined. */
export function policyPorts(edges: readonly Edge[]): readonly PolicyPort[] {
  const ports = new Map<string, PolicyPort>();
  for (const { protocol, service, target } of edges.flatMap((edge) => edge.ports)) {
    for (const port of [service, target]) ports.set(`${protocol}/${port}`, { protocol, port });
  }
  return [...ports.values()].sort((a, b) =>
    a.protocol === b.protocol ? a.port - b.port : a.protocol < b.protocol ? -1 : 1,
  );
}

function peers(end: End): readonly object[] {
  switch (end.kind) {
    case 'pods':
      return [
        {
          namespaceSelector: { matchLabels: { [NAMESPACE_NAME_LABEL]: end.namespace } },
          podSelector: { matchLabels: { ...end.labels } },
        },
      ];
    case 'addresses':
      return blocks(end.cidrs);
    case 'public':
      throw new Error(`${end.name} may be reached from pods only, it reaches none`);
  }
}

const blocks = (cidrs: readonly string[]): readonly object[] => cidrs.map((cidr) => ({ ipBlock: { cidr } }));

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
      egress: edges.filter(({ from }) => isEnd(from, end)),
      ingress: edges.filter(({ to }) => isEnd(to, end)),
    }));
}

/** A name alone would not do: an agent may be called as a component of the platform is. */
export const isEnd = (end: End, { namespace, name }: Pods): boolean =>
  end.kind === 'pods' && end.namespace === namespace && end.name === name;
