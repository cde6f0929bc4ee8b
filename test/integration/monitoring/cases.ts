/** One alert over time, in a cluster that is healthy but for these series; instants in minutes. */
export interface Case {
  readonly alert: string;
  readonly name: string;
  /** Instead of, or beside, the healthy ones. `undefined` takes one away. */
  readonly series?: Readonly<Record<string, string | undefined>>;
  /** Instants at which it does not fire, the resolved one last. */
  readonly silent: readonly number[];
  /** Instants at which it fires, for exactly these labels. @default never */
  readonly fires?: { readonly at: readonly number[]; readonly labels: Readonly<Record<string, string>> };
}

const calls = (routed: boolean, more = '') =>
  `portarium_sor_calls_total{workspace_id="ws-acme",agent_id="bot",routed="${routed}"${more}}`;
const flow = (verdict: string): string =>
  `hubble_flows_to_world_total{source_namespace="portarium-agents",source_workload="bot",verdict="${verdict}"}`;
const front = 'namespace="portarium-control-plane",pod="api-server-0"';
const info = 'portarium_policy_info{workspace_id="ws-acme",level="enforced",policy_hash="a",readable="true"}';
const acme = { workspace_id: 'ws-acme' };
/** 0, then 1 for half an hour, then 0. */
const pulse = (at = 60): string => `0x${at - 1} 1x29 0x600`;
const once = (at = 60): string => `0x${at - 1} 1x600`;
const denied = (tool: string, pod = 'api-server-0'): string =>
  `portarium_tool_denied_total{workspace_id="ws-acme",mode="enforce",tool="${tool}",pod="${pod}"}`;
const listener = (name: string, port = 8443): string =>
  `envoy_listener_ssl_${name}{${front},envoy_listener_address="0.0.0.0_${port}"}`;
const wire = 'wire:transfer';
/** A rise of so many a minute for half an hour. */
const burst = (perMinute: number, before = 60): string => `0x${before - 1} 0+${perMinute}x30 ${30 * perMinute}x600`;
const server = 'namespace="portarium-control-plane",pod="spire-server-0"';

