import type { Field } from '../../kube-object.js';
import { ALL_PORTS, NO_PORTS, portRange, union } from '../../ports.js';
import type { PortSet, Protocol } from '../../ports.js';
import type { NamedPort, Rule } from '../policy.js';

/** What a rule says of ports, and what narrows it further. */
export type RulePorts = Pick<Rule, 'ports' | 'namedPorts' | 'narrowedBy'>;

/** Protocols without ports. */
const OTHER: PortSet = { ...NO_PORTS, other: true };

const PROTOCOLS: Readonly<Record<string, readonly Protocol[]>> = {
  TCP: ['TCP'],
  UDP: ['UDP'],
  SCTP: ['SCTP'],
  ANY: ['TCP', 'UDP', 'SCTP'],
};

/** `toPorts` and `icmps`; without both every port of every protocol, ICMP too. */
export function readPorts(rule: Field): RulePorts {
  const [toPorts, icmps] = [rule.at('toPorts').items(), rule.at('icmps').items()];
  if (toPorts.length === 0 && icmps.length === 0) return { ports: ALL_PORTS, namedPorts: [] };
  const read = toPorts.map(readPortRule);
  const narrowed = [...new Set(read.flatMap(({ narrowedBy }) => narrowedBy ?? []))];
  return {
    ports: union(NO_PORTS, ...read.map(({ ports }) => ports), ...(icmps.length > 0 ? [OTHER] : [])),
    namedPorts: read.flatMap(({ namedPorts }) => namedPorts),
    // Where one of them is not narrowed it is wider than the others, which have no effect then (research: section 0).
    ...(narrowed.length > 0 &&
      read.every(({ narrowedBy }) => narrowedBy !== undefined) && { narrowedBy: narrowed.join('; ') }),
  };
}

function readPortRule(rule: Field): RulePorts {
  rule.only('ports', 'rules', 'serverNames', 'listener', 'terminatingTLS', 'originatingTLS');
  const ports = rule.at('ports').items().map(readPort);
  const narrowedBy = [dnsNames(rule.at('rules').at('dns')), ...others(rule)].filter((text) => text !== undefined);
  return {
    ports: ports.length === 0 ? ALL_PORTS : union(NO_PORTS, ...ports.map((port) => port.ports)),
    namedPorts: ports.flatMap(({ namedPorts }) => namedPorts),
    ...(narrowedBy.length > 0 && { narrowedBy: narrowedBy.join(' and ') }),
  };
}

/** Only exact names narrow: a pattern passes whatever somebody puts into a name. */
function dnsNames(dns: Field): string | undefined {
  if (dns.absent) return undefined;
  const rules = dns.items().map((rule) => rule.only('matchName', 'matchPattern'));
  if (rules.some((rule) => !rule.at('matchPattern').absent)) return undefined;
  return `exact DNS names ${rules.map((rule) => rule.at('matchName').text()).join(', ')}`;
}

const others = (rule: Field): readonly (string | undefined)[] => [
  ...['http', 'kafka', 'l7'].map((kind) => (rule.at('rules').at(kind).absent ? undefined : `rules of ${kind}`)),
  ...['serverNames', 'listener', 'terminatingTLS'].map((key) => (rule.at(key).absent ? undefined : key)),
];

function readPort(port: Field): { readonly ports: PortSet; readonly namedPorts: readonly NamedPort[] } {
  port.only('port', 'endPort', 'protocol');
  const protocol = port.at('protocol').absent ? 'ANY' : port.at('protocol').text().toUpperCase();
  if (protocol === 'ICMP' || protocol === 'ICMPV6') return { ports: OTHER, namedPorts: [] };
  const protocols =
    PROTOCOLS[protocol] ?? port.at('protocol').fail(`expected one of ${Object.keys(PROTOCOLS).join(', ')}`);
  const text = port.at('port').absent ? '0' : String(port.at('port').value as string | number);
  if (!/^\d+$/.test(text))
    return { ports: NO_PORTS, namedPorts: protocols.map((of) => ({ protocol: of, name: text.toLowerCase() })) };
  const first = Number(text);
  if (first > 65535) port.at('port').fail(`expected a port from 0 to 65535, found ${text}`);
  // 0 is every port of the protocol.
  if (first === 0) return { ports: union(...protocols.map((of) => portRange(of))), namedPorts: [] };
  const endPort = port.at('endPort');
  const last = endPort.absent || endPort.value === 0 ? first : endPort.port();
  if (last < first) endPort.fail(`must not be less than port, which is ${first}`);
  return { ports: union(...protocols.map((of) => portRange(of, first, last))), namedPorts: [] };
}
