import { connectionsText } from '../table.js';
import { connectionsOf } from '../rows.js';
import { acceptingRules, goesByNamespaceLabel } from './because.js';
import type { CounterExample } from './claim.js';
import { endName } from './end-name.js';
import { exampleAddress, examplePod, examplePort } from './example.js';
import type { ExamplePod } from './example.js';
import type { Rule } from '../policies/policy.js';
import type { Missing } from './missing.js';
import type { UnintendedFar, Violation } from './violations.js';

/**
 * Violations as things that can be tried, one for each hole: each rule that lets something through that it must not, and
 * each kind of pod that no policy isolates. Of one hole's packets the one that leads furthest is told, to any address
 * before to other pods; of those the one that needs the fewest objects. In the order of the holes' size.
 */
export function counterExamplesOf(violations: readonly Violation[]): readonly CounterExample[] {
  const candidates = violations.flatMap(candidatesOf).sort((a, b) => a.rank - b.rank || a.size - b.size);
  const holes = new Map<string, Candidate>();
  for (const candidate of candidates) if (!holes.has(candidate.hole)) holes.set(candidate.hole, candidate);
  return [...holes.values()].sort((a, b) => a.size - b.size).map(({ example }) => example);
}

interface Candidate {
  /** Two candidates with the same are the same hole. */
  readonly hole: string;
  readonly rank: number;
  readonly size: number;
  readonly example: CounterExample;
}

function candidatesOf(violation: Violation): readonly Candidate[] {
  const { judged, far, ports } = violation;
  const accepting = acceptingRules(judged.cell, far, ports);
  const examples =
    accepting.length === 0
      ? [exampleOf(violation)]
      : accepting.map(({ rule, ports: opened }) => exampleOf({ ...violation, ports: opened }, rule));
  return examples.map((example) => ({
    hole: JSON.stringify(example.because.length > 0 ? example.because : [example.cause]),
    rank: ['addresses', 'entity', 'pods'].indexOf(far.kind),
    size: JSON.stringify(example.objects).length,
    example,
  }));
}

/** @param rule what lets it through; absent where no policy isolates the pods */
function exampleOf(violation: Violation, rule?: Rule): CounterExample {
  const { judged, near, far, ports } = violation;
  const outwards = judged.cell.direction === 'Egress';
  const agent = examplePod(near, judged.role === undefined ? 'unlabelled' : 'agent');
  const other = far.kind === 'pods' ? examplePod(far.pods, outwards ? 'anyone' : 'intruder') : undefined;
  const [from, to] = outwards ? [nameOf(agent), farName(far, other)] : [farName(far, other), nameOf(agent)];
  const cause = causeOf(violation, rule);
  return {
    cause,
    summary: `${subjectOf(violation)} ${outwards ? 'reaches' : 'is reached by'} ${objectOf(far, rule)} on ${connectionsText(connectionsOf(ports))}`,
    objects: [...agent.objects, ...(other?.objects ?? [])],
    packet: { from, to, ...examplePort(ports) },
    because: rule === undefined ? [] : [{ object: rule.policy, field: rule.field }],
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

function causeOf({ judged, far }: Violation, rule: Rule | undefined): Cause {
  if (rule === undefined && judged.role === undefined) return 'unselected-pod';
  if (judged.cell.direction === 'Ingress') return 'open-ingress';
  if (rule === undefined) return 'no-egress-policy';
  if (far.kind === 'addresses') return 'open-egress';
  if (far.kind === 'pods') return goesByNamespaceLabel(rule) ? 'namespace-label' : 'open-peer';
  return far.entity === 'nodes' || far.entity === 'kube-apiserver' ? `open-${far.entity}` : 'open-host';
}

const nameOf = ({ namespace, name }: ExamplePod): string => `${namespace}/${name}`;

function farName(far: UnintendedFar, other: ExamplePod | undefined): string {
  if (far.kind === 'addresses') return exampleAddress(far.addresses);
  return far.kind === 'entity' ? endName(far) : nameOf(other!);
}

const subjectOf = ({ judged: { role } }: Violation): string =>
  role === undefined ? 'a pod without the labels of any role' : `a pod of ${role.name}`;

function objectOf(far: UnintendedFar, rule: Rule | undefined): string {
  if (far.kind === 'pods') {
    return rule !== undefined && goesByNamespaceLabel(rule)
      ? 'any pod of any namespace that carries a label which its owner may set'
      : 'pods outside the edge matrix';
  }
  return far.kind === 'entity' && far.entity.startsWith('host:') ? `the host ${endName(far)}` : endName(far);
}

/** Edges that the intent opens and the policies do not, each once. */
export const closedEdgesOf = (missing: readonly Missing[]): readonly CounterExample[] => [
  ...new Map(missing.map(closedEdgeOf).map((example) => [example.summary, example])).values(),
];

function closedEdgeOf({ judged, edge, ports }: Missing): CounterExample {
  const near = examplePod(judged.cell.pods, 'agent');
  const far = edge.far;
  const other = far.kind === 'pods' ? examplePod(far.pods, 'peer') : undefined;
  const end =
    far.kind === 'pods' ? nameOf(other!) : far.kind === 'hosts' ? endName(far) : exampleAddress(far.addresses);
  const [from, to] = edge.direction === 'Egress' ? [nameOf(near), end] : [end, nameOf(near)];
  return {
    cause: 'closed-edge',
    summary: `the edge “${edge.id}” is declared and closed on ${connectionsText(connectionsOf(ports))}`,
    objects: [...near.objects, ...(other?.objects ?? [])],
    packet: { from, to, ...examplePort(ports) },
    because: [],
    fix: 'Render the stack again and apply it; both ends of an edge have a policy that opens it.',
  };
}
