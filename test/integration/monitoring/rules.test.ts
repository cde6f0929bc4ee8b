import { describe, expect, test } from 'vitest';
import { ruleGroups, type RuleGroup } from '../../../src/constructs/monitoring/rule-groups.js';
import { CASES, type Case } from './cases.js';
import { monitoredPlatform } from './platform.js';
import { wrongAlerts } from './promtool.js';

const groups = ruleGroups(monitoredPlatform());
const alerts = groups.flatMap(({ rules }) => rules.flatMap(({ alert }) => (alert === undefined ? [] : [alert])));
const WATCHDOG = 'PortariumWatchdog';
const rest = alerts.filter((alert) => alert !== WATCHDOG);
const casesOf = (alert: string): readonly Case[] => CASES.filter((each) => each.alert === alert);

test.each(rest)('%s has a case in which it fires, and in it is silent before and after', (alert) => {
  const whole = casesOf(alert).filter(({ fires, silent }) => {
    const at = fires?.at ?? [];
    return at.some((minute) => silent.some((before) => before < minute) && silent.some((after) => after > minute));
  });
  expect(whole.length).toBeGreaterThan(0);
});

describe('promtool', () => {
  test.each(rest)('agrees with every case of %s', async (alert) => {
    expect(await wrongAlerts(groups, casesOf(alert))).toEqual([]);
  });

  test('finds no alert but the watchdog where all is well', async () => {
    const silent = [5, 35, 120];
    const quiet = rest.map((alert) => ({ alert, name: 'all is well', silent }));
    const watchdog = { alert: WATCHDOG, name: 'always', silent: [], fires: { at: silent, labels: {} } };
    expect(await wrongAlerts(groups, [...quiet, watchdog])).toEqual([]);
  }, 180_000);
});

const changed = (change: (expr: string) => string): readonly RuleGroup[] =>
  groups.map((group) => ({
    ...group,
    rules: group.rules.map((rule) => (rule.alert === undefined ? rule : { ...rule, expr: change(rule.expr) })),
  }));

/** The shortest in which it fires. */
const firing = rest.map((alert) => casesOf(alert).find(({ fires }) => fires !== undefined)!);

test.each([
  ['never fires', changed((expr) => `(${expr}) and on () (vector(1) > 2)`)],
  ['always fires', changed((expr) => `(${expr}) or on () vector(1)`)],
  ['fires for another label', changed((expr) => `label_replace(${expr}, "extra", "x", "", "")`)],
])(
  'a rule that %s turns the cases of its alert red',
  async (_, mutants) => {
    expect(await wrongAlerts(mutants, firing)).toEqual(rest);
  },
  180_000,
);
