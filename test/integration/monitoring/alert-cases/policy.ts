import { SILENT, type Case } from './case.js';

const bypass = 'portarium_policy_bypass_attempts_total{workspace_id="ws-acme",pod="api-server-0"}';
const denied = (tool: string, mode = 'enforce'): string =>
  `portarium_tool_denied_total{workspace_id="ws-acme",mode="${mode}",tool="${tool}",pod="api-server-0"}`;
const decisions = (decision: string): string =>
  `portarium_policy_decisions_total{workspace_id="ws-acme",control="mtls",mode="shadow",decision="${decision}",pod="api-server-0"}`;
const verdicts = (action: string, direction: string, namespace: string): string =>
  `hubble_policy_verdicts_total{action="${action}",direction="${direction}",source_namespace="${namespace}",source_workload="bot",match="none"}`;
const drops = (reason: string, direction: string): string =>
  `cilium_drop_count_total{reason="${reason}",direction="${direction}",instance="node-1"}`;
const acme = { workspace_id: 'ws-acme' };
const wire = { ...acme, tool: 'wire:transfer' };
const mtls = { ...acme, control: 'mtls' };
const agents = { source_namespace: 'portarium-agents' };

export const POLICY: readonly Case[] = [
  {
    alert: 'PortariumPolicyBypassAttempt',
    shows: 'one attempt, which is over some day',
    series: { [bypass]: '0x20 1x80' },
    at: { 19: SILENT, 21: [acme], 44: [acme], 50: SILENT },
  },
  {
    alert: 'PortariumPolicyBypassAttempt',
    shows: 'the first attempt ever',
    traits: ['first increase'],
    series: { [bypass]: '_x19 1x80' },
    at: { 18: SILENT, 21: [acme], 60: SILENT },
  },
  {
    alert: 'PortariumPolicyBypassAttempt',
    shows: 'a restart of the front',
    traits: ['restart'],
    series: { [bypass]: '0x4 7x60 0x60' },
    at: { 62: SILENT, 66: SILENT, 100: SILENT },
  },
  {
    alert: 'PortariumPolicyBypassAttempt',
    shows: 'half an hour without scrapes, and no attempt in it',
    traits: ['gap'],
    series: { [bypass]: '0x4 7x56 _x30 7x60' },
    at: { 55: SILENT, 93: SILENT, 120: SILENT },
  },
  {
    alert: 'PortariumPolicyBypassAttempt',
    shows: 'an attempt within half an hour without scrapes',
    traits: ['gap'],
    series: { [bypass]: '0x4 7x56 _x30 8x60' },
    at: { 60: SILENT, 93: [acme], 130: SILENT },
  },
  {
    alert: 'PortariumPolicyBypassAttempt',
    shows: 'no front that counts',
    traits: ['absent'],
    series: { 'portarium_authorizer_policies{pod="api-server-0"}': '1x60' },
    at: { 30: SILENT },
  },
  {
    alert: 'PortariumNewToolDenied',
    shows: 'a tool that has not been denied before, by the front’s second replica too',
    series: {
      [denied('wire:transfer')]: '0x20 1x200',
      [denied('invoice:void')]: '0x220',
      'portarium_tool_denied_total{workspace_id="ws-acme",mode="enforce",tool="wire:transfer",pod="api-server-1"}':
        '0x220',
    },
    at: { 19: SILENT, 21: [wire], 92: [wire], 99: SILENT },
  },
  {
    alert: 'PortariumNewToolDenied',
    shows: 'the first denial ever',
    traits: ['first increase'],
    series: { [denied('wire:transfer')]: '_x19 1x200' },
    at: { 18: SILENT, 21: [wire], 110: SILENT },
  },
  {
    alert: 'PortariumNewToolDenied',
    shows: 'tools that are denied all the time, and a front that restarts',
    traits: ['restart'],
    series: { [denied('other', 'shadow')]: '0+1x120 0+1x120', [denied('other')]: '0x240' },
    at: { 105: SILENT, 123: SILENT, 150: SILENT, 230: SILENT },
  },
  {
    alert: 'PortariumNewToolDenied',
    shows: 'memory of seven days, and no longer',
    interval: 15,
    series: { [denied('wire:transfer')]: '0x48 1x192 2x800 3x96' },
    // Half a day, two days and a half, and more than eight days after that.
    at: { 720: SILENT, 735: [wire], 3615: SILENT, 3630: SILENT, 15630: SILENT, 15645: [wire] },
  },
  {
    alert: 'PortariumShadowDenials',
    shows: 'what shadow lets pass',
    series: { [decisions('would_deny')]: '0x20 1x80' },
    at: { 19: SILENT, 21: [mtls], 49: [mtls], 55: SILENT },
  },
  {
    alert: 'PortariumShadowDenials',
    shows: 'calls that are allowed or denied',
    series: { [decisions('allow')]: '0+1x60', [decisions('deny')]: '0+1x60', [decisions('would_deny')]: '0x60' },
    at: { 30: SILENT },
  },
  {
    alert: 'PortariumPolicyUnreadable',
    shows: 'a policy that cannot be read by one replica, for a while',
    series: {
      'portarium_authorizer_invalid_policies{pod="api-server-0"}': '0x5 1x10 0x20',
      'portarium_authorizer_invalid_policies{pod="api-server-1"}': '0x40',
    },
    at: { 5: SILENT, 9: SILENT, 12: [{}], 18: SILENT },
  },
  {
    alert: 'PortariumCannotDecide',
    shows: 'one call about which nothing could be decided',
    series: { 'portarium_authorizer_cannot_decide_total{pod="api-server-0"}': '0x20 1x60' },
    at: { 19: SILENT, 21: [{}], 39: [{}], 45: SILENT },
  },
  {
    alert: 'PortariumPolicyContactLost',
    shows: 'one replica that has lost the API server',
    series: {
      'portarium_authorizer_policy_contact_seconds{pod="api-server-0"}': '25x5 35x10 1x20',
      'portarium_authorizer_policy_contact_seconds{pod="api-server-1"}': '29x40',
    },
    at: { 5: SILENT, 7: SILENT, 9: [{ pod: 'api-server-0' }], 18: SILENT },
  },
  {
    alert: 'PortariumAuditModeVerdicts',
    shows: 'a flow that enforcing would drop, the first included',
    traits: ['first increase'],
    series: { [verdicts('audit', 'egress', 'portarium-agents')]: '_x19 1x80' },
    at: { 18: SILENT, 21: [agents], 48: [agents], 56: SILENT },
  },
  {
    alert: 'PortariumAuditModeVerdicts',
    shows: 'verdicts of other kinds and of others',
    series: {
      [verdicts('audit', 'egress', 'portarium-agents')]: '3x60',
      [verdicts('forwarded', 'egress', 'portarium-agents')]: '0+1x60',
      [verdicts('audit', 'ingress', 'portarium-agents')]: '0+1x60',
      [verdicts('audit', 'egress', 'kube-system')]: '0+1x60',
    },
    at: { 45: SILENT },
  },
  {
    alert: 'PortariumEgressDrops',
    shows: '9 a minute, then 11',
    series: {
      [drops('Policy denied', 'EGRESS')]: '0+9x30 281+11x30 611x60',
      [drops('Policy denied', 'INGRESS')]: '0+50x120',
      [drops('Stale or unroutable IP', 'EGRESS')]: '0+50x120',
    },
    at: {
      30: SILENT,
      36: SILENT,
      41: [{ instance: 'node-1' }],
      70: [{ instance: 'node-1' }],
      78: SILENT,
    },
  },
];
