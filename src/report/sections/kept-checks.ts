import { inconclusive, type Check, type Finding, type Verdict } from '../../model/check.js';
import { Field } from '../../model/field.js';
import type { Accepted } from '../judged.js';

export const VERDICTS = ['pass', 'fail', 'inconclusive'] as const satisfies readonly Verdict[];

/** Reads the checks of a kept result; without any, nothing is known. Throws Unreadable. */
export function checksOf({ result, file, kind }: Accepted): readonly Check[] {
  const checks = new Field(result).get('checks').list();
  if (checks.length === 0) return [inconclusive(`checks of ${kind}`, `${file} has none`)];
  return checks.map((check) => ({
    name: check.get('name').text(),
    verdict: check.get('verdict').oneOf(VERDICTS),
    note: check.get('note').text(/^/),
    findings: check.get('findings').list().map(findingOf),
  }));
}

function findingOf(finding: Field): Finding {
  const field = finding.get('field');
  const [expected, found] = [finding.get('expected'), finding.get('found')];
  return {
    object: finding.get('object').text(/^/),
    ...(field.present && { field: field.text(/^/) }),
    ...(expected.present && { expected: expected.value }),
    ...(found.present && { found: found.value }),
    problem: finding.get('problem').text(),
  };
}

/** What a result says of itself. */
export const verdictOf = ({ result }: Accepted): Verdict => new Field(result).get('verdict').oneOf(VERDICTS);
