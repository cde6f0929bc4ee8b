import { NO_ADDRESSES, parseCidr, setOf, union } from '../../model/addresses.js';
import type { Field } from '../kube-object.js';
import { ALL_PORTS, NO_PORTS, portRange, PROTOCOLS, union as unionPorts } from '../ports.js';
import type { PortSet } from '../ports.js';
import { readSelector, selects } from '../selector.js';
import type { Direction, NamedPort, Peer, Policy, Rule, Side, Subject, Tier } from './policy.js';
import type { Note } from './read.js';
import type { References } from './references.js';
import { unknownFields, unknownRule } from './unknown.js';

const DIRECTIONS = [
  ['Ingress', 'ingress', 'from'],
  ['Egress', 'egress', 'to'],
] as const;

/** How one version of the API writes rules, and what its schema allows. */
export interface RuleForm {
  /** Of rules in a direction, of peers in a rule, of ports in a rule. */
  readonly limit: number;
  /** Whom rules of egress may name beside pods. */
  readonly beyondPods: readonly string[];
  /** The field of a rule with its ports, and what it says. */
  readonly portsField: 'protocols' | 'ports';
  /** @returns undefined where the specification does not say what is meant */
  readonly readPorts: (field: Field) => Pick<Rule, 'ports' | 'namedPorts'> | undefined;
  readonly readAction: (field: Field) => Rule['action'];
}

const FORM: RuleForm = {
  limit: 25,
  beyondPods: ['nodes', 'networks', 'domainNames'],
  portsField: 'protocols',
  readPorts: (field) => {
    const listed = field.itemsUpTo(25);
    if (listed.length === 0) field.fail('needs at least one protocol; without the field all are meant');
    return unionOf(listed.map(readProtocol));
  },
  readAction: (field) => field.oneOf('Accept', 'Deny', 'Pass'),
};

/**
 * Reads a policy.networking.k8s.io/v1alpha2 ClusterNetworkPolicy (bundle v0.2.0).
 *
 * @throws UnreadableObjectError for what the API server would refuse
 */
export function readClusterNetworkPolicy(object: Field, references: References, note: Note): readonly Policy[] {
  const spec = object.at('spec');
  for (const field of unknownFields(spec, ['tier', 'priority', 'subject', 'ingress', 'egress'])) {
    note(`spec.${field} is not known`);
  }
  const name = spec.at('tier').oneOf('Admin', 'Baseline') === 'Admin' ? 'admin' : 'baseline';
  const tier: Tier = { name, priority: readPriority(spec.at('priority')) };
  return [
    readTiered(object, `ClusterNetworkPolicy ${object.at('metadata').at('name').text()}`, tier, FORM, references, note),
  ];
}

export function readPriority(field: Field): number {
  const { value } = field;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 1000) return value;
  return field.fail(`expected a priority from 0 to 1000, found ${JSON.stringify(value)}`);
}

/** What all kinds of policy with tiers have in common. */
export function readTiered(
  object: Field,
  policy: string,
  tier: Tier,
  form: RuleForm,
  references: References,
  note: Note,
): Policy {
  const spec = object.at('spec');
  const sides = DIRECTIONS.map(([direction, field, side]): [Direction, Side] => {
    const rules = spec.at(field).itemsUpTo(form.limit);
    const read = rules.flatMap((rule, i) =>
      readRule(rule, side, { policy, field: `spec.${field}[${i}]` }, form, references, note),
    );
    return [direction, { isolates: false, rules: read }];
  });
  return {
    object: policy,
    subject: readSubject(spec.at('subject')),
    tier,
    sides: Object.fromEntries(sides.filter(([, { rules }]) => rules.length > 0)),
  };
}

function readSubject(field: Field): Subject {
  field.only('namespaces', 'pods');
  if (field.absent || field.at('namespaces').absent === field.at('pods').absent) {
    field.fail('expected exactly one of namespaces, pods');
  }
  return readPods(field);
}

/** `namespaces`, every pod of them, or `pods` with both selectors; one that is left out is the empty one, as Go decodes it. */
function readPods(field: Field): Subject {
  if (!field.at('namespaces').absent) return { namespaces: readSelector(field.at('namespaces')), pods: [] };
  const pods = field.at('pods').only('namespaceSelector', 'podSelector');
  return { namespaces: readSelector(pods.at('namespaceSelector')), pods: readSelector(pods.at('podSelector')) };
}

/** One rule for each peer, so that one that is narrowed does not narrow the others; they match the same together. */
function readRule(
  rule: Field,
  side: 'from' | 'to',
  at: Pick<Rule, 'policy' | 'field'>,
  form: RuleForm,
  references: References,
  note: Note,
): Rule[] {
  const { limit, portsField, readPorts, readAction } = form;
  const head = { ...at, action: readAction(rule.at('action')) };
  checkName(rule.at('name'));
  const unknown = unknownFields(rule, ['name', 'action', side, portsField]);
  if (unknown.length > 0) return [unknownRule(head, `${unknown.join(', ')} is not known`, note)];
  const peers = rule.at(side).itemsUpTo(limit);
  if (peers.length === 0) rule.at(side).fail('needs at least one peer');
  const listed = rule.at(portsField);
  const ports = listed.absent ? { ports: ALL_PORTS, namedPorts: [] } : readPorts(listed);
  if (ports === undefined) return [unknownRule(head, `an empty list of ${portsField} has no defined meaning`, note)];
  return peers.map((peer) => {
    const read = readPeer(peer, side, head.action, form, references);
    if (read === undefined) return unknownRule(head, `a peer is not known`, note);
    if (read.narrowedBy !== undefined && head.action !== 'Accept') note(`${at.field}: ${read.narrowedBy} not known`);
    return { ...head, peers: [read.peer], ...ports, ...(read.narrowedBy && { narrowedBy: read.narrowedBy }) };
  });
}

