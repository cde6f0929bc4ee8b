import { PORTS } from '../../../src/model/edges.js';

/** What the cluster is like when it is scraped. */
export interface Moment {
  /** Seconds, as `time()` says it. */
  readonly now: number;
  readonly broken: boolean;
  /** Counts a thousand a second while something is broken, and stands still while nothing is. */
  readonly events: number;
  /** The other way round. */
  readonly regular: number;
}
type Lines = (moment: Moment) => readonly string[];

// Tickets are of the last alone: a page of a workspace holds back its tickets.
const acme = 'workspace_id="ws-acme"';
const globex = 'workspace_id="ws-globex"';
const far = 'workspace_id="ws-far"';
const pending = 'workspace_id="ws-new"';
const front = 'namespace="portarium-control-plane",pod="api-server-0"';
const listener = `${front},envoy_listener_address="0.0.0.0_${PORTS.front.target}"`;
const agent = 'namespace="portarium-spire",daemonset="spire-agent"';
const flows = (namespace: string, verdict: string): string =>
  `hubble_flows_to_world_total{source_namespace="${namespace}",source_workload="bot",verdict="${verdict}"}`;
const check = 'grpc_service="openfga.v1.OpenFGAService",grpc_method="Check"';
const took = (le: string): string => `openfga_request_duration_ms_bucket{${check},le="${le}"}`;
const group = 'rule_group="rules.yaml;portarium-policy"';

/** By alert: the series that are its condition while the cluster is broken, and are not while it is well. */
export const CONDITIONS: Readonly<Record<string, Lines>> = {
  PortariumDirectSorCall: ({ events }) => [
    `portarium_sor_calls_total{${acme},agent_id="bot",routed="false"} ${events}`,
  ],
  // A direct call as well, so not of the workspace whose SDK says that there was one.
  PortariumAgentReachedWorld: ({ events }) => [`${flows('portarium-agents-far', 'FORWARDED')} ${events}`],
  PortariumCallAccountingStalled: ({ events }) => [
    `portarium_agent_heartbeats_total{${pending},agent_id="bot"} ${events}`,
    `portarium_sor_calls_total{${pending},agent_id="bot",routed="true"} 3`,
  ],
  // Neither SDK nor network, of a workspace that enforces as long as nobody says otherwise.
  PortariumRatioMissing: ({ broken }) =>
    broken
      ? []
      : [
          `portarium_sor_calls_total{${globex},agent_id="bot",routed="false"} 0`,
          `${flows('portarium-agents-globex', 'DROPPED')} 4`,
        ],
  // Of one that no series of calls or flows is about, and that enforces of a sudden.
  PortariumRatioNeverKnown: ({ broken }) => [
    `portarium_policy_info{${pending},level="${broken ? 'enforced' : 'routing'}",policy_hash="n",readable="true"} 1`,
  ],
  PortariumPolicyUnknown: ({ broken }) =>
    broken ? [] : [`portarium_policy_info{${globex},level="enforced",policy_hash="a",readable="true"} 1`],
  PortariumWorkspaceNotInInventory: ({ broken, events }) =>
    broken ? [`portarium_sor_calls_total{workspace_id="ws-rogue",agent_id="bot",routed="true"} ${events}`] : [],
  PortariumFrontNotScraped: ({ broken }) => (broken ? [] : [`portarium_authorizer_policies{${front}} 3`]),
  PortariumScrapeFailing: ({ broken }) => [`up{${front},job="portarium/api-server"} ${broken ? 0 : 1}`],
  PortariumHubbleLosingEvents: ({ events }) => [`hubble_lost_events_total{source="perf_event_ring_buffer"} ${events}`],
  PortariumPolicyBypassAttempt: ({ events }) => [`portarium_policy_bypass_attempts_total{${acme}} ${events}`],
  PortariumNewToolDenied: ({ events }) => [
    `portarium_tool_denied_total{${pending},mode="enforce",tool="other"} ${events}`,
  ],
  PortariumShadowDenials: ({ events }) => [
    `portarium_policy_decisions_total{${acme},control="authz",mode="shadow",decision="would_deny"} ${events}`,
  ],
  PortariumPolicyUnreadable: ({ broken }) => [`portarium_authorizer_invalid_policies{${front}} ${broken ? 1 : 0}`],
  PortariumCannotDecide: ({ events }) => [`portarium_authorizer_cannot_decide_total{${front}} ${events}`],
  PortariumPolicyContactLost: ({ broken }) => [
    `portarium_authorizer_policy_contact_seconds{${front}} ${broken ? 5 : 0.005}`,
  ],
  PortariumAuditModeVerdicts: ({ events }) => [
    `hubble_policy_verdicts_total{action="audit",direction="egress",source_namespace="portarium-agents"} ${events}`,
  ],
  PortariumEgressDrops: ({ events }) => [
    `cilium_drop_count_total{reason="Policy denied",direction="EGRESS",instance="node-1"} ${events}`,
  ],
  PortariumMtlsHandshakeFailureSpike: ({ events }) => [`envoy_listener_ssl_connection_error{${listener}} ${events}`],
  PortariumUnauthenticatedMtlsConnection: ({ events }) => [`envoy_listener_ssl_no_certificate{${listener}} ${events}`],
  PortariumSvidExpiringSoon: ({ now, broken }) => [
    `envoy_listener_ssl_certificate_expiration_unix_time_seconds{${listener}} ${now + (broken ? 0 : 3600)}`,
  ],
  PortariumSpireCaExpiringSoon: ({ now, broken }) => [
    `spire_server_manager_x509_ca_rotate_expiration{namespace="portarium-spire",pod="spire-server-0"} ${now + (broken ? 0 : 86_400)}`,
  ],
  PortariumSpireAgentNotReady: ({ broken }) => [
    `kube_daemonset_status_desired_number_scheduled{${agent}} 3`,
    `kube_daemonset_status_number_ready{${agent}} ${broken ? 2 : 3}`,
  ],
  PortariumSpireAgentRotationFailing: ({ events }) => [
    `spire_agent_agent_svid_rotate{namespace="portarium-spire",pod="spire-agent-x",status="Unavailable"} ${events}`,
  ],
  PortariumSpireAbsent: ({ broken, regular }) => [
    `spire_agent_uptime_in_ms ${regular}`,
    ...(broken ? [] : [`spire_server_uptime_in_ms ${regular}`]),
  ],
  PortariumOpenFgaErrors: ({ events, regular }) => [
    `grpc_server_handled_total{${check},grpc_code="OK"} ${events + regular}`,
    `grpc_server_handled_total{${check},grpc_code="Unavailable"} ${events}`,
  ],
  PortariumOpenFgaSlow: ({ events, regular }) => [
    `${took('50')} ${regular}`,
    `${took('500')} ${events + regular}`,
    `${took('+Inf')} ${events + regular}`,
  ],
  // Ended by one denial, since six hours without any do not come back.
  PortariumOpenFgaNeverDenies: ({ broken, events }) => [
    `openfga_check_result_count{allowed="true"} ${events}`,
    `openfga_check_result_count{allowed="false"} ${!broken && events > 0 ? 1 : 0}`,
  ],
  PortariumOpenFgaUnreachable: ({ events }) => [
    `portarium_authorizer_openfga_seconds_count{${front},answered="false"} ${events}`,
  ],
  PortariumDenyPolicyMissing: ({ broken }) => (broken ? [] : [denyBaseline('portarium-agents', 'ws-acme')]),
  PortariumDrift: ({ broken }) => [`portarium_drift_resources{${pending}} ${broken ? 2 : 0}`],
  // The rules' 26 hours are 156 seconds here.
  PortariumDriftUnknown: ({ now, broken }) => [
    `portarium_drift_last_check_timestamp_seconds{${pending}} ${now - (broken ? 200 : 0)}`,
    `portarium_drift_check_success{${pending}} 1`,
  ],
  PortariumBreakGlassTooLong: ({ now, broken }) =>
    broken ? [`portarium_relaxation_expiry_timestamp_seconds{${acme},control="egress"} ${now - 10}`] : [],
  PortariumBreakGlassOpen: ({ now, broken }) =>
    broken ? [`portarium_relaxation_expiry_timestamp_seconds{${acme},control="mtls"} ${now + 3600}`] : [],
  PortariumRuleEvaluationFailing: ({ events }) => [`prometheus_rule_evaluation_failures_total{${group}} ${events}`],
  // Ahead of now, since a scrape that is late by half a second must not look like a group that is stale.
  PortariumRuleGroupStale: ({ now, broken }) => [
    `prometheus_rule_group_last_evaluation_timestamp_seconds{${group}} ${now + (broken ? -10 : 5)}`,
  ],
  PortariumAlertDeliveryFailing: ({ events }) => [
    `alertmanager_notifications_failed_total{integration="webhook"} ${events}`,
  ],
  PortariumRulesRejected: ({ broken }) => [
    `prometheus_operator_managed_resources{resource="PrometheusRule",state="rejected"} ${broken ? 1 : 0}`,
  ],
};

