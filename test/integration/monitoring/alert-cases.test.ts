import { describe, expect, it } from 'vitest';
import { CASES } from './alert-cases/index.js';
import { MUTATIONS } from './alert-cases/mutants.js';
import { ALERTS, OF_THE_RUNBOOK, run, SEVERITIES } from './alert-cases/promtool.js';

const WATCHDOG = 'PortariumWatchdog';
const names = ALERTS.map(({ alert }) => alert);
const of = (alert: string) => CASES.filter((each) => each.alert === alert);

describe('alerts, by the real promtool,', () => {
  it('fire, stay silent and resolve when they should', async () => {
    const { ok, output } = await run(CASES);
    expect(output.replaceAll(/Unit Testing:.*\n\s*SUCCESS\n*/g, '')).toBe('');
    expect(ok).toBe(true);
  });

  it.each(names.filter((name) => name !== WATCHDOG))(
    '%s has a case in which it fires, is silent, and resolves',
    (alert) => {
      const stories = of(alert).map(({ at }) => Object.values(at).map((firing) => firing.length > 0));
      expect(stories.some((story) => story.includes(true))).toBe(true);
      expect(stories.some((story) => story[0] === false)).toBe(true);
      expect(stories.some((story) => story.some((firing, index) => firing && story[index + 1] === false))).toBe(true);
    },
  );

  it('are all here, with the severities of the runbook', () => {
    expect(Object.keys(SEVERITIES).sort()).toEqual([...names].sort());
    expect(new Set(CASES.map(({ alert }) => alert))).toEqual(new Set(names));
    expect(names).toEqual(expect.arrayContaining(OF_THE_RUNBOOK));
  });

  it('of what must be 0 have cases for every way in which such rules go wrong', () => {
    const traits = (alert: string) => new Set(of(alert).flatMap((each) => each.traits ?? []));
    for (const trait of ['first increase', 'restart', 'gap', 'absent'] as const) {
      expect(traits('PortariumDirectSorCall')).toContain(trait);
      expect(traits('PortariumPolicyBypassAttempt')).toContain(trait);
    }
    for (const trait of ['NaN', 'not enforced'] as const) expect(traits('PortariumDirectSorCall')).toContain(trait);
    expect(traits('PortariumRatioMissing')).toEqual(new Set(['absent', 'NaN']));
  });

  it('name in their texts only labels that they have', () => {
    for (const { alert, annotations = {} } of ALERTS) {
      const firing = of(alert).flatMap(({ at }) => Object.values(at).flat());
      const named = [
        ...Object.values(annotations)
          .join(' ')
          .matchAll(/\$labels\.(\w+)/g),
      ].map(([, label]) => label!);
      for (const label of named)
        expect([alert, label, firing.some((each) => label in each)]).toEqual([alert, label, true]);
    }
  });
});

describe('a changed alert turns its own cases red:', () => {
  it.each(MUTATIONS)('$changes', async ({ of: change, first = false, same = {} }) => {
    const changed = new Map(ALERTS.map((rule) => [rule.alert, change(rule)] as const));
    const mutants = names.filter((alert) => changed.get(alert) !== undefined && !(alert in same));
    const cases = mutants.flatMap((alert) => of(alert).slice(0, first ? 1 : undefined));
    const { failed } = await run(cases, (rule) => (rule.alert && changed.get(rule.alert)) || rule);
    expect(mutants.filter((alert) => !failed.has(alert))).toEqual([]);
    expect(mutants.length).toBeGreaterThan(0);
  });
});
