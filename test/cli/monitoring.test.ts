import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { alertmanagerConfig } from '../../src/constructs/monitoring/alertmanager.js';
import { dashboardJson } from '../../src/constructs/monitoring/dashboard.js';
import { ruleGroups } from '../../src/constructs/monitoring/rule-groups.js';
import { loadStacks } from '../../src/config/load.js';
import { stacksWith } from '../config/stacks.js';
import { enforce } from './run.js';

const { platform } = loadStacks({ dir: 'stacks' });

describe('enforce monitoring', () => {
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'monitoring-'))));
  afterEach(() => rmSync(dir, { recursive: true }));

  it('writes what the cluster gets, for a monitoring without operator', async () => {
    const out = join(dir, 'made', 'here');
    const { code, stdout } = await enforce('monitoring', '--out', out, '--json');
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      { out, files: ['rules.yml', 'alertmanager.yml', 'dashboard.json'] },
    ]);
    expect(readdirSync(out).sort()).toEqual(['alertmanager.yml', 'dashboard.json', 'rules.yml']);
    const read = (name: string): string => readFileSync(join(out, name), 'utf8');
    expect(parse(read('rules.yml'))).toEqual({ groups: ruleGroups(platform) });
    expect(read('dashboard.json')).toBe(dashboardJson(platform));
    const routes = parse(read('alertmanager.yml')) as { receivers: readonly { name: string }[] };
    const rendered = alertmanagerConfig('any').receivers as readonly { name: string }[];
    expect(routes.receivers.map(({ name }) => name)).toEqual(rendered.map(({ name }) => name));
  });

  it('names the Prometheus of the config in the commands of its alerts', async () => {
    const grafana = 'grafanaUrl: https://grafana.example.com';
    const stacks = stacksWith([
      'platform',
      grafana,
      `prometheus: { url: "https://mimir.example.com" }\n    ${grafana}`,
    ]);
    await enforce('monitoring', '--out', dir, '--stacks', stacks);
    const rules = readFileSync(join(dir, 'rules.yml'), 'utf8');
    expect(rules).toContain("promtool query instant https://mimir.example.com '");
    expect(rules).not.toContain('http://prometheus.');
  });

  it.each([
    ['runbookUrl', 'runbookUrl: https://docs.example.com/portarium/runbook'],
    ['grafanaUrl', 'grafanaUrl: https://grafana.example.com'],
  ])('writes nothing without %s', async (key, line) => {
    const stacks = stacksWith(
      ['platform', `    ${line}\n`, ''],
      ['platform', 'prometheusRules: true', 'prometheusRules: false'],
    );
    const { code, stderr } = await enforce('monitoring', '--out', dir, '--stacks', stacks);
    expect(stderr).toContain(`monitoring.${key} is not in the platform’s config, and every alert names it.`);
    expect(code).toBe(2);
    expect(readdirSync(dir)).toEqual([]);
  });
});
