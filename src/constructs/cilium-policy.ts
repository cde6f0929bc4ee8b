import { Construct } from 'constructs';
import { asksDns, type Addresses, type Edge, type End, type Pods } from '../model/edges.js';
import { distinct, policyPorts } from './network-policy.js';
import { object } from './object.js';

export interface CiliumPolicyProps {
  readonly name: string;
  readonly namespace: string;
  /** Labels of the pods it selects. */
  readonly subject: Readonly<Record<string, string>>;
  readonly egress: readonly Edge[];
  readonly ingress: readonly Edge[];
  /** The only names that may be asked for on edges to a DNS server; without it such edges carry no DNS rule. */
  readonly dnsNames?: readonly string[] | 'any';
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * A `cilium.io/v2` CiliumNetworkPolicy made from edges: DNS by exact names, public hosts by exact name.
 * Agents get `toFQDNs` only in an object that opens shadow or relaxed egress, never in a standing one (bypass B9).
 */
export class CiliumPolicy extends Construct {
  constructor(scope: Construct, id: string, props: CiliumPolicyProps) {
    super(scope, id);
    object(this, 'policy', {
      apiVersion: 'cilium.io/v2',
      kind: 'CiliumNetworkPolicy',
      name: props.name,
      namespace: props.namespace,
      ...(props.labels && { labels: props.labels }),
      ...(props.annotations && { annotations: props.annotations }),
      content: {
        spec: {
          endpointSelector: { matchLabels: prefixed(props.subject) },
          enableDefaultDeny: { egress: true, ingress: true },
          // A list that is empty would be dropped, and a policy without rules for a direction does not isolate it.
          egress: orNothing(
            distinct(props.egress.map((edge) => ({ ...toPeers(edge.to), toPorts: [toPort(edge, props.dnsNames)] }))),
          ),
          ingress: orNothing(
            distinct(props.ingress.map((edge) => ({ ...fromPeers(edge.from), toPorts: [toPort(edge)] }))),
          ),
        },
      },
    });
  }
}

const orNothing = (rules: readonly object[]): readonly object[] => (rules.length === 0 ? [{}] : rules);

const prefixed = (labels: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).map(([key, value]) => [`k8s:${key}`, value]));

const endpoint = ({ namespace, labels }: Pods): object => ({
  matchLabels: { 'k8s:io.kubernetes.pod.namespace': namespace, ...prefixed(labels) },
});

/** The nodes are `host`, where the pod runs, and `remote-node`, all others. */
const entitiesOf = (entity: NonNullable<Addresses['entity']>): readonly string[] =>
  entity === 'nodes' ? ['host', 'remote-node'] : [entity];

function fromPeers(end: End): object {
  if (end.kind === 'pods') return { fromEndpoints: [endpoint(end)] };
  if (end.kind === 'addresses' && end.entity !== undefined) return { fromEntities: entitiesOf(end.entity) };
  throw new Error(`${end.name} has no identity that ingress could be opened to`);
}

function toPeers(end: End): object {
  switch (end.kind) {
    case 'pods':
      return { toEndpoints: [endpoint(end)] };
    case 'addresses':
      return end.entity === undefined ? { toCIDR: [...end.cidrs] } : { toEntities: entitiesOf(end.entity) };
    case 'public':
      return { toFQDNs: end.hosts.map((matchName) => ({ matchName })) };
  }
}

function toPort(edge: Edge, dnsNames?: CiliumPolicyProps['dnsNames']): object {
  const ports = policyPorts([edge]).map(({ protocol, port }) => ({ port: String(port), protocol }));
  if (dnsNames === undefined || !asksDns(edge)) return { ports };
  const dns = dnsNames === 'any' ? [{ matchPattern: '*' }] : dnsNames.map((matchName) => ({ matchName }));
  return { ports, rules: { dns } };
}
