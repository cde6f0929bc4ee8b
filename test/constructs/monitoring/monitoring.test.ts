import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadStacks } from '../../../src/config/load.js';
import { dashboardJson } from '../../../src/constructs/monitoring/dashboard.js';
import { ruleGroups } from '../../../src/constructs/monitoring/rule-groups.js';
import { allAlerts, scopeOf } from '../../../src/model/alerts/groups.js';
import { METRICS } from '../../../src/model/metrics.js';

const { platform: sample } = loadStacks({ dir: 'stacks' });
const platform = { ...sample, network: { ...sample.network, cilium: true } };
const alerts = allAlerts(scopeOf(platform));

describe('alerts', () => {
  it.each(alerts.map((alert) => [alert.alert, alert] as const))('%s has its section in the runbook', (name, alert) => {
    const page = readFileSync(join('docs/runbook', `${alert.component}.md`), 'utf8');
    const section = page.split(/^## /m).find((part) => part.startsWith(`${name}\n`));
    const command = alert.command.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, '<$1>');
    expect(section).toContain(`**${alert.severity}**`);
    expect(section).toContain(command);
  });

  it('are those of the runbook with its severities', () => {
    const named = alerts.filter(({ runbook }) => runbook).map(({ alert, severity }) => [alert, severity]);
    expect(named).toEqual([
      ['PortariumDirectSorCall', 'critical'],
      ['PortariumPolicyBypassAttempt', 'critical'],
      ['PortariumNewToolDenied', 'warning'],
      ['PortariumMtlsHandshakeFailureSpike', 'warning'],
    ]);
  });

  it('carry what they are routed by, a runbook and a dashboard', () => {
    const rules = ruleGroups(platform).flatMap(({ rules: all }) => all.filter(({ alert }) => alert !== undefined));
    for (const { alert, labels, annotations } of rules) {
      expect(labels).toMatchObject({ team: 'portarium', namespace: 'portarium-observability' });
      expect(annotations!['runbook_url']).toMatch(new RegExp(`^https://\\S+\\.md#${alert!.toLowerCase()}$`));
      expect(annotations!['dashboard_url']).toMatch(/^https:\/\/\S+\/d\/portarium-enforcement/);
    }
  });

  it('refuse a name that is in no contract', () => {
    const renamed = { ...platform, monitoring: { ...platform.monitoring, metricNames: { sorCalls: 'a b' } } };
    expect(() => ruleGroups(renamed)).toThrow('Rules that would not work:');
  });

  it('have every duration divided by the factor', () => {
    const slow = JSON.stringify(ruleGroups(platform));
    const fast = JSON.stringify(ruleGroups(platform, 600));
    expect(slow).toMatch(/\[10m\]/);
    expect(fast).not.toMatch(/\[\d+[smhd]\]|offset \d+[smhd]\b|"for":"\d+[smhd]"/);
  });
});

interface Dashboard {
  readonly templating: { readonly list: readonly { readonly name: string }[] };
  readonly panels: readonly {
    readonly type: string;
    readonly title: string;
    readonly description: string;
    readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>;
    readonly targets: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[];
    readonly fieldConfig: {
      readonly defaults: {
        readonly unit: string;
        readonly noValue: string;
        readonly thresholds: { readonly steps: readonly unknown[] };
      };
    };
  }[];
}

describe('the dashboard', () => {
  const { panels, templating } = JSON.parse(dashboardJson(platform)) as Dashboard;
  const shown = panels.filter(({ type }) => type !== 'row');

  it('has the five panels of the runbook by name and in order', () => {
    const titles = shown.map(({ title }) => title);
    const first = titles.indexOf('Routing ratio');
    expect(titles.slice(first, first + 5)).toEqual([
      'Routing ratio',
      'Routed calls/min',
      'Direct calls/min',
      'Policy decisions',
      'Approval latency',
    ]);
  });

  it('has no two panels in one place, and none beyond the grid', () => {
    const cells = new Set<string>();
    for (const { gridPos, title } of panels) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(cells.has(`${x},${y}`), title).toBe(false);
          cells.add(`${x},${y}`);
        }
    }
  });

  it.each(shown.map((panel) => [panel.title, panel] as const))(
    '%s has unit, description and data source, and says in grey where there is no data',
    (_, panel) => {
      expect(panel.description.length).toBeGreaterThan(10);
      expect(panel.fieldConfig.defaults.unit).toBeTruthy();
      expect(panel.fieldConfig.defaults.noValue).toBe('no data');
      expect(panel.fieldConfig.defaults.thresholds.steps[0]).toEqual({ value: null, color: '#8e8e8e' });
      for (const { expr, datasource } of panel.targets) {
        expect(datasource.uid).toBe('${datasource}');
        expect(expr).not.toContain('vector(0)');
      }
    },
  );

  it('begins with the data source and the workspaces', () => {
    expect(templating.list.map(({ name }) => name)).toEqual(['datasource', 'ws']);
  });
});

describe('docs/metrics.md', () => {
  it('has a row for each metric of the contract', () => {
    const page = readFileSync('docs/metrics.md', 'utf8').replaceAll(/ +/g, ' ');
    for (const [key, { name, type, labels, emitter, zeroInitialised, help }] of Object.entries(METRICS)) {
      const row = `| \`${key}\` | \`${name}\` | ${type} | ${labels.join(', ')} | ${emitter} | ${zeroInitialised ? 'yes' : 'no'} | ${help} |`;
      expect(page).toContain(row.replaceAll(/ +/g, ' '));
    }
  });
});
