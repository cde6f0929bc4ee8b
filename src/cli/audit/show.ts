import { ITEMS, STATES, type AuditResult } from '../../audit/index.js';
import { table, type Output } from '../output.js';
import { findingLines } from '../verify/show.js';

/** The result for people: the runs item by item, then what fails and what is not known, then what it means. */
export function show(result: AuditResult, output: Output): void {
  const { stack, verdict, frame, sampling, checks, chain, nonce } = result;
  output.line(`${stack}: ${verdict}`);
  output.line(`\n  frame   ${frame.count} ended runs of ${frame.source}`);
  output.line(`          sha256 ${frame.sha256}, taken ${frame.takenAt}`);
  output.line(
    `  sample  ${sampling.sample.length} by seed ${sampling.seed}, nonce ${nonce.text}${ORIGINS[nonce.origin]}`,
  );
  output.line(
    sampling.method === 'census'
      ? `          and all ${sampling.audited} looked at`
      : `          and ${sampling.strata} for agents and tiers, ${sampling.special} denied, bypassing or relaxed`,
  );
  output.line(
    `  log     ${chain.entries} entries, ${chain.signed} signed; head ${chain.head ?? `none: it has ${chain.heads}`}`,
  );
  output.line();
  output.line(table(rows(result), '  '));
  for (const { verdict: each, name, note, findings } of checks.filter((check) => check.verdict !== 'pass')) {
    output.line(`\n  ${each.padEnd(12)}  ${name}: ${note}`);
    for (const finding of findings.slice(0, SHOWN))
      for (const line of findingLines(finding)) output.line(`    ${line}`);
    if (findings.length > SHOWN) output.line(`    … ${findings.length - SHOWN} more with --json`);
  }
  output.line(`\n  ${checks.filter((check) => check.verdict === 'pass').length} of ${checks.length} checks pass`);
  output.line(`  ${result.statement}`);
  for (const limit of result.limits) output.line(`  limit: ${limit}`);
}

const SHOWN = 3;

const ORIGINS = {
  given: ', given after the frame',
  'given-before': ', given before the frame',
  random: ', random',
} as const;

/** Each count of the random sample, and of all that were looked at where those are more. */
function rows({ items, sampling }: AuditResult): readonly (readonly string[])[] {
  const more = sampling.audited > sampling.sample.length;
  return [
    [`item: of ${sampling.sample.length}${more ? ` / all ${sampling.audited}` : ''}`, ...STATES],
    ...ITEMS.map((item) => [
      item,
      ...STATES.map((state) => `${items.sample[item][state]}${more ? ` / ${items.all[item][state]}` : ''}`),
    ]),
  ];
}
