/** The alerts whose conditions `exposition` simulates while the cluster is broken: the four of the runbook, and others. */
export const CONDITIONS = [
  'PortariumDirectSorCall',
  'PortariumPolicyBypassAttempt',
  'PortariumMtlsHandshakeFailureSpike',
  'PortariumNewToolDenied',
  'PortariumAgentReachedWorld',
  'PortariumUnauthenticatedMtlsConnection',
  'PortariumPolicyUnreadable',
  'PortariumScrapeFailing',
  'PortariumSpireAgentNotReady',
  'PortariumRulesRejected',
  'PortariumBreakGlassTooLong',
] as const;

let began = 0;
let events = 0;
let failures = 0;

/** What the exporter says at an instant: counters rise only while something is broken. */
export function exposition(now: number, broken: boolean): string {
  began ||= now;
  if (broken) {
    events ||= 1;
    failures += 20;
  }
  const since = Math.floor((now - began) * 100);
  const front = 'namespace="portarium-control-plane",pod="api-server-0"';
  const acme = 'workspace_id="ws-acme"';
  const lines = [
    ...['ws-acme', 'ws-globex', 'ws-new'].flatMap((id, index) => {
      const namespace = ['portarium-agents', 'portarium-agents-globex', 'portarium-agents-new'][index];
      return [
        `portarium_policy_info{workspace_id="${id}",level="enforced",policy_hash="a",readable="true"} 1`,
        `portarium_sor_calls_total{workspace_id="${id}",agent_id="bot",routed="true"} ${since}`,
        `portarium_drift_check_success{workspace_id="${id}"} 1`,
        `portarium_drift_last_check_timestamp_seconds{workspace_id="${id}"} ${now}`,
        `kube_networkpolicy_created{namespace="${namespace}",networkpolicy="agent-deny-default-${id}"} 1`,
        `hubble_flows_to_world_total{source_namespace="${namespace}",source_workload="bot",verdict="DROPPED"} ${since}`,
      ];
    }),
    `portarium_sor_calls_total{${acme},agent_id="bot",routed="false"} ${events}`,
    `portarium_policy_bypass_attempts_total{${acme}} ${events}`,
    // Of another workspace: a page of ws-acme holds back its tickets.
    `portarium_tool_denied_total{workspace_id="ws-globex",mode="enforce",tool="other"} ${events}`,
    `hubble_flows_to_world_total{source_namespace="portarium-agents",source_workload="bot",verdict="FORWARDED"} ${events}`,
    `envoy_listener_ssl_connection_error{${front},envoy_listener_address="0.0.0.0_8443"} ${failures}`,
    `envoy_listener_ssl_no_certificate{${front},envoy_listener_address="0.0.0.0_8443"} ${events}`,
    `portarium_authorizer_policies{${front}} 3`,
    `portarium_authorizer_invalid_policies{${front}} ${broken ? 1 : 0}`,
    `up{${front},job="portarium/api-server"} ${broken ? 0 : 1}`,
    'spire_server_uptime_in_ms 1',
    'spire_agent_uptime_in_ms 1',
    'kube_daemonset_status_desired_number_scheduled{namespace="portarium-spire",daemonset="spire-agent"} 3',
    `kube_daemonset_status_number_ready{namespace="portarium-spire",daemonset="spire-agent"} ${broken ? 2 : 3}`,
    `prometheus_operator_managed_resources{resource="PrometheusRule",state="rejected"} ${broken ? 1 : 0}`,
    ...(broken ? [`portarium_relaxation_expiry_timestamp_seconds{${acme},control="egress"} ${began}`] : []),
  ];
  return `${lines.join('\n')}\n`;
}