const denyBaseline = (namespace: string, id: string): string =>
  `kube_networkpolicy_created{namespace="${namespace}",networkpolicy="agent-deny-default-${id}"} 1`;

/** What goes on whatever is broken. */
const REGULAR: Lines = ({ now, events, regular }) => [
  `portarium_policy_info{${acme},level="enforced",policy_hash="a",readable="true"} 1`,
  `portarium_policy_info{${far},level="enforced",policy_hash="a",readable="true"} 1`,
  `${flows('portarium-agents', 'DROPPED')} ${events + regular}`,
  ...[acme, globex, far].flatMap((workspace) => [
    `portarium_sor_calls_total{${workspace},agent_id="bot",routed="true"} ${events + regular}`,
    `portarium_agent_heartbeats_total{${workspace},agent_id="bot"} ${events + regular}`,
    `portarium_drift_resources{${workspace}} 0`,
    `portarium_drift_check_success{${workspace}} 1`,
    `portarium_drift_last_check_timestamp_seconds{${workspace}} ${now}`,
  ]),
  denyBaseline('portarium-agents-globex', 'ws-globex'),
  denyBaseline('portarium-agents-far', 'ws-far'),
  denyBaseline('portarium-agents-new', 'ws-new'),
];

/** A cluster that can be broken in every way at once, and mended. */
export class Cluster {
  readonly #began = Date.now();
  #brokenSince: number | undefined;
  #brokenBefore = 0;

  break(): void {
    this.#brokenSince = Date.now();
  }

  mend(): void {
    this.#brokenBefore += this.#brokenMilliseconds();
    this.#brokenSince = undefined;
  }

  /** All that its exporters say. */
  exposition(): string {
    const now = Date.now();
    const events = this.#brokenBefore + this.#brokenMilliseconds(now);
    const moment = {
      now: now / 1000,
      broken: this.#brokenSince !== undefined,
      events,
      regular: now - this.#began - events,
    };
    const lines = [REGULAR, ...Object.values(CONDITIONS)].flatMap((of) => of(moment));
    return `${lines.join('\n')}\n`;
  }

  #brokenMilliseconds(now = Date.now()): number {
    return this.#brokenSince === undefined ? 0 : now - this.#brokenSince;
  }
}
