import { ENFORCED, inForce, SILENT, type Case } from './case.js';

const policy = (namespace: string, name: string): string =>
  `kube_networkpolicy_created{namespace="${namespace}",networkpolicy="${name}"}`;
const acme = { workspace_id: 'ws-acme' };
const drift = (what: string, id = 'ws-acme'): string => `portarium_drift_${what}{workspace_id="${id}"}`;
const watched = {
  [drift('check_success', 'ws-beta')]: '1x90',
  [drift('check_success', 'ws-globex')]: '1x90',
};
const expiry =
  'portarium_relaxation_expiry_timestamp_seconds{workspace_id="ws-acme",control="egress",pod="api-server-0"}';
const egress = { ...acme, control: 'egress' };
const group = (name: string): string => `/etc/prometheus/rules/portarium.yaml;${name}`;

export const CHANGE: readonly Case[] = [
  {
    alert: 'PortariumDenyPolicyMissing',
    shows: 'one namespace that loses its policy, until it has it again; another policy, or the same elsewhere, is none',
    traits: ['absent'],
    series: {
      ...ENFORCED,
      [policy('portarium-agents', 'agent-deny-default-ws-acme')]: '1x60',
      [policy('portarium-agents', 'agent-deny-default-ws-beta')]: '1x60',
      [policy('portarium-agents-globex', 'agent-deny-default-ws-globex')]: '1x10 stale _x9 1x30',
      [policy('portarium-agents', 'agent-deny-default-ws-globex')]: '1x60',
      [policy('portarium-agents-globex', 'allow-dns')]: '1x60',
    },
    at: {
      10: SILENT,
      12: SILENT,
      14: [{ workspace_id: 'ws-globex', source_namespace: 'portarium-agents-globex' }],
      25: SILENT,
    },
  },
  {
    alert: 'PortariumDrift',
    shows: 'one object that is not as approved, until it is',
    series: { [drift('resources')]: '0x5 1x10 0x20', [drift('resources', 'ws-globex')]: '0x40' },
    at: { 5: SILENT, 7: SILENT, 9: [acme], 18: SILENT },
  },
  {
    alert: 'PortariumDriftUnknown',
    shows: 'a last look 26 hours ago, until there is a newer one',
    series: {
      ...ENFORCED,
      ...watched,
      [drift('check_success')]: '1x90',
      // Time begins at 0 here: 26 hours are over at minute 30.
      [drift('last_check_timestamp_seconds')]: '-91800x70 3600x20',
    },
    at: { 29: SILENT, 58: SILENT, 63: [acme], 75: SILENT },
  },
  {
    alert: 'PortariumDriftUnknown',
    shows: 'a look that was not complete',
    series: {
      ...ENFORCED,
      ...watched,
      [drift('check_success')]: '1x5 0x40 1x40',
      [drift('last_check_timestamp_seconds')]: '0x90',
    },
    at: { 5: SILENT, 33: SILENT, 38: [acme], 50: SILENT },
  },
  {
    alert: 'PortariumDriftUnknown',
    shows: 'a workspace at which nobody looks',
    traits: ['absent'],
    series: { ...ENFORCED, ...watched },
    at: { 28: SILENT, 32: [acme] },
  },
  {
    alert: 'PortariumDriftUnknown',
    shows: 'a workspace that has no policy yet, and need not',
    traits: ['not enforced'],
    series: {
      [inForce('ws-acme', 'enforced')]: '1x90',
      [inForce('ws-globex', 'routing')]: '1x90',
      [drift('check_success')]: '1x90',
      [drift('check_success', 'ws-globex')]: '1x90',
    },
    at: { 45: SILENT },
  },
  {
    alert: 'PortariumBreakGlassTooLong',
    shows: 'objects that are rendered open after the Relaxation, until they are closed',
    series: { [expiry]: '600x30 stale' },
    at: { 9: SILENT, 14: SILENT, 17: [egress], 33: SILENT },
  },
  {
    alert: 'PortariumBreakGlassTooLong',
    shows: 'objects that are rendered open by a Relaxation that is not there',
    traits: ['absent'],
    series: { [expiry]: '0x30' },
    at: { 3: SILENT, 8: [egress] },
  },
  {
    alert: 'PortariumBreakGlassOpen',
    shows: 'a Relaxation, until it ends',
    series: { [expiry]: '_x5 600x30' },
    at: { 3: SILENT, 6: [egress], 9: [egress], 11: SILENT },
  },
];

export const PIPELINE: readonly Case[] = [
  {
    alert: 'PortariumRuleEvaluationFailing',
    shows: 'a group of ours that fails once, and one of others',
    series: {
      [`prometheus_rule_evaluation_failures_total{rule_group="${group('portarium-mtls')}"}`]: '0x20 1x40',
      'prometheus_rule_evaluation_failures_total{rule_group="/etc/x.yaml;node"}': '0+1x60',
    },
    at: { 19: SILENT, 21: [{ rule_group: group('portarium-mtls') }], 35: SILENT },
  },
  {
    alert: 'PortariumRuleGroupStale',
    shows: 'a group of ours that has not been evaluated for five minutes, until it is; and one of others',
    series: {
      [`prometheus_rule_group_last_evaluation_timestamp_seconds{rule_group="${group('portarium-mtls')}"}`]:
        '0x10 660x4',
      'prometheus_rule_group_last_evaluation_timestamp_seconds{rule_group="/etc/x.yaml;node"}': '0x30',
    },
    at: { 5: SILENT, 6: [{ rule_group: group('portarium-mtls') }], 13: SILENT },
  },
  {
    alert: 'PortariumAlertDeliveryFailing',
    shows: 'a receiver that does not take a notification, the first included',
    traits: ['first increase'],
    series: { 'alertmanager_notifications_failed_total{integration="webhook"}': '_x19 1x60' },
    at: { 18: SILENT, 21: [{ integration: 'webhook' }], 38: [{ integration: 'webhook' }], 44: SILENT },
  },
  {
    alert: 'PortariumAlertDeliveryFailing',
    shows: 'a Prometheus that reaches no Alertmanager',
    series: {
      prometheus_notifications_dropped_total: '0x20 1x60',
      'alertmanager_notifications_failed_total{integration="webhook"}': '0x80',
    },
    at: { 19: SILENT, 21: [{}], 45: SILENT },
  },
  {
    alert: 'PortariumRulesRejected',
    shows: 'rules that the operator rejects, for a while; those of other kinds and those that it selects do not count',
    series: {
      'prometheus_operator_managed_resources{resource="PrometheusRule",state="rejected"}': '0x5 1x10 0x20',
      'prometheus_operator_managed_resources{resource="PrometheusRule",state="selected"}': '9x40',
      'prometheus_operator_managed_resources{resource="Probe",state="rejected"}': '9x40',
    },
    at: { 5: SILENT, 9: SILENT, 12: [{ resource: 'PrometheusRule' }], 18: SILENT },
  },
  {
    alert: 'PortariumWatchdog',
    shows: 'that anything at all works',
    series: { up: '1x10' },
    at: { 0: [{}], 5: [{}], 10: [{}] },
  },
];
