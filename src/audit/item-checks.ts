import { inconclusive, type Check, type Finding } from '../model/check.js';
import type { Audited } from './conclusion.js';
import { judged } from './findings.js';
import type { ItemState } from './item-state.js';
import { ITEMS, type Item } from './items.js';

const NAMES: Readonly<Record<Item, string>> = {
  initiator: 'initiator identity',
  action: 'action and parameters',
  policy: 'policy evaluation',
  approval: 'approval decision',
  execution: 'execution result',
  correlation: 'correlation id',
  trace: 'W3C trace context',
};

/** One check an item, over every run that was looked at. @param whole whether the source gave the whole log */
export const itemChecks = (audited: readonly Audited[], whole: boolean): readonly Check[] =>
  audited.length === 0 ? [] : ITEMS.map((item) => itemCheck(item, audited, whole));

function itemCheck(item: Item, audited: readonly Audited[], whole: boolean): Check {
  const name = `item ${NAMES[item]}`;
  const of = (state: ItemState['state']): readonly Finding[] =>
    audited
      .filter(({ states }) => states[item].state === state)
      .map(({ run, states }) => ({ object: `run ${run.runId}`, problem: states[item].why }));
  const [lacking, open] = [of('absent'), of('not-verifiable')];
  const total = `of ${audited.length} runs`;
  if (lacking.length > 0) {
    return judged(name, lacking, whole ? 'fail' : 'inconclusive', {
      good: '',
      bad: `${lacking.length} ${total} lack it, ${open.length} more cannot be verified`,
    });
  }
  return judged(name, open, 'inconclusive', {
    good: goodOf(audited.length, of('not-required').length),
    bad: `${open.length} ${total} cannot be verified by this log`,
  });
}

const goodOf = (count: number, free: number): string =>
  free === 0 ? `all ${count} runs have it` : `${count - free} of ${count} runs have it, ${free} need none`;

/** The runbook's: a random sample, all with the complete chain. One that lacks an item fails it. */
export function sampleCheck(sampled: readonly Audited[], whole: boolean, statement: string): Check {
  const name = `random sample of ${sampled.length}`;
  if (sampled.length === 0) return inconclusive(name, statement);
  const having = (state: ItemState['state']): readonly Audited[] =>
    sampled.filter(({ states }) => ITEMS.some((item) => states[item].state === state));
  const lacking = having('absent');
  if (lacking.length === 0 && having('not-verifiable').length > 0) return inconclusive(name, statement);
  const findings = lacking.map(({ run, states }) => ({
    object: `run ${run.runId}`,
    found: ITEMS.filter((item) => states[item].state === 'absent'),
    problem: 'lacks these items',
  }));
  return judged(name, findings, whole ? 'fail' : 'inconclusive', { good: statement, bad: statement });
}
