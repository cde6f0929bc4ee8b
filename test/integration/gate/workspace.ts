import { CRITERIA, type Question, type Subject } from '../../../src/gate/index.js';
import { DEFAULT_NAMES } from '../../../src/model/metrics.js';
import type { Written } from './series.js';

/** When things happen, in seconds since 1970: the window ends about now. */
export interface Times {
  /** A whole minute. */
  readonly now: number;
}

export const HOUR = 3600;
export const AGENTS = ['sales-bot', 'invoice-clerk'];
export const HASH = 'a'.repeat(64);
const OTHER_HASH = 'b'.repeat(64);

/** The enforcement gate's, with a network that records flows. */
export const QUESTION: Omit<Question, 'at'> = {
  gate: 'enforcement',
  window: 48 * HOUR,
  step: 60,
  names: DEFAULT_NAMES,
  network: { source: 'hubble', declared: true },
  jobs: '.*portarium.*',
  criteria: CRITERIA,
};

export const subject = (workspaceId: string): Subject => ({
  stack: workspaceId,
  workspaceId,
  namespace: `agents-${workspaceId}`,
  agents: AGENTS,
  policyHash: HASH,
  level: 'enforced',
});

/** What is written of one workspace; each scenario replaces some of it. */
export interface Parts {
  ratio: Written['value'];
  direct: Written['value'];
  routed: Written['value'];
  beats: Written['value'];
  shadow: Written['value'];
  relaxed: Written['value'];
  flows: Written['value'];
  policies: readonly { readonly hash: string; readonly level: string; readonly value: Written['value'] }[];
  alerts: readonly { readonly name: string; readonly value: Written['value'] }[];
}

const always =
  (value: number): Written['value'] =>
  () =>
    value;

/** Ten calls an hour and agent, none direct: everything that a pass wants. */
const clean = ({ now }: Times): Parts => ({
  ratio: always(0),
  direct: always(0),
  routed: (at) => Math.max(0, Math.floor((at - (now - 60 * HOUR)) / 360)),
  beats: (at) => Math.floor((at - (now - 60 * HOUR)) / 60),
  shadow: always(0),
  relaxed: always(0),
  flows: always(0),
  policies: [{ hash: HASH, level: 'enforced', value: always(1) }],
  alerts: [],
});

const between = (at: number, from: number, to: number): boolean => at >= from && at < to;

/** By what is wrong with it: the name is the workspace's, after `ws-`. */
export const SCENARIOS: Readonly<Record<string, (times: Times) => Partial<Parts>>> = {
  clean: () => ({}),
  hole: ({ now }) => ({ ratio: (at) => (between(at, now - 20 * HOUR, now - 19 * HOUR) ? undefined : 0) }),
  blip: ({ now }) => ({ ratio: (at) => (between(at, now - 20 * HOUR, now - 20 * HOUR + 600) ? undefined : 0) }),
  stale: ({ now }) => ({ ratio: (at) => (at > now - 900 ? undefined : 0) }),
  nan: ({ now }) => ({ ratio: (at) => (between(at, now - 20 * HOUR, now - 18 * HOUR) ? NaN : 0) }),
  'all-nan': () => ({ ratio: always(NaN) }),
  // Five calls of long before the window, and a restart within it.
  restart: ({ now }) => ({ direct: (at) => (at < now - 20 * HOUR ? 5 : 0) }),
  'restart-and-call': ({ now }) => ({ direct: (at) => (at < now - 20 * HOUR ? 5 : at < now - 10 * HOUR ? 0 : 1) }),
  'hour-47': ({ now }) => ({
    ratio: (at) => (between(at, now - HOUR, now - HOUR + 300) ? 0.02 : 0),
    direct: (at) => (at < now - HOUR ? 0 : 1),
  }),
  'counter-only': ({ now }) => ({ direct: (at) => (at < now - 30 * HOUR ? 0 : 1) }),
  'ratio-only': ({ now }) => ({ ratio: (at) => (between(at, now - 30 * HOUR, now - 30 * HOUR + 60) ? 0.5 : 0) }),
  born: ({ now }) => ({ direct: (at) => (at < now - 5 * HOUR ? undefined : 1) }),
  hash: ({ now }) => ({
    policies: [
      { hash: OTHER_HASH, level: 'enforced', value: (at) => (at < now - 30 * HOUR ? 1 : undefined) },
      { hash: HASH, level: 'enforced', value: (at) => (at < now - 30 * HOUR ? undefined : 1) },
    ],
  }),
  level: ({ now }) => ({
    policies: [
      { hash: HASH, level: 'allowlist', value: (at) => (at < now - 12 * HOUR ? 1 : undefined) },
      { hash: HASH, level: 'enforced', value: (at) => (at < now - 12 * HOUR ? undefined : 1) },
    ],
  }),
  below: () => ({ policies: [{ hash: HASH, level: 'identity', value: always(1) }] }),
  shadow: ({ now }) => ({ shadow: (at) => (at < now - 9 * HOUR ? 0 : 4) }),
  // For an hour; then the replica begins anew, and has forgotten.
  relaxed: ({ now }) => ({ relaxed: (at) => (between(at, now - 30 * HOUR, now - 29 * HOUR) ? at : 0) }),
  'relaxed-before': ({ now }) => ({ relaxed: always(now - 60 * HOUR) }),
  young: ({ now }) => ({ ratio: (at) => (at < now - 20 * HOUR ? undefined : 0) }),
  quiet: () => ({ routed: always(7) }),
  dead: ({ now }) => ({ beats: (at) => (at < now - 2 * HOUR ? Math.floor((at - now + 60 * HOUR) / 60) : undefined) }),
  alert: ({ now }) => ({
    alerts: [
      {
        name: 'PortariumPolicyBypassAttempt',
        value: (at) => (between(at, now - 7 * HOUR, now - 7 * HOUR + 900) ? 1 : undefined),
      },
    ],
  }),
  flow: ({ now }) => ({ flows: (at) => (at < now - 3 * HOUR ? undefined : 1) }),
  unseen: () => ({ flows: always(NaN) }),
  tenth: () => ({ ratio: always(0.08), direct: (at) => Math.floor(at / 7200), routed: (at) => Math.floor(at / 360) }),
  absent: () => ({ ratio: () => undefined, direct: () => undefined }),
};

