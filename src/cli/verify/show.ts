import type { Check, Finding } from '../../model/check.js';
import type { VerifyResult } from '../../verify/result.js';
import type { Output } from '../output.js';

/** The result for people: what failed and what is not known by name, what passed in numbers. */
export function show({ stack, level, verdict, checks }: VerifyResult, output: Output): void {
  output.line(`${stack} at ${level ?? 'no known level'}: ${verdict}`);
  for (const check of checks.filter((each) => each.verdict === 'fail')) {
    output.line(`\n  fail          ${check.name}: ${check.note}`);
    for (const finding of check.findings) for (const line of findingLines(finding)) output.line(`    ${line}`);
  }
  const unknown = checks.filter((each) => each.verdict === 'inconclusive');
  if (unknown.length > 0) output.line();
  for (const [why, names] of grouped(unknown)) {
    output.line(`  inconclusive  ${names.length === 1 ? names[0] : `${names.length} checks`}: ${why}`);
    if (names.length > 1) for (const name of names) output.line(`                  ${name}`);
  }
  const passed = checks.filter((each) => each.verdict === 'pass');
  output.line(`\n  ${passed.length} of ${checks.length} checks pass`);
}

/** Checks that say the same, together. */
function grouped(checks: readonly Check[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const { note, name } of checks) groups.set(note, [...(groups.get(note) ?? []), name]);
  return groups;
}

export function findingLines({ object, field, expected, found, problem }: Finding): readonly string[] {
  const values = [
    ...(expected === undefined ? [] : [`expected ${brief(expected)}`]),
    ...(found === undefined ? [] : [`found    ${brief(found)}`]),
  ];
  return [`${object}${field === undefined ? '' : ` ${field}`} ${problem}`, ...values.map((line) => `  ${line}`)];
}

const WIDTH = 160;

function brief(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > WIDTH ? `${text.slice(0, WIDTH - 1)}…` : text;
}
