import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { promtool } from '../../../../lab/alertmanager.js';
import { ruleGroups, type Rule, type RuleGroup } from '../../../../src/constructs/monitoring/rule-groups.js';
import type { Platform } from '../../../../src/model/platform.js';
import { PLATFORM } from '../../../model/examples.js';
import type { Case, Labels } from './case.js';

/** With Hubble, so that every alert there is is rendered, and one workspace that need not have a policy yet. */
const platform: Platform = {
  ...PLATFORM,
  pending: ['ws-beta'],
  network: { cilium: true, clusterNetworkPolicy: false },
  monitoring: {
    podMonitors: true,
    prometheusRules: true,
    runbookUrl: 'https://docs.example.com/runbook',
    grafanaUrl: 'https://grafana.example.com',
  },
};

export const GROUPS = ruleGroups(platform);

type AlertRule = Rule & { readonly alert: string };
const isAlert = (rule: Rule): rule is AlertRule => rule.alert !== undefined;
export const ALERTS: readonly AlertRule[] = GROUPS.flatMap(({ rules }) => rules).filter(isAlert);

/** What routes an alert, as the runbook and research say it, not as the rules do: they are held against this. */
export const SEVERITIES: Readonly<Record<string, string>> = {
  PortariumDirectSorCall: 'critical',
  PortariumPolicyBypassAttempt: 'critical',
  PortariumMtlsHandshakeFailureSpike: 'warning',
  PortariumNewToolDenied: 'warning',
  PortariumAgentReachedWorld: 'critical',
  PortariumCallAccountingStalled: 'warning',
  PortariumRatioMissing: 'critical',
  PortariumRatioNeverKnown: 'warning',
  PortariumPolicyUnknown: 'critical',
  PortariumWorkspaceNotInInventory: 'warning',
  PortariumFrontNotScraped: 'critical',
  PortariumScrapeFailing: 'warning',
  PortariumHubbleLosingEvents: 'warning',
  PortariumShadowDenials: 'info',
  PortariumPolicyUnreadable: 'warning',
  PortariumCannotDecide: 'warning',
  PortariumPolicyContactLost: 'warning',
  PortariumAuditModeVerdicts: 'info',
  PortariumEgressDrops: 'info',
  PortariumUnauthenticatedMtlsConnection: 'critical',
  PortariumSvidExpiringSoon: 'warning',
  PortariumSpireCaExpiringSoon: 'critical',
  PortariumSpireAgentNotReady: 'warning',
  PortariumSpireAgentRotationFailing: 'warning',
  PortariumSpireAbsent: 'critical',
  PortariumOpenFgaErrors: 'warning',
  PortariumOpenFgaSlow: 'warning',
  PortariumOpenFgaNeverDenies: 'warning',
  PortariumOpenFgaUnreachable: 'critical',
  PortariumDenyPolicyMissing: 'critical',
  PortariumDrift: 'warning',
  PortariumDriftUnknown: 'warning',
  PortariumBreakGlassTooLong: 'critical',
  PortariumBreakGlassOpen: 'info',
  PortariumRuleEvaluationFailing: 'warning',
  PortariumRuleGroupStale: 'warning',
  PortariumAlertDeliveryFailing: 'warning',
  PortariumRulesRejected: 'warning',
  PortariumWatchdog: 'none',
};
/** The four of runbook Phase 4 step 6. */
export const OF_THE_RUNBOOK = [
  'PortariumDirectSorCall',
  'PortariumMtlsHandshakeFailureSpike',
  'PortariumPolicyBypassAttempt',
  'PortariumNewToolDenied',
];

export interface Outcome {
  readonly ok: boolean;
  readonly output: string;
  /** Alerts of which promtool reports a case as failed. */
  readonly failed: ReadonlySet<string>;
}

/**
 * Runs cases by `promtool test rules`, each alert with the recording rules that it stands on. What fires is asked as the
 * series ALERTS that the rules leave, by exact labels.
 * @param mutate changes rules before they are run
 */
export async function run(cases: readonly Case[], mutate: (rule: Rule) => Rule = (rule) => rule): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'alert-cases-'));
  try {
    const files = [...Map.groupBy(cases, ({ alert, interval = 1 }) => `${alert}-${interval}m`)].map(([name, each]) =>
      written(folder, name, each, mutate),
    );
    // Two at a time, each with every other file: the long stories lie together.
    const halves = [0, 1]
      .map((half) => files.filter((_, index) => index % 2 === half))
      .filter((half) => half.length > 0);
    const said = await Promise.all(halves.map((half) => promtool('test', 'rules', ...half)));
    const ok = said.every((each) => each.ok);
    const output = said.map((each) => each.output).join('');
    const failed = new Set([...output.matchAll(/ALERTS\{alertname=\\"(\w+)\\"/g)].map(([, alert]) => alert!));
    return { ok, output, failed };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function written(folder: string, name: string, cases: readonly Case[], mutate: (rule: Rule) => Rule): string {
  const groups = standingOn(cases[0]!.alert).map((group) => ({ ...group, rules: group.rules.map(mutate) }));
  const interval = `${cases[0]!.interval ?? 1}m`;
  writeFileSync(join(folder, `${name}-rules.yml`), stringify({ groups }, { lineWidth: 0 }));
  const file = join(folder, `${name}.yml`);
  const tests = {
    rule_files: [`${name}-rules.yml`],
    evaluation_interval: interval,
    group_eval_order: groups.map((group) => group.name),
    tests: cases.map((each) => testOf(each, interval)),
  };
  writeFileSync(file, stringify(tests, { lineWidth: 0, aliasDuplicateObjects: false }));
  return file;
}

/** The alert, and the recording rules that it reads, or that those read. */
function standingOn(alert: string): readonly RuleGroup[] {
  const rules = GROUPS.flatMap((group) => group.rules);
  const wanted = new Set<Rule>(rules.filter((rule) => rule.alert === alert));
  for (const { expr } of wanted) {
    for (const rule of rules) if (rule.record !== undefined && expr.includes(rule.record)) wanted.add(rule);
  }
  return GROUPS.map((group) => ({ ...group, rules: group.rules.filter((rule) => wanted.has(rule)) })).filter(
    (group) => group.rules.length > 0,
  );
}

const testOf = ({ alert, shows, series, at }: Case, interval: string): object => ({
  name: `${alert}: ${shows}`,
  interval,
  input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
  promql_expr_test: Object.entries(at).map(([minute, firing]) => ({
    expr: `ALERTS{alertname="${alert}",alertstate="firing"}`,
    eval_time: `${minute}m`,
    exp_samples: firing.map((labels) => ({ labels: seriesOf(alert, labels), value: 1 })),
  })),
});

function seriesOf(alert: string, labels: Labels): string {
  const all = {
    alertname: alert,
    alertstate: 'firing',
    team: 'portarium',
    namespace: 'portarium-observability',
    component: groupOf(alert).name.replace('portarium-', ''),
    severity: SEVERITIES[alert],
    ...(OF_THE_RUNBOOK.includes(alert) && { phase4_step: '6' }),
    ...labels,
  };
  const pairs = Object.entries(all).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `ALERTS{${pairs.join(', ')}}`;
}

function groupOf(alert: string): RuleGroup {
  const group = GROUPS.find(({ rules }) => rules.some((rule) => rule.alert === alert));
  if (group === undefined) throw new Error(`no rule is called ${alert}`);
  return group;
}
