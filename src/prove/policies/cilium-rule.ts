import type { Field } from '../kube-object.js';
import { NO_PORTS } from '../ports.js';
import { SECTIONS } from './cilium-peers.js';
import type { Reading, Selected } from './cilium-peers.js';
import { EVERY_PORT, readRulePorts } from './cilium-ports.js';
import type { Rule } from './policy.js';
import type { Note } from './read.js';
import { unknownFields, unknownRule } from './unknown.js';

/** Sections that are said to select nobody when they are there and empty (`mergeEndpointSelectors` of Cilium 1.20). */
const EMPTY_SELECTS_NOBODY = ['Endpoints', 'Nodes', 'Entities', 'CIDR', 'CIDRSet'];
const OTHERS = ['toPorts', 'icmps', 'authentication'];

/**
 * Reads one rule of `egress`, `egressDeny`, `ingress` or `ingressDeny` as Cilium 1.20 does: a rule without ports is about
 * all of them, one without peers about everyone, one without either about nothing at all.
 */
export function readCiliumRule(
  rule: Field,
  side: 'from' | 'to',
  head: Pick<Rule, 'policy' | 'field' | 'action'>,
  reading: Omit<Reading, 'action'>,
  note: Note,
): readonly Rule[] {
  if (rule.absent) rule.fail('expected a rule, found nothing');
  const requires = `${side}Requires`;
  const unknown = unknownFields(rule, [...OTHERS, requires, ...Object.keys(SECTIONS).map((name) => side + name)]);
  if (unknown.length > 0) return [unknownRule(head, `${unknown.join(', ')} is not known`, note)];
  if (rule.at(requires).items().length > 0) return [unknownRule(head, `${requires} is not evaluated`, note)];

  const selected = readSections(rule, side, { ...reading, action: head.action });
  if (selected?.unknown !== undefined) return [unknownRule(head, selected.unknown, note)];
  if (
    rule
      .at('toPorts')
      .items()
      .some((item) => item.at('ports').items().length === 0)
  ) {
    return [unknownRule(head, 'toPorts without ports', note)];
  }
  const ports = readRulePorts(rule, head.action);
  if (selected === undefined && ports === undefined) return [{ ...head, peers: [], ports: NO_PORTS, namedPorts: [] }];
  const peers = selected === undefined || selected.peers === 'everyone' ? undefined : selected.peers;
  return (ports ?? [EVERY_PORT]).map((found) => {
    const narrowed = [selected?.narrowedBy, found.narrowedBy, authentication(rule)].filter((by) => by !== undefined);
    if (narrowed.length === 0) return { ...head, peers, ...found };
    if (head.action === 'Deny') note(`${head.field}: ${narrowed.join(', ')}`);
    return { ...head, peers, ...found, narrowedBy: narrowed.join(', ') };
  });
}

/** @returns undefined when no section says anything */
function readSections(rule: Field, side: 'from' | 'to', reading: Reading): Selected | undefined {
  const given = Object.keys(SECTIONS).filter((name) => !rule.at(side + name).absent);
  if (given.some((name) => EMPTY_SELECTS_NOBODY.includes(name) && rule.at(side + name).items().length === 0)) {
    return { peers: [] };
  }
  const filled = given.filter((name) => rule.at(side + name).items().length > 0);
  const [first, second] = filled;
  if (second !== undefined) rule.at(side + second).fail(`cannot stand beside ${side}${first!}`);
  return first === undefined ? undefined : SECTIONS[first]!(rule.at(side + first), reading);
}

function authentication(rule: Field): string | undefined {
  const field = rule.at('authentication');
  return field.absent || field.at('mode').value === 'disabled' ? undefined : 'authentication';
}
