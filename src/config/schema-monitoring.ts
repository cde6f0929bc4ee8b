import { z } from 'zod';
import { METRICS, type MetricKey } from '../model/metrics.js';
import { dnsLabel, httpsUrl, podLabels, show, strict } from './values.js';

const metricName = z.string().regex(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/, {
  error: (issue) => `${show(issue.input)} is not the name of a metric. Allowed: letters, digits, "_" and ":".`,
});
const keys = Object.keys(METRICS) as MetricKey[];
const names = Object.fromEntries(keys.map((key) => [key, metricName.optional()])) as Record<
  MetricKey,
  z.ZodOptional<typeof metricName>
>;

/** What is rendered for the cluster's own Prometheus, Alertmanager and Grafana. */
export const monitoringShape = {
  prometheusRules: z.boolean().default(false).meta({
    description: 'Render PrometheusRule, AlertmanagerConfig and the dashboard. Needs runbookUrl, grafanaUrl.',
  }),
  ruleLabels: podLabels.optional().meta({
    description: 'By which the operator’s ruleSelector finds them, for example release: kube-prometheus-stack.',
  }),
  runbookUrl: httpsUrl.optional().meta({ description: 'Where docs/runbook is published, without a slash at its end.' }),
  grafanaUrl: httpsUrl.optional().meta({ description: 'Of the Grafana that loads the dashboard.' }),
  alertReceiversSecret: dnsLabel.optional().meta({
    description: 'Secret in portarium-observability: keys pager, ticket, heartbeat, each the URL of a webhook.',
  }),
  metricNames: strict(names)
    .optional()
    .meta({ description: 'How series are called that the cluster calls otherwise than docs/metrics.md.' }),
} as const;
