import { NO_ADDRESSES, parseCidr, union } from '../../model/addresses.js';
import type { Field } from '../kube-object.js';
import { ALL_PORTS, NO_PORTS, portRange, union as unionPorts } from '../ports.js';
import type { Protocol } from '../ports.js';
import { readSelector } from '../selector.js';
import type { NamedPort, Peer, Policy, Rule, Side, Subject, Tier } from './policy.js';

/** Policies of the cluster's administrators, by what differs between the kind and its predecessors. */
interface Dialect {
  readonly kind: string;
  readonly actions: Readonly<Record<string, Rule['action']>>;
  readonly tier: (spec: Field) => Tier;
  readonly ports: (rule: Field) => Pick<Rule, 'ports' | 'namedPorts'>;
  /** Keys of spec and of a rule. */
  readonly spec: readonly string[];
  readonly rulePorts: string;
}

const CLUSTER_NETWORK_POLICY: Dialect = {
  kind: 'ClusterNetworkPolicy',
  actions: { Accept: 'Accept', Deny: 'Deny', Pass: 'Pass' },
  tier: (spec) => {
    const tier = spec.at('tier').oneOf('Admin', 'Baseline');
    return { name: tier === 'Admin' ? 'admin' : 'baseline', priority: readPriority(spec.at('priority')) };
  },
  ports: (rule) => readPorts(rule.at('protocols'), readProtocol),
  spec: ['tier', 'priority', 'subject', 'ingress', 'egress'],
  rulePorts: 'protocols',
};

/** v1alpha1: the admin tier of what is now one kind. */
const ADMIN_NETWORK_POLICY: Dialect = {
  kind: 'AdminNetworkPolicy',
  actions: { Allow: 'Accept', Deny: 'Deny', Pass: 'Pass' },
  tier: (spec) => ({ name: 'admin', priority: readPriority(spec.at('priority')) }),
  ports: (rule) => readPorts(rule.at('ports'), readPortOfPredecessor),
  spec: ['priority', 'subject', 'ingress', 'egress'],
  rulePorts: 'ports',
};

/** v1alpha1: the baseline tier; there is one object of it, and it passes nothing on. */
const BASELINE_ADMIN_NETWORK_POLICY: Dialect = {
  ...ADMIN_NETWORK_POLICY,
  kind: 'BaselineAdminNetworkPolicy',
  actions: { Allow: 'Accept', Deny: 'Deny' },
  tier: () => ({ name: 'baseline', priority: 0 }),
  spec: ['subject', 'ingress', 'egress'],
};

export const readClusterNetworkPolicy = (object: Field): Policy => read(object, CLUSTER_NETWORK_POLICY);
export const readAdminNetworkPolicy = (object: Field): Policy => read(object, ADMIN_NETWORK_POLICY);
export const readBaselineAdminNetworkPolicy = (object: Field): Policy => read(object, BASELINE_ADMIN_NETWORK_POLICY);

/** @throws UnreadableObjectError for what the API server would refuse */
function read(object: Field, dialect: Dialect): Policy {
  const name = object.at('metadata').at('name').text();
  const spec = object.at('spec').only(...dialect.spec);
  const policy = `${dialect.kind} ${name}`;
  const side = (key: 'ingress' | 'egress', peers: 'from' | 'to'): Side => ({
    isolates: false,
    rules: spec
      .at(key)
      .items()
      .map((rule, i) => readRule(rule, peers, { policy, field: `spec.${key}[${i}]` }, dialect)),
  });
  return {
    object: policy,
    subject: readSubject(spec.at('subject')),
    tier: dialect.tier(spec),
    sides: {
      ...(!spec.at('ingress').absent && { Ingress: side('ingress', 'from') }),
      ...(!spec.at('egress').absent && { Egress: side('egress', 'to') }),
    },
  };
}

function readPriority(field: Field): number {
  const { value } = field;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 1000) return value;
  return field.fail(`expected a priority from 0 to 1000, found ${JSON.stringify(value)}`);
}

function readSubject(field: Field): Subject {
  const [key, one] = onlyOne(field, ['namespaces', 'pods']);
  return key === 'namespaces' ? { namespaces: readSelector(one), pods: [] } : readPods(one);
}

function readRule(rule: Field, side: 'from' | 'to', id: Pick<Rule, 'policy' | 'field'>, dialect: Dialect): Rule {
  rule.only('name', 'action', side, dialect.rulePorts);
  const peers = rule.at(side).items();
  if (peers.length === 0) rule.at(side).fail('needs at least one peer');
  const action = dialect.actions[rule.at('action').oneOf(...Object.keys(dialect.actions))]!;
  return { ...id, action, peers: peers.map((peer) => readPeer(peer, side)), ...dialect.ports(rule) };
}

