import { bothSides, cellsOf, farEnds } from '../classes/flows.js';
import type { Flow } from '../classes/flows.js';
import { isWithinClass, witnessOf } from '../classes/pod-class.js';
import type { PodClass } from '../classes/pod-class.js';
import type { Policy } from '../policies/policy.js';
import { reasonOf } from '../not-evaluated.js';
import type { NotEvaluated } from '../not-evaluated.js';
import { includes, isEmpty, NO_PORTS, portRange, subtract, union } from '../ports.js';
import type { PortSet } from '../ports.js';
import { connectionsOf } from '../rows.js';
import { connectionsText } from '../table.js';
import { acceptingRules } from './because.js';
import type { ClaimVerdict, CounterExample } from './claim.js';
import { exampleAddress, examplePod, examplePort } from './example.js';
import type { IntendedEdge, Intent } from './intent.js';
import { settle } from './settle.js';

/** An edge of the whole matrix, by the pods at its ends: what is known of who sends on. */
export interface KnownEdge {
  readonly id: string;
  readonly from: PodClass;
  readonly to: IntendedEdge['far'];
  readonly ports: PortSet;
  readonly forwards: IntendedEdge['forwards'];
}

export interface DeputiesInput {
  readonly policies: readonly Policy[];
  /** What of them was not understood: it leaves open whatever was asked of them. */
  readonly notEvaluated: readonly NotEvaluated[];
  readonly intent: Intent;
  /** Every edge that is open, of agents and of all others. */
  readonly edges: readonly KnownEdge[];
  /** Whether the policies are all that there are, as those of a cluster: then what none isolates is open, else unknown. */
  readonly complete: boolean;
}

/**
 * Claim D: whatever agents reach either does not send on what they choose, with its reason, or its own egress counts as
 * theirs, and so on from there (bypasses B5 and B18). Addresses are where a way ends: whoever is there may send on.
 */
export function proveDeputies({ policies, notEvaluated, intent, edges, complete }: DeputiesInput): ClaimVerdict {
  const start = intent.roles.flatMap(({ edges: own }) => own.filter(({ direction }) => direction === 'Egress'));
  const declared: string[] = [];
  const counterExamples: CounterExample[] = [];
  const reasons: string[] = [];
  const visited: PodClass[] = [];
  let asked = false;
  const queue: Hop[] = start.map((edge) => ({ edge: { ...edge, from: edge.near, to: edge.far }, path: [edge.id] }));
  for (let hop = queue.shift(); hop !== undefined; hop = queue.shift()) {
    const { id, to, forwards } = hop.edge;
    if (forwards?.does === false) {
      declared.push(`“${id}”: ${forwards.why}`);
      continue;
    }
    if (to.kind !== 'pods') {
      counterExamples.push(leavesBy(hop, to.kind === 'hosts' ? to.hosts.join(', ') : exampleAddress(to.addresses)));
      continue;
    }
    if (includes(hop.edge.ports, 'UDP', 53)) {
      asked = true;
      const narrowed = namesNarrowed(policies, hop.edge.from, to.pods);
      if (narrowed === undefined) counterExamples.push(asksAnyName(hop, to.pods));
      else reasons.push(`what may be asked by “${id}” is narrowed by ${narrowed}, which is not evaluated`);
      continue;
    }
    if (visited.some((seen) => isWithinClass(to.pods, seen))) continue;
    visited.push(to.pods);
    asked = true;
    for (const cell of cellsOf(policies, to.pods, 'Egress')) {
      if (cell.policies.length === 0 && !complete) {
        reasons.push(`${whetherItDoes(hop)}, and the policies of ${witnessOf(to.pods).namespace} were not read`);
        continue;
      }
      const far = farEnds(cell);
      const away = far.addresses[0];
      if (away !== undefined) {
        counterExamples.push(leavesBy(hop, exampleAddress(away.region), examplePort(away.ports)));
        continue;
      }
      const [entity] = far.entities;
      if (entity !== undefined) counterExamples.push(leavesBy(hop, entity.region, examplePort(entity.ports)));
      for (const flow of bothSides(policies, cell, far.pods)) {
        const known = edges.filter((edge) => holds(edge, flow));
        const beyond = subtract(flow.ports, union(NO_PORTS, ...known.map(({ ports }) => ports)));
        if (!isEmpty(beyond)) reasons.push(unknown(hop, flow, known.length === 0 ? undefined : beyond));
        queue.push(...known.map((edge) => ({ edge, path: [...hop.path, edge.id] })));
      }
    }
  }
  return settle('D', {
    argument: [
      `${start.length} edges that agents may use, and from their destinations on every one that sends on`,
      ...[...new Set(declared)].map((why) => `does not send on, as declared: ${why}`),
    ],
    counterExamples: distinct(counterExamples),
    reasons: [...reasons, ...(asked ? notEvaluated.map(reasonOf) : [])],
    assumptions: [
      {
        assumed: 'a workload that is declared not to send on does not, for the reason given in the edge matrix',
        checkedBy: 'the reasons above; the front by enforce verify (its routes), agent-dns by its Corefile',
      },
    ],
  });
}

