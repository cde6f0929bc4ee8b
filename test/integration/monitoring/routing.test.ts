import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { amtool, promtool } from '../../../lab/alertmanager.js';
import { alertmanagerFragment } from '../../../src/constructs/monitoring/alertmanager.js';
import { ruleGroups } from '../../../src/constructs/monitoring/rule-groups.js';
import { monitoredPlatform } from './platform.js';

const dir = mkdtempSync(join(tmpdir(), 'routing-'));
const config = join(dir, 'alertmanager.yml');
beforeAll(() => {
  const { route, ...rest } = alertmanagerFragment((receiver) => ({ url: `http://127.0.0.1:1/${receiver}` }));
  const { receivers, ...inhibit } = rest;
  // In a file of somebody's, whose own route takes what is not ours.
  const whole = {
    route: { receiver: 'others', ...route },
    receivers: [{ name: 'others' }, ...receivers],
    ...inhibit,
  };
  writeFileSync(config, stringify(whole, { aliasDuplicateObjects: false }));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('routes, by amtool', () => {
  test('are a configuration that Alertmanager takes', async () => {
    expect(await amtool('check-config', config)).toMatchObject({ ok: true });
  });

  test.each([
    ['team=portarium severity=critical alertname=PortariumDirectSorCall', 'portarium-pager,portarium-ticket'],
    ['team=portarium severity=warning alertname=PortariumDrift', 'portarium-ticket'],
    ['team=portarium severity=info alertname=PortariumShadowDenials', 'portarium-nobody'],
    ['team=portarium severity=none alertname=PortariumWatchdog', 'portarium-heartbeat'],
    ['team=shop severity=critical alertname=CheckoutDown', 'others'],
    ['severity=critical', 'others'],
  ])('%s: %s', async (labels, receivers) => {
    const { output } = await amtool('config', 'routes', 'test', `--config.file=${config}`, ...labels.split(' '));
    expect(output.split('\n')[0]!.trim()).toBe(receivers);
  });
});

test.each([1, 600])('promtool takes the rules, their durations divided by %i', async (factor) => {
  const file = join(dir, `rules-${factor}.yml`);
  writeFileSync(file, stringify({ groups: ruleGroups(monitoredPlatform(), factor) }));
  expect(await promtool('check', 'rules', file)).toMatchObject({ ok: true });
});
