import { connectionsText } from '../table.js';
import { connectionsOf } from '../rows.js';
import { formatCidrs } from '../../model/addresses.js';
import { acceptingRules, goesByNamespaceLabel } from './because.js';
import type { CounterExample, ExamplePacket } from './claim.js';
import { exampleAddress, examplePod, examplePort } from './example.js';
import type { ExamplePod } from './example.js';
import type { Missing, Violation } from './violations.js';

/** One violation as something that can be tried: the pods, the packet, and what lets it through. */
export function counterExampleOf(violation: Violation): CounterExample {
  const { judged, near, far, ports } = violation;
  const outwards = judged.cell.direction === 'Egress';
  const agent = examplePod(near, judged.role === undefined ? 'unlabelled' : 'agent');
  const other = far.kind === 'pods' ? examplePod(far.pods, outwards ? 'anyone' : 'intruder') : undefined;
  const end = farName(violation, other);
  const { protocol, port } = examplePort(ports);
  const rules = acceptingRules(judged.cell, far, ports);
  const cause = causeOf(violation, rules.length > 0, rules.some(goesByNamespaceLabel));
  const [from, to] = outwards ? [nameOf(agent), end] : [end, nameOf(agent)];
  const packet: ExamplePacket = { from, to, protocol, ...(port !== undefined && { port }) };
  return {
    cause,
    summary: `${subjectOf(violation)} ${outwards ? 'reaches' : 'is reached by'} ${objectOf(violation)} on ${connectionsText(connectionsOf(ports))}`,
    objects: [...agent.objects, ...(other?.objects ?? [])],
    packet,
    because: rules.map(({ policy, field }) => ({ object: policy, field })),
    fix: FIXES[cause],
  };
}

type Cause = keyof typeof FIXES;

const FIXES = {
  'unselected-pod':
    'Deny by default for every pod of the namespace: a policy with podSelector {} and policyTypes [Ingress, Egress], without rules.',
  'no-egress-policy': 'Deny egress by default: a policy with podSelector {} and policyTypes [Ingress, Egress].',
  'open-ingress':
    'Deny ingress by default, and name in each ingress rule the namespace (kubernetes.io/metadata.name), the pods and the ports.',
  'namespace-label':
    'Select the namespace by kubernetes.io/metadata.name, which only the API server sets, and its pods by a podSelector beside it.',
  'open-peer':
    'Name the pods of the peer by labels that admission ties to one service account, and the ports of that edge alone.',
  'open-egress': 'Take the rule away, or name its peers (namespace by name, and pods) and ports.',
  'open-nodes': 'Take the nodes out of the rule: kubelets and what listens on nodes are no part of the edge matrix.',
  'open-kube-apiserver': 'Take the API server out of the rule: through it an agent reaches pods, nodes and Services.',
  'open-host': 'Take the rule by name away: whoever answers for the name chooses the address.',
} as const;

function causeOf({ judged, far }: Violation, byRule: boolean, byLabel: boolean): Cause {
  if (judged.cell.direction === 'Ingress')
    return judged.role === undefined && !byRule ? 'unselected-pod' : 'open-ingress';
  if (!byRule) return judged.role === undefined ? 'unselected-pod' : 'no-egress-policy';
  if (far.kind === 'addresses') return 'open-egress';
  if (far.kind === 'pods') return byLabel ? 'namespace-label' : 'open-peer';
  return far.entity === 'nodes' || far.entity === 'kube-apiserver' ? `open-${far.entity}` : 'open-host';
}

const nameOf = ({ namespace, name }: ExamplePod): string => `${namespace}/${name}`;

function farName({ far }: Violation, other: ExamplePod | undefined): string {
  if (far.kind === 'addresses') return exampleAddress(far.addresses);
  return far.kind === 'entity' ? far.entity.replace(/^host:/, '') : nameOf(other!);
}

const subjectOf = ({ judged: { role } }: Violation): string =>
  role === undefined ? 'a pod that carries no role’s labels' : `a pod of ${role.name}`;

function objectOf({ far }: Violation): string {
  if (far.kind === 'pods') return 'pods outside the edge matrix';
  if (far.kind === 'entity') return far.entity.replace(/^host:/, 'the host ');
  const cidrs = formatCidrs(far.addresses);
  return cidrs.length <= 3 ? cidrs.join(', ') : `${cidrs.slice(0, 3).join(', ')} and ${cidrs.length - 3} more ranges`;
}

/** An edge that the intent opens and the policies do not. */
export function closedEdgeOf({ judged, edge, ports }: Missing): CounterExample {
  const { protocol, port } = examplePort(ports);
  const near = examplePod(judged.cell.pods, 'agent');
  const far = edge.far;
  const other = far.kind === 'pods' ? examplePod(far.pods, 'peer') : undefined;
  const end =
    far.kind === 'pods' ? nameOf(other!) : far.kind === 'hosts' ? far.hosts.join(', ') : exampleAddress(far.addresses);
  const [from, to] = edge.direction === 'Egress' ? [nameOf(near), end] : [end, nameOf(near)];
  return {
    cause: 'closed-edge',
    summary: `the edge “${edge.id}” is declared and closed on ${connectionsText(connectionsOf(ports))}`,
    objects: [...near.objects, ...(other?.objects ?? [])],
    packet: { from, to, protocol, ...(port !== undefined && { port }) },
    because: [],
    fix: 'Render the stack again and apply it; both ends of an edge have a policy that opens it.',
  };
}
