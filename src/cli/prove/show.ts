import pc from 'picocolors';
import { stringify } from 'yaml';
import { CLAIMS, type ClaimVerdict, type CounterExample, type Verdict } from '../../prove/claims/claim.js';
import type { Proof } from '../../prove/claims/prove.js';
import { connectionsText } from '../../prove/index.js';
import { table, type Output } from '../output.js';

/** A proof for people: the reachability table, each claim with its argument, and the smallest counter-example in full. */
export function showProof(proof: Proof, output: Output): void {
  output.line(`${proof.subject}: ${coloured(proof.verdict)}${proof.zeroBypass ? ', zero bypass' : ''}\n`);
  output.line(table(reachTable(proof), '  '));
  for (const claim of proof.claims) showClaim(claim, output);
  const [smallest] = proof.claims.flatMap(({ counterExamples }) => counterExamples);
  if (smallest) showExample(smallest, output);
  output.line();
}

/** Rows outside the edge matrix that are shown; `--json` has them all. */
const SHOWN = 8;

function reachTable({ reach }: Proof): readonly (readonly string[])[] {
  const row = ({ role, direction, peer, connections, edge }: Proof['reach'][number]): readonly string[] => [
    role,
    direction,
    peer.length > 100 ? `${peer.slice(0, 99)}…` : peer,
    connectionsText(connections),
    edge ?? pc.red('none: outside the edge matrix'),
  ];
  // The shortest names are the widest groups.
  const outside = reach.filter(({ edge }) => edge === undefined).toSorted((a, b) => a.peer.length - b.peer.length);
  const more = outside.length - SHOWN;
  return [
    ['PODS', '', 'PEER', 'PORTS', 'EDGE'],
    ...reach.filter(({ edge }) => edge !== undefined).map(row),
    ...outside.slice(0, SHOWN).map(row),
    ...(more > 0 ? [[`and ${more} more rows outside the edge matrix (--json lists them)`]] : []),
  ];
}

function showClaim(
  { claim, verdict, argument, reasons, counterExamples, assumptions }: ClaimVerdict,
  output: Output,
): void {
  output.line(`\n${claim} ${coloured(verdict)}: ${CLAIMS[claim]}`);
  for (const sentence of argument) output.line(`    ${sentence}`);
  for (const reason of reasons) output.line(`  ? ${reason}`);
  for (const { summary, because, fix } of counterExamples) {
    output.line(`  ${pc.red('x')} ${summary}`);
    output.line(`      because: ${because.length === 0 ? 'nothing stops it' : because.map(place).join(', ')}`);
    output.line(`      fix:     ${fix}`);
  }
  for (const { assumed, checkedBy } of assumptions) output.line(`  assumes ${assumed} (${checkedBy})`);
}

function showExample({ cause, objects, packet }: CounterExample, output: Output): void {
  output.line(`\nThe smallest counter-example (${cause}):`);
  for (const object of objects) {
    output.line('  ---');
    for (const line of stringify(object).trimEnd().split('\n')) output.line(`  ${line}`);
  }
  if (packet) {
    const { from, to, protocol, port } = packet;
    output.line(`  packet: ${from} -> ${to} ${protocol}${port === undefined ? '' : ` ${port}`}`);
  }
}

const place = ({ object, field }: CounterExample['because'][number]): string => `${object} ${field}`;

const COLOURS: Readonly<Record<Verdict, (text: string) => string>> = {
  proved: pc.green,
  refuted: pc.red,
  inconclusive: pc.yellow,
  'not claimed': pc.dim,
};
const coloured = (verdict: Verdict): string => COLOURS[verdict](verdict);

/** A proof for reports. */
export function markdownOf({ subject, verdict, zeroBypass, claims }: Proof): string {
  const rows = claims.map(
    ({ claim, verdict: of, argument, reasons, counterExamples }) =>
      `| ${claim} | ${CLAIMS[claim]} | ${of} | ${[...counterExamples.map(({ summary }) => summary), ...reasons, ...(of === 'proved' ? argument : [])].map(cell).join('<br>')} |`,
  );
  return [
    `### ${subject}: ${verdict}${zeroBypass ? ', zero bypass' : ''}`,
    '',
    '| | claim | verdict | why |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
