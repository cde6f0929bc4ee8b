import type { Field } from '../kube-object.js';
import { ALL_PORTS, NO_PORTS, portRange, PROTOCOLS, union } from '../ports.js';
import type { PortSet, Protocol } from '../ports.js';
import type { NamedPort, Rule } from './policy.js';

/** Ports of a rule, and what narrows them. */
export type Ports = Pick<Rule, 'ports' | 'namedPorts' | 'narrowedBy'>;

/** Protocols without ports (IP protocols that Cilium 1.20 knows by name). */
const WITHOUT_PORTS = ['ICMP', 'ICMPV6', 'VRRP', 'IGMP', 'GRE', 'IPIP', 'IPV6', 'ESP', 'AH'];

/**
 * What `toPorts` and `icmps` say, as alternatives: what is narrowed beside what is not, since one item does not narrow
 * another. `undefined` when neither says anything: then a rule is about every port of every protocol.
 */
export function readRulePorts(rule: Field, action: Rule['action']): readonly Ports[] | undefined {
  const [items, icmps] = [rule.at('toPorts').items(), rule.at('icmps').items()];
  if (items.length + icmps.length === 0) return undefined;
  if (items.length > 0 && icmps.length > 0) rule.at('icmps').fail('stands alone; toPorts needs a rule of its own');
  return [...items.map((item) => readItem(item, action)), ...icmps.flatMap(readIcmp)];
}

function readItem(item: Field, action: Rule['action']): Ports {
  const read = item
    .at('ports')
    .items()
    .map((port) => readPort(port, action));
  const narrowedBy = narrowing(item);
  return {
    ports: union(NO_PORTS, ...read.map(({ ports = NO_PORTS }) => ports)),
    namedPorts: read.flatMap(({ named = [] }) => named),
    ...(narrowedBy !== undefined && { narrowedBy }),
  };
}

/** Rules of layer 7, and whatever else a later version may know. */
function narrowing(item: Field): string | undefined {
  const rules = item.at('rules');
  const layer7 = rules.absent
    ? []
    : Object.keys(rules.value as object).filter(
        (key) => rules.at(key).value !== null && !isEmptyList(rules.at(key).value),
      );
  const others = Object.keys(item.value as object).filter(
    (key) => key !== 'ports' && key !== 'rules' && !isEmptyList(item.at(key).value),
  );
  const found = [...layer7.map((key) => `rules.${key}`), ...others];
  return found.length === 0 ? undefined : found.join(', ');
}

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

/** Types of ICMP are not told apart: what opens one opens `other` as far as is known. */
function readIcmp(item: Field): Ports[] {
  item.only('fields');
  if (item.at('fields').items().length === 0) return [];
  return [{ ports: { ...NO_PORTS, other: true }, namedPorts: [], narrowedBy: 'types of ICMP' }];
}

/** Port 0 is every port; of any protocol it may be those without ports too, so what accepts it counts for them and what denies it not. */
function readPort(
  field: Field,
  action: Rule['action'],
): { readonly ports?: PortSet; readonly named?: readonly NamedPort[] } {
  field.only('port', 'endPort', 'protocol');
  const name = field.at('protocol').absent ? 'ANY' : field.at('protocol').text().toUpperCase();
  if (WITHOUT_PORTS.includes(name)) return { ports: { ...NO_PORTS, other: true } };
  const protocols: readonly Protocol[] =
    name === 'ANY' || name === '' ? PROTOCOLS : PROTOCOLS.filter((protocol) => protocol === name);
  if (protocols.length === 0) field.at('protocol').fail(`unknown protocol ${JSON.stringify(name)}`);
  const [port, endPort] = [field.at('port').text(), field.at('endPort')];
  if (/[a-z]/i.test(port)) {
    if (!endPort.absent && endPort.value !== 0) endPort.fail('needs a numeric port beside it');
    return { named: protocols.map((protocol) => ({ protocol, name: port.toLowerCase() })) };
  }
  if (!/^(0|[1-9]\d{0,4})$/.test(port) || Number(port) > 65535) {
    field.at('port').fail(`expected a port from 0 to 65535 in quotes, or a name, found ${JSON.stringify(port)}`);
  }
  const first = Number(port);
  if (first === 0) {
    const every = union(NO_PORTS, ...protocols.map((protocol) => portRange(protocol)));
    return { ports: { ...every, other: protocols === PROTOCOLS && action === 'Accept' } };
  }
  const last = endPort.absent || endPort.value === 0 ? first : endPort.port();
  if (last < first) endPort.fail(`must not be less than port, which is ${first}`);
  return { ports: union(NO_PORTS, ...protocols.map((protocol) => portRange(protocol, first, last))) };
}

export const EVERY_PORT: Ports = { ports: ALL_PORTS, namedPorts: [] };
