import { equal, isEmpty, NO_ADDRESSES, parseCidr, subtract, union } from '../../model/addresses.js';
import type { AddressSet } from '../../model/addresses.js';
import type { Field } from '../kube-object.js';
import { ALL_PORTS, NO_PORTS, portRange, union as unionPorts } from '../ports.js';
import type { PortSet } from '../ports.js';
import { namespaceNamed, readSelector } from '../selector.js';
import type { Direction, NamedPort, Peer, Policy, Rule, Side } from './policy.js';

/**
 * Reads one NetworkPolicy as the API server defaults it (NetworkPolicySpec in networking/v1).
 *
 * @throws UnreadableObjectError for what the API server would refuse
 */
export function readNetworkPolicy(object: Field): Policy {
  const metadata = object.at('metadata');
  const namespace = metadata.at('namespace').optionalText() ?? 'default';
  const id = { policy: `NetworkPolicy ${namespace}/${metadata.at('name').text()}`, namespace };
  const spec = object.at('spec').only('podSelector', 'policyTypes', 'ingress', 'egress');
  const directions = readDirections(spec);
  return {
    object: id.policy,
    subject: { namespaces: namespaceNamed(namespace), pods: readSelector(spec.at('podSelector')) },
    tier: { name: 'normal' },
    sides: {
      ...(directions.has('Ingress') && { Ingress: readSide(spec, 'ingress', 'from', id) }),
      ...(directions.has('Egress') && { Egress: readSide(spec, 'egress', 'to', id) }),
    },
  };
}

interface Owner {
  readonly policy: string;
  readonly namespace: string;
}

function readSide(spec: Field, direction: 'ingress' | 'egress', side: 'from' | 'to', id: Owner): Side {
  const rules = spec.at(direction).items();
  return { isolates: true, rules: rules.map((rule, i) => readRule(rule, side, `spec.${direction}[${i}]`, id)) };
}

/** Absent or empty policyTypes: Ingress always, Egress only when there are egress rules (trap S3). */
function readDirections(spec: Field): ReadonlySet<Direction> {
  const named = spec.at('policyTypes').items();
  if (named.length > 0) return new Set(named.map((type) => type.oneOf('Ingress', 'Egress')));
  return new Set(spec.at('egress').items().length > 0 ? ['Ingress', 'Egress'] : ['Ingress']);
}

function readRule(rule: Field, side: 'from' | 'to', field: string, { policy, namespace }: Owner): Rule {
  if (rule.absent) rule.fail('expected a rule, found nothing; {} is the rule that allows everything');
  rule.only(side, 'ports');
  const peers = rule
    .at(side)
    .items()
    .map((peer) => readPeer(peer, namespace));
  return {
    policy,
    field,
    action: 'Accept',
    peers: peers.length === 0 ? undefined : peers,
    ...readPorts(rule.at('ports')),
  };
}

/** Absent or empty: every port of every protocol (trap S8). */
function readPorts(field: Field): Pick<Rule, 'ports' | 'namedPorts'> {
  const read = field.items().map(readPort);
  if (read.length === 0) return { ports: ALL_PORTS, namedPorts: [] };
  return {
    ports: unionPorts(NO_PORTS, ...read.map(({ ports }) => ports).filter((ports) => ports !== undefined)),
    namedPorts: read.map(({ named }) => named).filter((named) => named !== undefined),
  };
}

function readPort(field: Field): { ports?: PortSet; named?: NamedPort } {
  if (field.absent) field.fail('expected a port');
  field.only('protocol', 'port', 'endPort');
  const protocol = field.at('protocol').absent ? 'TCP' : field.at('protocol').oneOf('TCP', 'UDP', 'SCTP');
  const port = field.at('port');
  const endPort = field.at('endPort');
  if (!endPort.absent && typeof port.value !== 'number') endPort.fail('needs a numeric port beside it');
  if (port.absent) return { ports: portRange(protocol) };
  if (typeof port.value === 'string') return { named: { protocol, name: port.parse(portName) } };
  const first = port.port();
  const last = endPort.absent ? first : endPort.port();
  if (last < first) endPort.fail(`must not be less than port, which is ${first}`);
  return { ports: portRange(protocol, first, last) };
}

/** IANA service name (RFC 6335, 5.1), which the API server demands: so "443" in quotes is not a port. */
export function portName(text: string): string {
  if (/^(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*$/.test(text) && text.length <= 15) return text;
  throw new RangeError(`"${text}" is not a port name; a port number must not be quoted`);
}

function readPeer(peer: Field, namespace: string): Peer {
  if (!peer.absent) peer.only('podSelector', 'namespaceSelector', 'ipBlock');
  const [pods, namespaces, ipBlock] = [peer.at('podSelector'), peer.at('namespaceSelector'), peer.at('ipBlock')];
  if (!ipBlock.absent) {
    if (!pods.absent || !namespaces.absent) ipBlock.fail('stands alone; a selector needs a peer of its own');
    return { kind: 'addresses', addresses: readIpBlock(ipBlock), pods: 'reading', nodes: true };
  }
  if (pods.absent && namespaces.absent) peer.fail('expected podSelector, namespaceSelector or ipBlock');
  // An absent podSelector beside a namespaceSelector is every pod there, which readSelector makes of absence (trap S4).
  return {
    kind: 'pods',
    namespaces: namespaces.absent ? namespaceNamed(namespace) : readSelector(namespaces),
    pods: readSelector(pods),
    hostNetwork: true,
  };
}

function readIpBlock(ipBlock: Field): AddressSet {
  return readRange(ipBlock.only('cidr', 'except'));
}

/** A range without its `except`, in which the smaller ranges must lie (trap S12). */
export function readRange(ipBlock: Field): AddressSet {
  const cidr = ipBlock.at('cidr').parse((text) => parseCidr(text));
  const excepts = ipBlock
    .at('except')
    .items()
    .map((except) => {
      const whole = except.parse((text) => parseCidr(text));
      if (!isEmpty(subtract(whole, cidr)) || equal(whole, cidr)) except.fail('must lie within cidr, and be smaller');
      return except.parse((text) => parseCidr(text, { certain: true }));
    });
  return subtract(cidr, union(NO_ADDRESSES, ...excepts));
}
