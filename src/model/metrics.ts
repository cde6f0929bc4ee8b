import type { Metric } from './metrics/metric.js';
import { OTHER_METRICS } from './metrics/others.js';
import { OUR_METRICS } from './metrics/ours.js';
import { RULE_METRICS } from './metrics/rules.js';

export type { Emitter, Metric } from './metrics/metric.js';

/**
 * The metric contract: what the program reads, under names of its own, since upstream's differ and two of the runbooks'
 * are emitted by nobody. An expression may name no other series.
 */
export const METRICS = {
  sorCalls: {
    name: 'portarium_sor_calls_total',
    type: 'counter',
    labels: ['workspace_id', 'agent_id', 'routed'],
    emitter: 'authorizer',
    zeroInitialised: true,
    help: 'Calls of tools: routed="true" as the front let them through, routed="false" as the SDK owns up to.',
  },
  directRatio: {
    name: 'portarium_direct_sor_ratio',
    type: 'gauge',
    labels: ['workspace_id'],
    emitter: 'rules',
    zeroInitialised: false,
    help: 'Share of calls that did not go through the front, 0 to 1. Absent where neither SDK nor network says.',
  },
  policyInfo: {
    name: 'portarium_policy_info',
    type: 'gauge',
    labels: ['workspace_id', 'level', 'policy_hash', 'readable'],
    emitter: 'authorizer',
    zeroInitialised: false,
    help: 'Always 1: which policy is in force at this replica.',
  },
  relaxedLast: {
    name: 'portarium_relaxed_last_timestamp_seconds',
    type: 'gauge',
    labels: ['workspace_id'],
    emitter: 'authorizer',
    zeroInitialised: true,
    help: 'When a Relaxation last let a control of the workspace off at this replica, seconds since 1970; 0: not since the start.',
  },
  decisions: {
    name: 'portarium_policy_decisions_total',
    type: 'counter',
    labels: ['workspace_id', 'decision', 'control', 'mode'],
    emitter: 'authorizer',
    zeroInitialised: true,
    help: 'Decisions by control; would_deny is what shadow let pass.',
  },
  inventory: {
    name: 'portarium:workspace_enforcement:info',
    type: 'gauge',
    labels: ['workspace_id', 'level', 'source_namespace'],
    emitter: 'rules',
    zeroInitialised: false,
    help: 'Always 1: a workspace that the config knows, so that absence can be seen; level `unknown` without a policy.',
  },
  heartbeats: {
    name: 'portarium_agent_heartbeats_total',
    type: 'counter',
    labels: ['workspace_id', 'agent_id'],
    emitter: 'sdk',
    zeroInitialised: true,
    help: 'Signs of life of an agent, by its SDK.',
  },
  flowsToWorld: {
    name: 'hubble_flows_to_world_total',
    type: 'counter',
    labels: ['source_namespace', 'source_workload', 'verdict'],
    emitter: 'hubble',
    zeroInitialised: false,
    help: 'Flows out of the cluster that the network saw.',
  },
  lostEvents: {
    name: 'hubble_lost_events_total',
    type: 'counter',
    labels: ['source'],
    emitter: 'hubble',
    zeroInitialised: false,
    help: 'Flows that the network did not get to see.',
  },
  ...OUR_METRICS,
  ...RULE_METRICS,
  ...OTHER_METRICS,
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricKey = keyof typeof METRICS;
/** How the series are called where the program reads them. */
export type MetricNames = Readonly<Record<MetricKey, string>>;

/** As the contract calls them. */
export const DEFAULT_NAMES = Object.fromEntries(
  Object.entries(METRICS).map(([key, { name }]) => [key, name]),
) as MetricNames;

/** As the contract calls them, but for those that a platform calls otherwise. */
export const namesWith = (renamed: Readonly<Partial<Record<MetricKey, string>>> = {}): MetricNames => ({
  ...DEFAULT_NAMES,
  ...renamed,
});
