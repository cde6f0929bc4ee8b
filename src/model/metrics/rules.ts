import { gauge, type Metric } from './metric.js';

/** What our recording rules make of the others (`src/model/alerts/recording.ts`). */
export const RULE_METRICS = {
  directRatio: gauge(
    'rules',
    'portarium_direct_sor_ratio',
    ['workspace_id'],
    'Share of calls that did not go through the front, 0 to 1. Absent where neither SDK nor network says.',
  ),
  inventory: gauge(
    'rules',
    'portarium:workspace_enforcement:info',
    ['workspace_id', 'level', 'source_namespace'],
    'Always 1: a workspace that the config knows, so that absence can be seen; level `unknown` without a policy.',
  ),
  newDirectCalls: gauge(
    'rules',
    'workspace:portarium_direct_sor_calls:new10m',
    ['workspace_id'],
    'Direct calls of the last 10 minutes that an SDK owns up to, the first of a series included.',
  ),
  directSeen: gauge(
    'rules',
    'workspace:portarium_direct_sor_calls_seen:new10m',
    ['workspace_id'],
    'Direct calls of the last 10 minutes: the SDKs’ figure or the network’s, whichever is higher.',
  ),
  newFlows: gauge(
    'rules',
    'source_namespace:portarium_world_flows:new10m',
    ['source_namespace'],
    'Flows out of the cluster of the last 10 minutes that the network let pass.',
  ),
  newBypassAttempts: gauge(
    'rules',
    'workspace:portarium_policy_bypass_attempts:new10m',
    ['workspace_id'],
    'Bypass attempts of the last 10 minutes, the first of a series included.',
  ),
  newToolDenials: gauge(
    'rules',
    'workspace_tool:portarium_tool_denied:new15m',
    ['workspace_id', 'tool'],
    'Denials by the allowlist of the last 15 minutes; no sample where there was none.',
  ),
  mtlsFailures: gauge(
    'rules',
    'namespace_reason:envoy_mtls_handshake_failures:increase5m',
    ['namespace', 'reason'],
    'Failed handshakes of the last 5 minutes, by reason.',
  ),
} as const satisfies Readonly<Record<string, Metric>>;
