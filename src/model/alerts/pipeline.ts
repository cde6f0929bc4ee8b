import { risen, type Alert, type Scope } from './alert.js';

const OURS = 'rule_group=~".*portarium-.*"';

/** Whether anybody would hear of the others. */
export function pipelineAlerts(scope: Scope): readonly Alert[] {
  const { names, seconds, time } = scope;
  return [
    {
      alert: 'PortariumRuleEvaluationFailing',
      severity: 'warning',
      component: 'pipeline',
      expr: `${risen(scope, `${names.ruleFailures}{${OURS}}`, 'rule_group', '10m')} > 0`,
      summary: 'Rules of {{ $labels.rule_group }} cannot be evaluated',
      description: 'Alerts of this group are not raised. More than 500 alerts at once do this too.',
      command: 'kubectl -n portarium-observability logs sts/prometheus-k8s --since 30m | grep "rule"',
    },
    {
      alert: 'PortariumRuleGroupStale',
      severity: 'warning',
      component: 'pipeline',
      expr: `time() - max by (rule_group) (${names.ruleEvaluated}{${OURS}}) > ${seconds('5m')}`,
      summary: '{{ $labels.rule_group }} has not been evaluated for {{ $value | humanizeDuration }}',
      description: 'Prometheus is overloaded or stuck; alerts come late or not at all.',
      command: 'kubectl -n portarium-observability top pods',
    },
    {
      alert: 'PortariumAlertDeliveryFailing',
      severity: 'warning',
      component: 'pipeline',
      expr: `(${risen(scope, names.notificationsFailed, 'integration', '10m')} > 0)
or
(sum(increase(${names.notificationsDropped}[${time('10m')}])) > 0)`,
      keepFiringFor: '10m',
      summary: 'Alerts do not reach their receivers',
      description: 'Prometheus reaches no Alertmanager, or Alertmanager no {{ $labels.integration }}.',
      command: 'kubectl -n portarium-observability logs sts/alertmanager-main --since 30m',
    },
    {
      alert: 'PortariumRulesRejected',
      severity: 'warning',
      component: 'pipeline',
      expr: `sum by (resource) (${names.rejectedObjects}{state="rejected",resource=~"PrometheusRule|PodMonitor|AlertmanagerConfig"}) > 0`,
      for: '5m',
      summary: 'The Prometheus operator rejects a {{ $labels.resource }}',
      description: 'What it says is not in force.',
      command: 'kubectl get events -A --field-selector reason=InvalidConfiguration',
    },
    {
      alert: 'PortariumWatchdog',
      severity: 'none',
      component: 'pipeline',
      expr: 'vector(1)',
      summary: 'Always firing',
      description: 'When it stops, rules, Alertmanager or the way to the receiver are down.',
      command: 'kubectl -n portarium-observability get pods',
    },
  ];
}
