import { describe, expect, it } from 'vitest';
import { expressionFaults } from '../../../src/constructs/monitoring/expression.js';
import { DEFAULT_NAMES, namesWith } from '../../../src/model/metrics.js';

const faults = (expr: string) => expressionFaults(expr, DEFAULT_NAMES);

describe('an expression', () => {
  it('of the runbook is refused, whose division by "min" is by a metric and whose rate has no range', () => {
    expect(faults('rate(envoy_ssl_handshake_errors) > 10/min')).toEqual([
      'rate() wants a range: "envoy_ssl_handshake_errors[5m]", not "envoy_ssl_handshake_errors".',
      'reads "envoy_ssl_handshake_errors", which is not in the metric contract (src/model/metrics.ts).',
      'reads "min", which is not in the metric contract (src/model/metrics.ts).',
    ]);
    expect(faults('rate(envoy_listener_ssl_handshake[5m]) > 10/min')).toHaveLength(1);
  });

  it('that is not PromQL is refused', () => {
    expect(faults('sum by (')[0]).toMatch(/^is not PromQL at character \d+/);
    expect(faults('portarium_tool_denied_total > 0 (new tool)')[0]).toMatch(/^is not PromQL/);
  });

  it('may read no label that the series does not have, and group by none', () => {
    expect(faults('portarium_direct_sor_ratio{agent_id="a"}')).toEqual([
      'portarium_direct_sor_ratio has no label "agent_id". It has: workspace_id.',
    ]);
    expect(faults('sum by (tenant) (portarium_sor_calls_total)')).toEqual([
      'groups by "tenant", which no series in it has.',
    ]);
    expect(faults('sum by (le) (rate(portarium_authorizer_decision_seconds_bucket[5m]))')).toEqual([]);
  });

  it('takes no rate of a gauge, and no histogram without its suffix', () => {
    expect(faults('increase(portarium_direct_sor_ratio[5m])')).toEqual([
      'increase() of portarium_direct_sor_ratio, which is a gauge and may fall.',
    ]);
    expect(faults('portarium_approval_latency_seconds')).toHaveLength(1);
  });

  it('is held against the names that the platform uses', () => {
    const names = namesWith({ sorCalls: 'portarium_calls_total' });
    expect(expressionFaults('portarium_calls_total', names)).toEqual([]);
    expect(expressionFaults('portarium_sor_calls_total', names)).toHaveLength(1);
  });
});
