import { Construct } from 'constructs';
import { NAMESPACES } from '../../model/names.js';
import type { Platform } from '../../model/platform.js';
import { object } from '../object.js';
import { ALERTMANAGER_CONFIG, alertmanagerConfig } from './alertmanager.js';
import { dashboardJson } from './dashboard.js';
import { ruleGroups } from './rule-groups.js';

/** Where URLs of receivers are, unless the config says otherwise. */
export const RECEIVERS_SECRET = 'portarium-alert-receivers';

/**
 * What the cluster's own Prometheus, Alertmanager and Grafana load: recording and alerting rules, routes, and the
 * dashboard as the ConfigMap that Grafana's sidecar looks for. Throws where a rule would not work.
 * Source: runbook Phase 3 step 4 and Phase 4 step 6; prometheus-operator, PrometheusRule and AlertmanagerConfig.
 */
export class Monitoring extends Construct {
  constructor(scope: Construct, id: string, platform: Platform) {
    super(scope, id);
    const namespace = NAMESPACES.observability;
    const { ruleLabels = {}, alertReceiversSecret = RECEIVERS_SECRET } = platform.monitoring;
    object(this, 'rules', {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      name: 'portarium-enforcement',
      namespace,
      labels: ruleLabels,
      content: { spec: { groups: ruleGroups(platform) } },
    });
    object(this, 'routes', {
      apiVersion: 'monitoring.coreos.com/v1alpha1',
      kind: 'AlertmanagerConfig',
      ...ALERTMANAGER_CONFIG,
      labels: ruleLabels,
      content: { spec: alertmanagerConfig(alertReceiversSecret) },
    });
    object(this, 'dashboard', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      name: 'portarium-enforcement-dashboard',
      namespace,
      labels: { grafana_dashboard: '1' },
      content: { data: { 'portarium-enforcement.json': dashboardJson(platform) } },
    });
  }
}
