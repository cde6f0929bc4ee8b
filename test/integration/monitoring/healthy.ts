/** Series by their selector, with values as promtool writes them, a sample a minute. */
export type Series = Readonly<Record<string, string>>;

const agents = ['portarium-agents', 'portarium-agents-globex', 'portarium-agents-new'];
const FRONT = 'namespace="portarium-control-plane",pod="api-server-0"';
/** As long as any test looks. */
const LONG = 700;
const constant = (value: number | string, samples = LONG): string => `${value}x${samples}`;
const rising = (step: number, samples = LONG): string => `0+${step}x${samples}`;

const ids = ['ws-acme', 'ws-globex', 'ws-new'];
const each = (make: (workspaceId: string, namespace: string) => Series): Series =>
  Object.assign({}, ...ids.map((id, index) => make(id, agents[index]!))) as Series;

/**
 * A cluster in which all is well: ws-acme is enforced, ws-globex is at `routing` and has had direct calls all along,
 * ws-new is pending.
 */
export const HEALTHY: Series = {
  'portarium_policy_info{workspace_id="ws-acme",level="enforced",policy_hash="a",readable="true"}': constant(1),
  'portarium_policy_info{workspace_id="ws-globex",level="routing",policy_hash="g",readable="true"}': constant(1),
  ...each((id) => ({
    [`portarium_sor_calls_total{workspace_id="${id}",agent_id="bot",routed="true"}`]: rising(5),
    [`portarium_sor_calls_total{workspace_id="${id}",agent_id="bot",routed="false"}`]:
      id === 'ws-globex' ? rising(1) : constant(0),
    [`portarium_agent_heartbeats_total{workspace_id="${id}",agent_id="bot"}`]: rising(2),
  })),
  ...each((id) => ({
    [`portarium_policy_bypass_attempts_total{workspace_id="${id}",pod="api-server-0"}`]: constant(0),
    [`portarium_tool_denied_total{workspace_id="${id}",mode="enforce",tool="other",pod="api-server-0"}`]: constant(0),
    [`portarium_policy_decisions_total{workspace_id="${id}",control="authz",mode="shadow",decision="would_deny"}`]:
      constant(0),
    [`portarium_drift_resources{workspace_id="${id}"}`]: constant(0),
    [`portarium_drift_check_success{workspace_id="${id}"}`]: constant(1),
    [`portarium_drift_last_check_timestamp_seconds{workspace_id="${id}"}`]: rising(60),
  })),
  ...each((id, namespace) => ({
    [`kube_networkpolicy_created{namespace="${namespace}",networkpolicy="agent-deny-default-${id}"}`]: constant(1),
    [`hubble_flows_to_world_total{source_namespace="${namespace}",source_workload="bot",verdict="DROPPED"}`]: rising(1),
  })),
  [`portarium_authorizer_policies{${FRONT}}`]: constant(2),
  [`portarium_authorizer_invalid_policies{${FRONT}}`]: constant(0),
  [`portarium_authorizer_cannot_decide_total{${FRONT}}`]: constant(0),
  [`portarium_authorizer_policy_contact_seconds{${FRONT}}`]: constant(3),
  [`portarium_authorizer_openfga_seconds_count{${FRONT},answered="true"}`]: rising(50),
  [`portarium_authorizer_openfga_seconds_count{${FRONT},answered="false"}`]: constant(0),
  [`up{${FRONT},job="portarium/api-server"}`]: constant(1),
  [`envoy_listener_ssl_connection_error{${FRONT},envoy_listener_address="0.0.0.0_8443"}`]: rising(1),
  [`envoy_listener_ssl_fail_verify_error{${FRONT},envoy_listener_address="0.0.0.0_8443"}`]: rising(1),
  [`envoy_listener_ssl_no_certificate{${FRONT},envoy_listener_address="0.0.0.0_8443"}`]: constant(0),
  [`envoy_listener_ssl_no_certificate{${FRONT},envoy_listener_address="0.0.0.0_8444"}`]: rising(3),
  [`envoy_listener_ssl_certificate_expiration_unix_time_seconds{${FRONT}}`]: '3600+60x700',
  'spire_server_manager_x509_ca_rotate_expiration{namespace="portarium-control-plane",pod="spire-server-0"}':
    '86400+60x700',
  'spire_server_uptime_in_ms{pod="spire-server-0"}': rising(60_000),
  'spire_agent_uptime_in_ms{pod="spire-agent-a"}': rising(60_000),
  'spire_agent_agent_svid_rotate{namespace="portarium-spire",pod="spire-agent-a",status="OK"}': rising(1),
  'kube_daemonset_status_desired_number_scheduled{namespace="portarium-spire",daemonset="spire-agent"}': constant(3),
  'kube_daemonset_status_number_ready{namespace="portarium-spire",daemonset="spire-agent"}': constant(3),
  'grpc_server_handled_total{grpc_service="openfga.v1.OpenFGAService",grpc_method="Check",grpc_code="OK"}': rising(100),
  'grpc_server_handled_total{grpc_service="openfga.v1.OpenFGAService",grpc_method="Check",grpc_code="Unavailable"}':
    constant(0),
  'openfga_request_duration_ms_bucket{grpc_method="check",le="50"}': rising(100),
  'openfga_request_duration_ms_bucket{grpc_method="check",le="500"}': rising(100),
  'openfga_request_duration_ms_bucket{grpc_method="check",le="+Inf"}': rising(100),
  'openfga_check_result_count{allowed="true"}': rising(90),
  'openfga_check_result_count{allowed="false"}': rising(10),
  'prometheus_rule_evaluation_failures_total{rule_group="rules.yaml;portarium-policy"}': constant(0),
  'prometheus_rule_group_last_evaluation_timestamp_seconds{rule_group="rules.yaml;portarium-policy"}': rising(60),
  prometheus_notifications_dropped_total: constant(0),
  'alertmanager_notifications_failed_total{integration="webhook"}': constant(0),
  'prometheus_operator_managed_resources{resource="PrometheusRule",state="rejected"}': constant(0),
  'cilium_drop_count_total{reason="Policy denied",direction="EGRESS",instance="node-a"}': rising(2),
};