export const CASES: readonly Case[] = [
  {
    alert: 'PortariumDirectSorCall',
    name: 'the first call of a counter that begins at 0',
    series: { [calls(false)]: once() },
    silent: [59, 100],
    fires: { at: [61, 69], labels: acme },
  },
  {
    alert: 'PortariumDirectSorCall',
    name: 'the first call of a counter that is born with it',
    series: { [calls(false)]: '_x60 1x600' },
    silent: [59, 100],
    fires: { at: [62, 69], labels: acme },
  },
  {
    alert: 'PortariumDirectSorCall',
    name: 'a call after a restart, whose counter begins again',
    series: { [calls(false)]: '7x59 0 1x600' },
    silent: [58, 100],
    fires: { at: [62], labels: acme },
  },
  {
    alert: 'PortariumDirectSorCall',
    name: 'restarts without a call, and a new pod that begins at 0',
    series: { [calls(false)]: '7x59 0x600', [calls(false, ',pod="b"')]: '_x70 0x600' },
    silent: [61, 65, 72, 90],
  },
  {
    alert: 'PortariumDirectSorCall',
    name: 'a gap of 30 minutes, after which the counter is as before',
    series: { [calls(false)]: '7x60 _x30 7x600' },
    silent: [75, 92, 95, 110],
  },
  {
    alert: 'PortariumDirectSorCall',
    name: 'a workspace at routing, whose agents may',
    silent: [30, 90],
  },
  {
    alert: 'PortariumDirectSorCall',
    name: 'a call that only the network saw',
    series: { [flow('FORWARDED')]: '_x60 1x600' },
    silent: [59, 100],
    fires: { at: [62], labels: acme },
  },
  {
    alert: 'PortariumDirectSorCall',
    name: 'a workspace of whose policy nobody knows is watched as enforced',
    series: { [info]: '_x700', [calls(false)]: once() },
    silent: [59, 100],
    fires: { at: [62], labels: acme },
  },
  {
    alert: 'PortariumAgentReachedWorld',
    name: 'a flow that was let pass',
    series: { [flow('FORWARDED')]: '_x60 1x600' },
    silent: [59, 100],
    fires: { at: [62], labels: { source_namespace: 'portarium-agents' } },
  },
  {
    alert: 'PortariumCallAccountingStalled',
    name: 'heartbeats, but no calls',
    series: { [calls(true)]: '0+5x60 300x400 300+5x240' },
    silent: [60, 400, 500],
    fires: { at: [450], labels: acme },
  },
  {
    alert: 'PortariumRatioMissing',
    name: 'neither SDK nor network says anything',
    series: { [calls(false)]: '0x60 stale _x60 0x500', [flow('DROPPED')]: '0x60 stale _x60 0x500' },
    silent: [60, 65, 130],
    fires: { at: [85, 110], labels: acme },
  },
  {
    alert: 'PortariumRatioMissing',
    name: 'figures that are no numbers',
    series: { [calls(true)]: `${'NaN '.repeat(60)}0+5x600`, [flow('DROPPED')]: undefined },
    silent: [5, 120],
    fires: { at: [30, 50], labels: acme },
  },
  {
    alert: 'PortariumRatioMissing',
    name: 'no call at all is a ratio of 0, while somebody counts',
    series: { [calls(true)]: '0x600' },
    silent: [30, 90],
  },
  {
    alert: 'PortariumPolicyUnknown',
    name: 'no policy, and one that comes back',
    series: { [info]: '1x60 stale _x60 1x500' },
    silent: [60, 65, 130],
    fires: { at: [80, 110], labels: acme },
  },
  {
    alert: 'PortariumWorkspaceNotInInventory',
    name: 'calls of a workspace that is in no config',
    series: { 'portarium_sor_calls_total{workspace_id="ws-rogue",routed="false"}': '_x60 0x60 stale' },
    silent: [59, 65, 130],
    fires: { at: [80], labels: { workspace_id: 'ws-rogue' } },
  },
  {
    alert: 'PortariumFrontNotScraped',
    name: 'no metrics of the front',
    series: { [`portarium_authorizer_policies{${front}}`]: '2x60 stale _x60 2x500' },
    silent: [60, 64, 130],
    fires: { at: [75], labels: {} },
  },
  {
    alert: 'PortariumScrapeFailing',
    name: 'a target that is down',
    series: { [`up{${front},job="portarium/api-server"}`]: '1x59 0x29 1x600' },
    silent: [59, 63, 95],
    fires: { at: [70], labels: { workload_namespace: 'portarium-control-plane', job: 'portarium/api-server' } },
  },
  {
    alert: 'PortariumHubbleLosingEvents',
    name: 'the first loss, of a counter that is born with it',
    series: { 'hubble_lost_events_total{source="perf"}': '_x60 4x600' },
    silent: [59, 100],
    fires: { at: [62], labels: { source: 'perf' } },
  },
  {
    alert: 'PortariumPolicyBypassAttempt',
    name: 'the first attempt',
    series: { 'portarium_policy_bypass_attempts_total{workspace_id="ws-acme",pod="api-server-0"}': once() },
    silent: [59, 100],
    fires: { at: [61, 69], labels: acme },
  },
  {
    alert: 'PortariumPolicyBypassAttempt',
    name: 'the first of a counter that is born with it, at any level',
    series: { 'portarium_policy_bypass_attempts_total{workspace_id="ws-globex",pod="b"}': '_x60 1x600' },
    silent: [59, 100],
    fires: { at: [62], labels: { workspace_id: 'ws-globex' } },
  },
  {
    alert: 'PortariumNewToolDenied',
    name: 'a tool that was never denied, and one that always is',
    series: { [denied('crm:export')]: '3+1x700', [denied(wire)]: `0x99 1+1x600` },
    silent: [98],
    fires: { at: [105, 130], labels: { ...acme, tool: wire } },
  },
  {
    alert: 'PortariumNewToolDenied',
    name: 'the same after its first quarter of an hour and the hour that it fires on',
    series: { [denied(wire)]: `0x99 1+1x600` },
    silent: [98, 200],
    fires: { at: [105], labels: { ...acme, tool: wire } },
  },
  {
    alert: 'PortariumNewToolDenied',
    name: 'a tool whose counter is born with its first denial',
    series: { [denied(wire)]: '_x100 1x600' },
    silent: [99, 200],
    fires: { at: [102], labels: { ...acme, tool: wire } },
  },
  {
    alert: 'PortariumShadowDenials',
    name: 'what shadow let pass',
    series: {
      'portarium_policy_decisions_total{workspace_id="ws-globex",control="authz",mode="shadow",decision="would_deny"}':
        once(),
    },
    silent: [59, 110],
    fires: { at: [61], labels: { workspace_id: 'ws-globex', control: 'authz' } },
  },
  {
    alert: 'PortariumPolicyUnreadable',
    name: 'a policy that cannot be read',
    series: { [`portarium_authorizer_invalid_policies{${front}}`]: pulse() },
    silent: [59, 63, 95],
    fires: { at: [70], labels: {} },
  },
  {
    alert: 'PortariumCannotDecide',
    name: 'a call about which nobody decided',
    series: { [`portarium_authorizer_cannot_decide_total{${front}}`]: once() },
    silent: [59, 100],
    fires: { at: [61], labels: {} },
  },
  {
    alert: 'PortariumPolicyContactLost',
    name: 'a replica that hears nothing',
    series: { [`portarium_authorizer_policy_contact_seconds{${front}}`]: '3x59 90x29 3x600' },
    silent: [59, 60, 95],
    fires: { at: [65], labels: { pod: 'api-server-0' } },
  },
  {
    alert: 'PortariumAuditModeVerdicts',
    name: 'flows that would be dropped',
    series: {
      'hubble_policy_verdicts_total{action="audit",direction="egress",source_namespace="portarium-agents"}':
        '_x60 1x600',
    },
    silent: [59, 110],
    fires: { at: [62], labels: { source_namespace: 'portarium-agents' } },
  },
  {
    alert: 'PortariumEgressDrops',
    name: 'fifteen a minute',
    series: { 'cilium_drop_count_total{reason="Policy denied",direction="EGRESS",instance="node-a"}': burst(15) },
    silent: [59, 63, 120],
    fires: { at: [75], labels: { instance: 'node-a' } },
  },
  {
    alert: 'PortariumMtlsHandshakeFailureSpike',
    name: 'twelve a minute, over two reasons',
    series: { [listener('connection_error')]: burst(6), [listener('fail_verify_error')]: burst(6) },
    silent: [59, 62, 120],
    fires: { at: [75, 90], labels: { workload_namespace: 'portarium-control-plane' } },
  },
  {
    alert: 'PortariumMtlsHandshakeFailureSpike',
    name: 'nine a minute',
    series: { [listener('connection_error')]: burst(4), [listener('fail_verify_error')]: burst(5) },
    silent: [75, 90],
  },
  {
    alert: 'PortariumUnauthenticatedMtlsConnection',
    name: 'one connection without a certificate',
    series: { [listener('no_certificate')]: once() },
    silent: [59, 100],
    fires: {
      at: [61],
      labels: { workload_namespace: 'portarium-control-plane', envoy_listener_address: '0.0.0.0_8443' },
    },
  },
  {
    alert: 'PortariumSvidExpiringSoon',
    name: 'a certificate that is not renewed',
    series: {
      [`envoy_listener_ssl_certificate_expiration_unix_time_seconds{${front}}`]: '3600x79 7200+60x600',
    },
    silent: [44, 81],
    fires: { at: [46, 70], labels: { workload_namespace: 'portarium-control-plane', pod: 'api-server-0' } },
  },
  {
    alert: 'PortariumSpireCaExpiringSoon',
    name: 'a CA that is not rotated',
    series: { [`spire_server_manager_x509_ca_rotate_expiration{${server}}`]: '18000x119 86400x500' },
    silent: [59, 63, 121],
    fires: { at: [70], labels: { workload_namespace: 'portarium-control-plane', pod: 'spire-server-0' } },
  },
  {
    alert: 'PortariumSpireAgentNotReady',
    name: 'a node without an agent',
    series: {
      'kube_daemonset_status_number_ready{namespace="portarium-spire",daemonset="spire-agent"}': '3x59 2x29 3x600',
    },
    silent: [59, 63, 95],
    fires: { at: [70], labels: { workload_namespace: 'portarium-spire', daemonset: 'spire-agent' } },
  },
  {
    alert: 'PortariumSpireAgentRotationFailing',
    name: 'the first failure, of a counter that is born with it',
    series: {
      'spire_agent_agent_svid_rotate{namespace="portarium-spire",pod="spire-agent-a",status="Unavailable"}':
        '_x60 1x600',
    },
    silent: [59, 100],
    fires: { at: [62], labels: { workload_namespace: 'portarium-spire', pod: 'spire-agent-a' } },
  },
  ...['server', 'agent'].map((half) => ({
    alert: 'PortariumSpireAbsent',
    name: `no ${half}`,
    series: {
      [`spire_${half}_uptime_in_ms{pod="spire-${half}-${half === 'agent' ? 'a' : '0'}"}`]: '1x60 stale _x60 1x500',
    },
    silent: [60, 64, 130],
    fires: { at: [75], labels: {} },
  })),
  {
    alert: 'PortariumOpenFgaErrors',
    name: 'two in a hundred',
    series: {
      'grpc_server_handled_total{grpc_service="openfga.v1.OpenFGAService",grpc_method="Check",grpc_code="Unavailable"}':
        burst(2),
    },
    silent: [59, 62, 120],
    fires: { at: [75], labels: {} },
  },
  {
    alert: 'PortariumOpenFgaErrors',
    name: 'no requests, and no ratio of them',
    series: {
      'grpc_server_handled_total{grpc_service="openfga.v1.OpenFGAService",grpc_method="Check",grpc_code="OK"}': '9x600',
    },
    silent: [30, 90],
  },
  {
    alert: 'PortariumOpenFgaSlow',
    name: 'checks between 50 and 500 ms',
    series: { 'openfga_request_duration_ms_bucket{grpc_method="check",le="50"}': '0+100x60 6000x40 6000+100x500' },
    silent: [60, 68, 120],
    fires: { at: [85], labels: {} },
  },
  {
    alert: 'PortariumOpenFgaNeverDenies',
    name: 'hundreds allowed, none denied',
    series: { 'openfga_check_result_count{allowed="false"}': '0x200 0+10x400' },
    silent: [5, 210],
    fires: { at: [60, 190], labels: {} },
  },
  {
    alert: 'PortariumOpenFgaUnreachable',
    name: 'no answers',
    series: { [`portarium_authorizer_openfga_seconds_count{${front},answered="false"}`]: burst(5) },
    silent: [59, 61, 110],
    fires: { at: [70], labels: {} },
  },
  {
    alert: 'PortariumDenyPolicyMissing',
    name: 'a baseline that is deleted',
    series: {
      'kube_networkpolicy_created{namespace="portarium-agents",networkpolicy="agent-deny-default-ws-acme"}':
        '1x60 stale _x60 1x500',
    },
    silent: [60, 61, 130],
    fires: { at: [70], labels: { ...acme, source_namespace: 'portarium-agents' } },
  },
  {
    alert: 'PortariumDrift',
    name: 'one object',
    series: { 'portarium_drift_resources{workspace_id="ws-acme"}': pulse() },
    silent: [59, 60, 95],
    fires: { at: [65], labels: acme },
  },
  {
    alert: 'PortariumDriftUnknown',
    name: 'a watch that cannot list',
    series: { 'portarium_drift_check_success{workspace_id="ws-acme"}': '1x59 0x89 1x500' },
    silent: [59, 80, 155],
    fires: { at: [100], labels: acme },
  },
  {
    alert: 'PortariumDriftUnknown',
    name: 'no watch at all',
    series: { 'portarium_drift_check_success{workspace_id="ws-acme"}': '1x60 stale _x90 1x500' },
    silent: [59, 80, 160],
    fires: { at: [100], labels: acme },
  },
  {
    alert: 'PortariumBreakGlassTooLong',
    name: 'a stack that is still open, and one that is closed in the end',
    series: {
      'portarium_relaxation_expiry_timestamp_seconds{workspace_id="ws-acme",control="egress"}': '_x30 3600x60 stale',
    },
    silent: [59, 64, 95],
    fires: { at: [70], labels: { ...acme, control: 'egress' } },
  },
  {
    alert: 'PortariumBreakGlassOpen',
    name: 'a Relaxation of half an hour',
    series: {
      'portarium_relaxation_expiry_timestamp_seconds{workspace_id="ws-acme",control="egress"}': '_x30 3600x60 stale',
    },
    silent: [29, 61],
    fires: { at: [32, 58], labels: { ...acme, control: 'egress' } },
  },
  {
    alert: 'PortariumRuleEvaluationFailing',
    name: 'a group that fails',
    series: { 'prometheus_rule_evaluation_failures_total{rule_group="rules.yaml;portarium-policy"}': once() },
    silent: [59, 75],
    fires: { at: [61], labels: { rule_group: 'rules.yaml;portarium-policy' } },
  },
  {
    alert: 'PortariumRuleGroupStale',
    name: 'a group that stands still',
    series: {
      'prometheus_rule_group_last_evaluation_timestamp_seconds{rule_group="rules.yaml;portarium-policy"}':
        '0+60x60 3600x30 5460+60x500',
    },
    silent: [60, 64, 92],
    fires: { at: [70], labels: { rule_group: 'rules.yaml;portarium-policy' } },
  },
  {
    alert: 'PortariumAlertDeliveryFailing',
    name: 'a receiver that takes nothing',
    series: { 'alertmanager_notifications_failed_total{integration="webhook"}': once() },
    silent: [59, 100],
    fires: { at: [61], labels: { integration: 'webhook' } },
  },
  {
    alert: 'PortariumAlertDeliveryFailing',
    name: 'no Alertmanager',
    series: { prometheus_notifications_dropped_total: once() },
    silent: [59, 100],
    fires: { at: [61], labels: {} },
  },
  {
    alert: 'PortariumRulesRejected',
    name: 'a PrometheusRule',
    series: { 'prometheus_operator_managed_resources{resource="PrometheusRule",state="rejected"}': pulse() },
    silent: [59, 63, 95],
    fires: { at: [70], labels: { resource: 'PrometheusRule' } },
  },
];