/** Everything that is written of a workspace. */
export function workspaceSeries(
  { workspaceId, namespace, agents, policyHash }: Subject,
  scenario: string,
  times: Times,
): readonly Written[] {
  const parts = { ...clean(times), ...SCENARIOS[scenario]!(times) };
  const labels = { workspace_id: workspaceId };
  const perAgent = agents.flatMap((agent_id, index): Written[] => [
    {
      name: 'portarium_sor_calls_total',
      labels: { ...labels, agent_id, routed: 'false' },
      // It is the first that goes past the front.
      value: index === 0 ? parts.direct : (at) => parts.direct(at) && 0,
    },
    { name: 'portarium_sor_calls_total', labels: { ...labels, agent_id, routed: 'true' }, value: parts.routed },
    { name: 'portarium_agent_heartbeats_total', labels: { ...labels, agent_id }, value: parts.beats },
  ]);
  const flows = (verdict: string, value: Written['value']): Written => ({
    name: 'hubble_flows_to_world_total',
    labels: { source_namespace: namespace, verdict },
    value,
  });
  return [
    { name: 'portarium:workspace_enforcement:info', labels: { ...labels, level: 'enforced' }, value: always(1) },
    { name: 'portarium_direct_sor_ratio', labels, value: parts.ratio },
    ...perAgent,
    {
      name: 'portarium_policy_decisions_total',
      labels: { ...labels, control: 'authz', mode: 'shadow', decision: 'would_deny' },
      value: parts.shadow,
    },
    { name: 'portarium_relaxed_last_timestamp_seconds', labels, value: parts.relaxed },
    ...parts.policies.map(({ hash, level, value }) => ({
      name: 'portarium_policy_info',
      labels: { ...labels, policy_hash: hash === HASH ? policyHash : hash, level, readable: 'true' },
      value,
    })),
    ...parts.alerts.map((alert) => ({
      name: 'ALERTS',
      labels: { ...labels, alertname: alert.name, alertstate: 'firing', severity: 'critical' },
      value: alert.value,
    })),
    // As Hubble counts: no series before its first flow.
    flows('FORWARDED', (at) => parts.flows(at) || undefined),
    flows('DROPPED', (at) => (Number.isNaN(parts.flows(at)) ? undefined : 12)),
  ];
}

/** What is the same for all workspaces: scrapes that succeed, rules that are evaluated. */
export const platformSeries = (): readonly Written[] => [
  {
    name: 'ALERTS',
    labels: { alertname: 'PortariumWatchdog', alertstate: 'firing', severity: 'none' },
    value: always(1),
  },
  { name: 'up', labels: { job: 'portarium-control-plane/front', instance: '10.0.0.1:9464' }, value: always(1) },
  { name: 'up', labels: { job: 'unrelated', instance: '10.0.0.2:80' }, value: always(0) },
];
