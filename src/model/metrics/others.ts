import { counter, gauge, histogram, lateCounter, type Metric } from './metric.js';

const LISTENER = ['envoy_listener_address'];
const HTTP = ['envoy_http_conn_manager_prefix'];

/**
 * What other projects emit, by the names in their sources. Envoy's counters begin at 0 with their listener; those of
 * SPIRE, OpenFGA and Hubble are born with their first event.
 */
export const OTHER_METRICS = {
  flowsToWorld: lateCounter(
    'hubble',
    'hubble_flows_to_world_total',
    ['source_namespace', 'source_workload', 'verdict'],
    'Flows out of the cluster that the network saw.',
  ),
  lostEvents: lateCounter(
    'hubble',
    'hubble_lost_events_total',
    ['source'],
    'Flows that the network did not get to see.',
  ),
  tlsHandshakes: counter('envoy', 'envoy_listener_ssl_handshake', LISTENER, 'Handshakes that succeeded.'),
  tlsConnectionErrors: counter(
    'envoy',
    'envoy_listener_ssl_connection_error',
    LISTENER,
    'Handshakes that failed, but for the client’s certificate.',
  ),
  tlsNoClientCertificate: counter(
    'envoy',
    'envoy_listener_ssl_fail_verify_no_cert',
    LISTENER,
    'Handshakes that failed for want of a client certificate.',
  ),
  tlsUntrusted: counter(
    'envoy',
    'envoy_listener_ssl_fail_verify_error',
    LISTENER,
    'Handshakes that failed since the certificate is foreign or expired.',
  ),
  tlsWrongSan: counter(
    'envoy',
    'envoy_listener_ssl_fail_verify_san',
    LISTENER,
    'Handshakes that failed since the SPIFFE ID is another’s.',
  ),
  tlsWithoutCertificate: counter(
    'envoy',
    'envoy_listener_ssl_no_certificate',
    LISTENER,
    'Handshakes that succeeded without a client certificate.',
  ),
  certificateExpiry: gauge(
    'envoy',
    'envoy_listener_ssl_certificate_expiration_unix_time_seconds',
    ['envoy_listener_address', 'envoy_tls_certificate'],
    'When the certificate that a listener serves expires.',
  ),
  requests: counter(
    'envoy',
    'envoy_http_downstream_rq_xx',
    [...HTTP, 'envoy_response_code_class'],
    'Answers by class of status.',
  ),
  requestTime: histogram('envoy', 'envoy_http_downstream_rq_time', HTTP, 'Time of a request, milliseconds.'),
  spireServerUptime: gauge('spire', 'spire_server_uptime_in_ms', [], 'That a SPIRE server runs, milliseconds.'),
  spireAgentUptime: gauge('spire', 'spire_agent_uptime_in_ms', [], 'That a SPIRE agent runs, milliseconds.'),
  spireCaExpiry: gauge(
    'spire',
    'spire_server_manager_x509_ca_rotate_expiration',
    [],
    'When the CA of a server expires, seconds since 1970 (SPIRE from September 2025 on).',
  ),
  spireAgentRotations: lateCounter(
    'spire',
    'spire_agent_agent_svid_rotate',
    ['status'],
    'Rotations of an agent’s own SVID, by gRPC status.',
  ),
  openfgaHandled: lateCounter(
    'openfga',
    'grpc_server_handled_total',
    ['grpc_service', 'grpc_method', 'grpc_code', 'grpc_type'],
    'Answers of OpenFGA by gRPC status.',
  ),
  openfgaRequestMs: histogram(
    'openfga',
    'openfga_request_duration_ms',
    ['grpc_service', 'grpc_method'],
    'Time of a request to OpenFGA, milliseconds.',
  ),
  openfgaChecks: lateCounter('openfga', 'openfga_check_result_count', ['allowed'], 'Checks by result.'),
  policyVerdicts: lateCounter(
    'hubble',
    'hubble_policy_verdicts_total',
    ['direction', 'match', 'action', 'source_namespace', 'source_workload'],
    'What policies decided about flows; `audit` would have been dropped.',
  ),
  drops: lateCounter('cilium', 'cilium_drop_count_total', ['reason', 'direction'], 'Packets dropped on a node.'),
  networkPolicies: gauge(
    'kube-state-metrics',
    'kube_networkpolicy_created',
    ['namespace', 'networkpolicy'],
    'When a NetworkPolicy was created; absent where there is none such.',
  ),
  daemonSetDesired: gauge(
    'kube-state-metrics',
    'kube_daemonset_status_desired_number_scheduled',
    ['namespace', 'daemonset'],
    'Nodes that should run the pod.',
  ),
  daemonSetReady: gauge(
    'kube-state-metrics',
    'kube_daemonset_status_number_ready',
    ['namespace', 'daemonset'],
    'Nodes whose pod is ready.',
  ),
  up: gauge('prometheus', 'up', ['job', 'namespace'], '1 where the last scrape succeeded.'),
  firing: gauge('prometheus', 'ALERTS', ['alertname', 'alertstate', 'severity', 'team', 'workspace_id'], 'Alerts.'),
  ruleFailures: counter(
    'prometheus',
    'prometheus_rule_evaluation_failures_total',
    ['rule_group'],
    'Evaluations of rules that failed.',
  ),
  ruleEvaluated: gauge(
    'prometheus',
    'prometheus_rule_group_last_evaluation_timestamp_seconds',
    ['rule_group'],
    'When a group was last evaluated.',
  ),
  notificationsDropped: counter(
    'prometheus',
    'prometheus_notifications_dropped_total',
    [],
    'Alerts that reached no Alertmanager.',
  ),
  notificationsFailed: counter(
    'alertmanager',
    'alertmanager_notifications_failed_total',
    ['integration'],
    'Notifications that a receiver did not take.',
  ),
  rejectedObjects: gauge(
    'prometheus-operator',
    'prometheus_operator_managed_resources',
    ['resource', 'state'],
    'Objects of the operator, those that it rejected among them.',
  ),
} as const satisfies Readonly<Record<string, Metric>>;