function readPeer(
  peer: Field,
  side: 'from' | 'to',
  action: Rule['action'],
  form: RuleForm,
  { nodes }: References,
): { readonly peer: Peer; readonly narrowedBy?: string } | undefined {
  const known = ['namespaces', 'pods', ...(side === 'to' ? form.beyondPods : [])];
  const given = known.filter((key) => !peer.at(key).absent);
  if (given.length > 1) peer.fail(`expected exactly one of ${known.join(', ')}`);
  if (unknownFields(peer, known).length > 0) return undefined;
  if (given.length === 0) peer.fail(`expected one of ${known.join(', ')}`);
  const field = peer.at(given[0]!);
  switch (given[0]) {
    case 'nodes': {
      const selector = readSelector(field);
      if (selector.length === 0) return { peer: { kind: 'nodes', which: 'any' } };
      if (nodes.length === 0) return { peer: { kind: 'nodes', which: 'any' }, narrowedBy: 'labels of nodes' };
      const selected = nodes.filter(({ labels }) => selects(selector, labels)).flatMap(({ addresses }) => addresses);
      return { peer: { kind: 'addresses', addresses: setOf(selected), pods: 'never', nodes: true } };
    }
    case 'networks': {
      const certain = action !== 'Accept';
      const ranges = field.itemsUpTo(25).map((cidr) => cidr.parse((text) => parseCidr(text, { certain })));
      if (ranges.length === 0) field.fail('needs at least one CIDR');
      return { peer: { kind: 'addresses', addresses: union(NO_ADDRESSES, ...ranges), pods: 'always', nodes: true } };
    }
    case 'domainNames':
      if (action !== 'Accept') field.fail('is possible with action Accept only');
      return { peer: { kind: 'names', names: readNames(field) } };
    default:
      return { peer: { kind: 'pods', ...readPods(peer) } };
  }
}

function checkName(field: Field): void {
  if (!field.absent && field.text().length > 100) field.fail('is longer than 100 characters');
}

/** Exact, or with `*.` for one label or more in front. */
const DOMAIN_NAME = /^(\*\.)?([a-zA-Z0-9]([-a-zA-Z0-9_]*[a-zA-Z0-9])?\.)+[a-zA-Z0-9]([-a-zA-Z0-9_]*[a-zA-Z0-9])?\.?$/;

function readNames(field: Field): readonly string[] {
  const names = field.itemsUpTo(25);
  if (names.length === 0) field.fail('needs at least one name');
  return names.map((name) =>
    DOMAIN_NAME.test(name.text())
      ? name.text()
      : name.fail(`${JSON.stringify(name.value)} is not a name such as example.com or *.example.com`),
  );
}

type Ports = { readonly ports?: PortSet; readonly named?: readonly NamedPort[] };

/** All that a list says together. */
export function unionOf(read: readonly Ports[]): Pick<Rule, 'ports' | 'namedPorts'> {
  return {
    ports: unionPorts(NO_PORTS, ...read.map(({ ports = NO_PORTS }) => ports)),
    namedPorts: read.flatMap(({ named = [] }) => named),
  };
}

function readProtocol(field: Field): Ports {
  field.only('tcp', 'udp', 'sctp', 'destinationNamedPort');
  if (field.absent || Object.keys(field.value as object).length !== 1) {
    field.fail('expected exactly one of tcp, udp, sctp, destinationNamedPort');
  }
  const name = field.at('destinationNamedPort');
  if (!name.absent) return { named: namedOnAll(name.text()) };
  const protocol = PROTOCOLS.find((known) => !field.at(known.toLowerCase()).absent)!;
  const port = field.at(protocol.toLowerCase()).only('destinationPort').at('destinationPort').only('number', 'range');
  if (port.absent) port.fail('is required: a number or a range');
  if (port.at('number').absent === port.at('range').absent) port.fail('expected exactly one of number, range');
  if (!port.at('number').absent) return { ports: portRange(protocol, port.at('number').port()) };
  const range = port.at('range').only('start', 'end');
  if (range.at('start').port() === range.at('end').port()) range.fail('must end after its start; one port is a number');
  return { ports: readRangeOfPorts(range, protocol) };
}

export function readRangeOfPorts(field: Field, protocol: (typeof PROTOCOLS)[number]): PortSet {
  const [start, end] = [field.at('start').port(), field.at('end').port()];
  if (end < start) field.at('end').fail(`must not be less than start, which is ${start}`);
  return portRange(protocol, start, end);
}

/** A name without a protocol is whatever port of any protocol the pod gives it. */
export const namedOnAll = (name: string): NamedPort[] => PROTOCOLS.map((protocol) => ({ protocol, name }));
