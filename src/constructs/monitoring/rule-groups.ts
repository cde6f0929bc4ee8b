import type { Alert } from '../../model/alerts/alert.js';
import { allAlerts, allRecordings, scopeOf } from '../../model/alerts/groups.js';
import { scaled } from '../../model/alerts/scaled.js';
import { NAMESPACES } from '../../model/names.js';
import type { Platform } from '../../model/platform.js';
import { DASHBOARD_UID } from './dashboard-uid.js';
import { expressionFaults } from './expression.js';

/** A group as Prometheus and PrometheusRule have it. */
export interface RuleGroup {
  readonly name: string;
  readonly interval: string;
  /** More alerts of one rule than this, and the whole rule fails: then PortariumRuleEvaluationFailing says so. */
  readonly limit?: number;
  readonly rules: readonly Rule[];
}
export interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly keep_firing_for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** By what our alerts are routed, on each of them. The namespace is the one of our AlertmanagerConfig, which matches it. */
export const ROUTED = { team: 'portarium', namespace: NAMESPACES.observability } as const;

const LIMIT = 500;

/**
 * Recording and alerting rules for the platform's workspaces; `factor` divides every duration, so that a test need not
 * wait. Throws where an expression is not PromQL or reads what the metric contract does not have.
 */
export function ruleGroups(platform: Platform, factor = 1): readonly RuleGroup[] {
  const scope = scopeOf(platform, factor);
  const recordings = allRecordings(scope);
  const alerts = allAlerts(scope);
  const faults = [
    ...recordings.map(({ record, expr }) => [record, expr] as const),
    ...alerts.map(({ alert, expr }) => [alert, expr] as const),
  ].flatMap(([name, expr]) => expressionFaults(expr, scope.names).map((fault) => `${name} ${fault}`));
  if (faults.length > 0) throw new Error(`Rules that would not work:\n${faults.join('\n')}`);
  const interval = scaled('1m', factor);
  return [
    { name: 'portarium-recording', interval, rules: recordings },
    ...[...Map.groupBy(alerts, ({ component }) => component)].map(([component, group]) => ({
      name: `portarium-${component}`,
      interval,
      limit: LIMIT,
      rules: group.map((alert) => ruleOf(platform, alert, factor)),
    })),
  ];
}

/** Of an alert's section. */
export const runbookUrl = (platform: Platform, { alert, component }: Alert): string =>
  `${platform.monitoring.runbookUrl}/${component}.md#${alert.toLowerCase()}`;

function ruleOf(platform: Platform, alert: Alert, factor: number): Rule {
  const perWorkspace = alert.summary.includes('$labels.workspace_id');
  const query = perWorkspace ? '?var-ws={{ $labels.workspace_id }}' : '';
  return {
    alert: alert.alert,
    expr: alert.expr,
    ...(alert.for && { for: scaled(alert.for, factor) }),
    ...(alert.keepFiringFor && { keep_firing_for: scaled(alert.keepFiringFor, factor) }),
    labels: {
      ...ROUTED,
      severity: alert.severity,
      component: alert.component,
      ...(alert.runbook && { phase4_step: '6' }),
    },
    annotations: {
      summary: alert.summary,
      description: `${alert.description} First: ${alert.command}`,
      runbook_url: runbookUrl(platform, alert),
      dashboard_url: `${platform.monitoring.grafanaUrl}/d/${DASHBOARD_UID}${query}`,
    },
  };
}
