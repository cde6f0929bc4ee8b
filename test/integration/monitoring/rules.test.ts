import { expect, test } from 'vitest';
import { ruleGroups } from '../../../src/constructs/monitoring/rule-groups.js';
import { monitoredPlatform } from './platform.js';
import { wrongAlerts } from './promtool.js';

const WATCHDOG = 'PortariumWatchdog';

// When each alert fires, stays silent and resolves, and that each part of it matters: alert-cases.test.ts.
test('no alert but the watchdog fires where all is well', { timeout: 180_000 }, async () => {
  const groups = ruleGroups(monitoredPlatform());
  const alerts = groups.flatMap(({ rules }) => rules.flatMap(({ alert }) => (alert === undefined ? [] : [alert])));
  const silent = [5, 35, 120];
  const quiet = alerts.filter((alert) => alert !== WATCHDOG).map((alert) => ({ alert, name: 'all is well', silent }));
  expect(quiet.length).toBeGreaterThan(30);
  const watchdog = { alert: WATCHDOG, name: 'always', silent: [], fires: { at: silent, labels: {} } };
  expect(await wrongAlerts(groups, [...quiet, watchdog])).toEqual([]);
});
