import { intersect, isEmpty, parseCidr, subtract, union, type AddressSet } from '../../../model/addresses.js';
import { connectionsText, type PeerRow } from '../../../prove/index.js';
import { PUBLIC, type Rows } from './expected.js';

const all = (...cidrs: readonly string[]): AddressSet => union(...cidrs.map((cidr) => parseCidr(cidr)));

/** Never public: the cluster's own networks, private, link-local and metadata addresses. */
const NEVER = all(
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '168.63.129.16/32',
  '0.0.0.0/8',
  '224.0.0.0/3',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
  'ff00::/8',
  // A 6to4, a Teredo or a NAT64 address stands for an IPv4 address.
  '2002::/16',
  '2001::/32',
  '64:ff9b::/96',
);

/** Some that are public, near the borders of those that are not. */
const PUBLIC_SAMPLES = {
  4: all('1.1.1.0/24', '8.8.8.0/24', '9.0.0.0/8', '11.0.0.0/8', '104.16.0.0/13', '172.32.0.0/16', '192.169.0.0/16'),
  6: all('2606:4700::/32', '2a00:1450::/32', '2400:cb00::/32'),
};

export type LabelledRow = Omit<PeerRow, 'label'> & { readonly label: string };

/** How the rows differ from the expected ones, each a sentence about `subject`; empty when they are exactly these. */
export function compareRows(subject: string, verb: string, expected: Rows, rows: readonly LabelledRow[]): string[] {
  const found: Record<string, string> = {};
  const problems: string[] = [];
  for (const { label, cidrs, connections } of rows) {
    const ports = connectionsText(connections);
    const family = cidrs !== undefined && label.startsWith('public IPv') ? familyOf(cidrs) : undefined;
    if (family !== undefined) problems.push(...publicProblems(`${subject} ${verb}`, family, cidrs ?? []));
    const key = family === undefined ? label : PUBLIC[family];
    if (found[key] !== undefined) problems.push(`${subject} ${verb} ${key} by two different sets of ports`);
    found[key] = ports;
  }
  for (const [label, ports] of Object.entries(found)) {
    if (expected[label] === undefined) problems.push(`${subject} ${verb} ${label} on ${ports}, which must be closed`);
    else if (expected[label] !== ports) {
      problems.push(`${subject} ${verb} ${label} on ${ports}, which must be ${expected[label]}`);
    }
  }
  for (const [label, ports] of Object.entries(expected)) {
    if (found[label] === undefined) problems.push(`${subject} no longer ${verb} ${label} on ${ports}`);
  }
  return problems;
}

const familyOf = (cidrs: readonly string[]): 4 | 6 => (cidrs[0]?.includes(':') ? 6 : 4);

function publicProblems(who: string, family: 4 | 6, cidrs: readonly string[]): string[] {
  const set = all(...cidrs);
  return [
    ...(isEmpty(intersect(set, NEVER)) ? [] : [`${who} addresses that are not public among ${PUBLIC[family]}`]),
    ...(isEmpty(subtract(PUBLIC_SAMPLES[family], set)) ? [] : [`${who} not all of ${PUBLIC[family]}`]),
  ];
}
