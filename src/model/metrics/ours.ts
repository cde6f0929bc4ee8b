import { counter, gauge, gaugeFromZero, histogram, lateCounter, type Metric } from './metric.js';

/** What the authorizer, `enforce verify --watch`, Portarium's SDKs and its control plane emit. */
export const OUR_METRICS = {
  sorCalls: counter(
    'authorizer',
    'portarium_sor_calls_total',
    ['workspace_id', 'agent_id', 'routed'],
    'Calls of tools: routed="true" as the front let them through, routed="false" as the SDK owns up to.',
  ),
  policyInfo: gauge(
    'authorizer',
    'portarium_policy_info',
    ['workspace_id', 'level', 'policy_hash', 'readable'],
    'Always 1: which policy is in force at this replica.',
  ),
  relaxedLast: gaugeFromZero(
    'authorizer',
    'portarium_relaxed_last_timestamp_seconds',
    ['workspace_id'],
    'When a Relaxation last let a control of the workspace off at this replica, seconds since 1970; 0: not since the start.',
  ),
  decisions: counter(
    'authorizer',
    'portarium_policy_decisions_total',
    ['workspace_id', 'decision', 'control', 'mode'],
    'Decisions by control; would_deny is what shadow let pass.',
  ),
  heartbeats: counter(
    'sdk',
    'portarium_agent_heartbeats_total',
    ['workspace_id', 'agent_id'],
    'Signs of life of an agent, by its SDK.',
  ),
  bypassAttempts: counter(
    'authorizer',
    'portarium_policy_bypass_attempts_total',
    ['workspace_id'],
    'Calls with an identity that is not the caller’s: SVID, token, agent or workspace of another.',
  ),
  toolDenied: counter(
    'authorizer',
    'portarium_tool_denied_total',
    ['workspace_id', 'mode', 'tool'],
    'Calls of tools that the allowlist does not permit; `tool` is one that the policy names, or `other`.',
  ),
  callersWithoutSvid: lateCounter(
    'authorizer',
    'portarium_callers_without_svid_total',
    ['workspace_id', 'agent'],
    'Calls of agents and workloads by bearer token alone, let pass or not.',
  ),
  unmappedRoutes: counter(
    'authorizer',
    'portarium_unmapped_routes_total',
    ['workspace_id'],
    'Calls of routes that are in no table.',
  ),
  cannotDecide: counter(
    'authorizer',
    'portarium_authorizer_cannot_decide_total',
    [],
    'Calls about which the authorizer lacked what it needs: answered 503, or in shadow let pass.',
  ),
  decisionSeconds: histogram(
    'authorizer',
    'portarium_authorizer_decision_seconds',
    [],
    'From Envoy’s question to the answer, seconds.',
  ),
  openfgaSeconds: histogram(
    'authorizer',
    'portarium_authorizer_openfga_seconds',
    ['answered'],
    'How long OpenFGA took for its answer, or for none, seconds.',
  ),
  policyContact: gauge(
    'authorizer',
    'portarium_authorizer_policy_contact_seconds',
    [],
    'Since the API server was last heard of; beyond 30 s no Relaxation holds.',
  ),
  invalidPolicies: gauge(
    'authorizer',
    'portarium_authorizer_invalid_policies',
    [],
    'WorkspacePolicies and Relaxations whose newest version cannot be read.',
  ),
  policies: gauge('authorizer', 'portarium_authorizer_policies', [], 'Workspaces with a policy in force.'),
  relaxationExpiry: gauge(
    'authorizer',
    'portarium_relaxation_expiry_timestamp_seconds',
    ['workspace_id', 'control'],
    'Until when the Relaxation holds that a stack is rendered by, seconds since 1970; 0 where there is none such.',
  ),
  approvalLatency: histogram(
    'control-plane',
    'portarium_approval_latency_seconds',
    ['workspace_id'],
    'From an approval’s request to its decision. The control plane alone knows both; the front sees no responses.',
  ),
  driftResources: gauge(
    'verify',
    'portarium_drift_resources',
    ['workspace_id'],
    'Live objects that are not as rendered, are missing or are no stack’s. Absent while that is not known.',
  ),
  driftSuccess: gauge(
    'verify',
    'portarium_drift_check_success',
    ['workspace_id'],
    '1 while every kind is watched and the last look was complete, else 0.',
  ),
  driftChecked: gauge(
    'verify',
    'portarium_drift_last_check_timestamp_seconds',
    ['workspace_id'],
    'When the last complete look ended, seconds since 1970.',
  ),
} as const satisfies Readonly<Record<string, Metric>>;