interface Hop {
  readonly edge: KnownEdge;
  /** Ids of the edges from the agent to here. */
  readonly path: readonly string[];
}

const holds = ({ from, to }: KnownEdge, flow: Flow): boolean =>
  to.kind === 'pods' && isWithinClass(flow.from, from) && isWithinClass(flow.to, to.pods);

const whetherItDoes = ({ edge: { id, forwards } }: Hop): string =>
  forwards === undefined
    ? `nobody has said whether the destination of “${id}” sends on what it is given`
    : `the destination of “${id}” sends on what it is given (${forwards.why})`;

/** @param beyond ports that no edge between the two is declared for; absent where no edge is */
function unknown({ path }: Hop, flow: Flow, beyond?: PortSet): string {
  const [from, to] = [witnessOf(flow.from), witnessOf(flow.to)];
  return `after ${path.map((id) => `“${id}”`).join(', ')} a pod in ${from.namespace} reaches pods in ${to.namespace} ${beyond === undefined ? 'of which' : `on ${connectionsText(connectionsOf(beyond))}, of which`} nothing is declared`;
}

function leavesBy(
  { edge, path }: Hop,
  address: string,
  packet: ReturnType<typeof examplePort> = { protocol: 'TCP', port: 443 },
): CounterExample {
  const agent = examplePod(edge.from, 'agent');
  const why = edge.forwards === undefined ? 'nobody has said that it does not' : edge.forwards.why;
  return {
    cause: 'deputy',
    summary: `what an agent sends by ${path.map((id) => `“${id}”`).join(', then ')} is sent on to ${address}: ${why}`,
    objects: agent.objects,
    packet: { from: `${agent.namespace}/${agent.name}`, to: address, ...packet },
    because: [],
    fix: 'Close the edge, or put something in its place that does not send on, and declare why in the edge matrix (forwards).',
  };
}

/** What narrows each rule by which a DNS server is asked; undefined where one lets any name through (bypass B5). */
function namesNarrowed(policies: readonly Policy[], from: PodClass, server: PodClass): string | undefined {
  const rules = cellsOf(policies, from, 'Egress').flatMap((cell) =>
    cell.policies.length === 0
      ? [undefined]
      : acceptingRules(cell, { kind: 'pods', pods: server }, DNS).map(({ rule }) => rule),
  );
  const narrowed = rules.map((rule) => rule?.narrowedBy);
  return narrowed.includes(undefined) ? undefined : [...new Set(narrowed)].join(', ');
}

const DNS = union(portRange('UDP', 53), portRange('TCP', 53));

function asksAnyName({ edge, path }: Hop, server: PodClass): CounterExample {
  const [agent, dns] = [examplePod(edge.from, 'agent'), examplePod(server, 'dns')];
  return {
    cause: 'dns-tunnel',
    summary: `by ${path.map((id) => `“${id}”`).join(', then ')} any name is asked of a server that forwards it: data leaves in names, and comes back in answers`,
    objects: agent.objects,
    packet: { from: `${agent.namespace}/${agent.name}`, to: `${dns.namespace}/${dns.name}`, protocol: 'UDP', port: 53 },
    because: [],
    fix: 'Give agents a DNS server without a general forward (agentDns), or rules by exact names.',
  };
}

/** One for each way. */
const distinct = (all: readonly CounterExample[]): readonly CounterExample[] => [
  ...new Map(all.map((example) => [example.summary, example])).values(),
];
