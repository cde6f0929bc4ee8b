import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startPrometheus, type LabPrometheus } from '../../../lab/prometheus.js';
import { dashboardJson, plain } from '../../../src/constructs/monitoring/dashboard.js';
import { ask } from '../../../src/http/request.js';
import { METRICS, type Metric } from '../../../src/model/metrics.js';
import { openMetrics, type Written } from '../gate/series.js';
import { monitoredPlatform } from './platform.js';

interface Panel {
  readonly type: string;
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

const HOURS = 48;
const STEP = 60;

/** What each label is, in series that say that all is as it should be but for a few events. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  workspace_id: ['ws-acme', 'ws-globex'],
  source_namespace: ['portarium-agents'],
  agent_id: ['sales-bot'],
  routed: ['true', 'false'],
  decision: ['allow', 'deny', 'would_deny'],
  control: ['authz', 'mtls', 'allowlist'],
  mode: ['enforce', 'shadow'],
  level: ['enforced', 'unknown'],
  namespace: ['portarium-control-plane'],
  envoy_response_code_class: ['2', '5'],
  rule_group: ['/etc/rules/portarium.yaml;portarium-enforcement.alerts'],
  readable: ['true'],
  verdict: ['FORWARDED', 'DROPPED'],
  allowed: ['true', 'false'],
  answered: ['true', 'false'],
  alertstate: ['firing'],
  team: ['portarium'],
  severity: ['critical'],
  grpc_code: ['OK', 'Internal'],
  grpc_method: ['Check'],
  grpc_service: ['openfga.v1.OpenFGAService'],
  daemonset: ['spire-agent'],
  job: ['portarium-front'],
  status: ['OK', 'Error'],
};

const products = (labels: readonly string[]): Record<string, string>[] =>
  labels.reduce<Record<string, string>[]>(
    (sets, label) => sets.flatMap((set) => (VALUES[label] ?? [label]).map((value) => ({ ...set, [label]: value }))),
    [{}],
  );

/** 48 hours of one metric: counters rise, gauges stay. */
function written({ name, type, labels }: Metric, from: number): readonly Written[] {
  const rising = (at: number): number => Math.floor((at - from) / STEP) + 1;
  if (type === 'gauge') return products(labels).map((set) => ({ name, labels: set, value: () => 1 }));
  const sets = products(labels.filter((label) => label !== 'le'));
  if (type === 'counter') return sets.map((set) => ({ name, labels: set, value: rising }));
  return sets.flatMap((set) => [
    ...['0.01', '0.1', '1', '100', '+Inf'].map((le, index) => ({
      ...{ name: `${name}_bucket`, labels: { ...set, le } },
      value: (at: number) => rising(at) * (index + 1),
    })),
    { name: `${name}_count`, labels: set, value: (at: number) => rising(at) * 5 },
    { name: `${name}_sum`, labels: set, value: (at: number) => rising(at) * 2 },
  ]);
}

describe('the dashboard, asked of a Prometheus with 48 hours of every series of the contract', () => {
  const { panels } = JSON.parse(dashboardJson(monitoredPlatform())) as { panels: readonly Panel[] };
  const shown = panels.filter(({ type }) => type !== 'row');
  const until = Math.floor(Date.now() / 1000 / STEP) * STEP - 60;
  const from = until - (HOURS + 1) * 3600;
  let prometheus: LabPrometheus;

  beforeAll(async () => {
    const series = Object.values<Metric>(METRICS).flatMap((metric) => written(metric, from));
    prometheus = await startPrometheus({ series: openMetrics(series, from, until, STEP) });
  }, 120_000);
  afterAll(async () => {
    await prometheus?.stop();
  });

  test('has panels, and the five of Phase 3 step 4 by name', () => {
    expect(shown.map(({ title }) => title)).toEqual(
      expect.arrayContaining([
        'Routing ratio',
        'Routed calls/min',
        'Direct calls/min',
        'Policy decisions',
        'Approval latency',
      ]),
    );
  });

  test.each(shown)('$title shows something', async ({ title, targets = [] }) => {
    expect(targets.length, title).toBeGreaterThan(0);
    for (const { expr } of targets) {
      const answer = await ask(
        { url: prometheus.url },
        { method: 'POST', path: '/api/v1/query', params: { query: plain(expr), time: String(until) } },
      );
      const { data } = JSON.parse(answer.body) as {
        data?: { result: readonly { value: readonly [number, string] }[] };
      };
      expect(answer.status, `${expr}\n${answer.body.slice(0, 300)}`).toBe(200);
      const numbers = (data?.result ?? []).map(({ value }) => Number(value[1]));
      expect(numbers.length, `no data: ${expr}`).toBeGreaterThan(0);
      expect(
        numbers.some((number) => Number.isFinite(number)),
        `only NaN: ${expr}`,
      ).toBe(true);
    }
  });
});