/** `networks` also selects pods and nodes by their addresses: it sees traffic within the cluster too. */
function readPeer(peer: Field, side: 'from' | 'to'): Peer {
  const kinds = ['namespaces', 'pods', ...(side === 'to' ? ['networks', 'nodes', 'domainNames'] : [])];
  const [key, one] = onlyOne(peer, kinds);
  switch (key) {
    case 'namespaces':
      return { kind: 'pods', namespaces: readSelector(one), pods: [] };
    case 'pods':
      return { kind: 'pods', ...readPods(one) };
    case 'networks': {
      const networks = one.items().map((cidr) => cidr.parse((text) => parseCidr(text)));
      return { kind: 'addresses', addresses: union(NO_ADDRESSES, ...networks), pods: 'always', nodes: true };
    }
    case 'nodes':
      // Which of the nodes is left open: none is certain to be selected, each may be.
      return { kind: 'nodes', which: readSelector(one).length === 0 ? 'any' : 'other' };
    default:
      return { kind: 'names', names: one.items().map((name) => name.text()) };
  }
}

function readPods(field: Field): Subject {
  field.only('namespaceSelector', 'podSelector');
  return { namespaces: readSelector(field.at('namespaceSelector')), pods: readSelector(field.at('podSelector')) };
}

function onlyOne(field: Field, keys: readonly string[]): [string, Field] {
  if (field.absent) field.fail(`expected one of ${keys.join(', ')}`);
  field.only(...keys);
  const given = keys.filter((key) => !field.at(key).absent);
  if (given.length !== 1) field.fail(`expected exactly one of ${keys.join(', ')}`);
  return [given[0]!, field.at(given[0]!)];
}

type ReadPort = (field: Field) => { ports: Rule['ports'] } | { named: readonly NamedPort[] };

/** Absent: every port of every protocol, those without ports too. */
function readPorts(field: Field, readPort: ReadPort): Pick<Rule, 'ports' | 'namedPorts'> {
  if (field.absent) return { ports: ALL_PORTS, namedPorts: [] };
  const read = field.items().map(readPort);
  return {
    ports: unionPorts(NO_PORTS, ...read.flatMap((port) => ('ports' in port ? [port.ports] : []))),
    namedPorts: read.flatMap((port) => ('named' in port ? port.named : [])),
  };
}

const PROTOCOLS: readonly Protocol[] = ['TCP', 'UDP', 'SCTP'];

/** `{tcp: {destinationPort: {number}}}`, or a name that is a port of any protocol. */
const readProtocol: ReadPort = (field) => {
  const [key, one] = onlyOne(field, ['tcp', 'udp', 'sctp', 'destinationNamedPort']);
  if (key === 'destinationNamedPort') {
    const name = one.text();
    return { named: PROTOCOLS.map((protocol) => ({ protocol, name })) };
  }
  const protocol = key.toUpperCase() as Protocol;
  const port = one.only('destinationPort').at('destinationPort');
  if (port.absent) return { ports: portRange(protocol) };
  const [form, value] = onlyOne(port, ['number', 'range']);
  return {
    ports: form === 'number' ? portRange(protocol, value.port()) : readRange(protocol, value.only('start', 'end')),
  };
};

/** `{portNumber: {protocol, port}}`, `{portRange: {protocol, start, end}}` or `{namedPort}`. */
const readPortOfPredecessor: ReadPort = (field) => {
  const [key, one] = onlyOne(field, ['portNumber', 'portRange', 'namedPort']);
  if (key === 'namedPort') {
    const name = one.text();
    return { named: PROTOCOLS.map((protocol) => ({ protocol, name })) };
  }
  const protocol = one.at('protocol').absent ? 'TCP' : one.at('protocol').oneOf('TCP', 'UDP', 'SCTP');
  if (key === 'portNumber') return { ports: portRange(protocol, one.only('protocol', 'port').at('port').port()) };
  return { ports: readRange(protocol, one.only('protocol', 'start', 'end')) };
};

function readRange(protocol: Protocol, range: Field): Rule['ports'] {
  const [start, end] = [range.at('start').port(), range.at('end').port()];
  if (end < start) range.at('end').fail(`must not be less than start, which is ${start}`);
  return portRange(protocol, start, end);
}
