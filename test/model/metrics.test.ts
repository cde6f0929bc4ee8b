import { describe, expect, it } from 'vitest';
import { Metrics } from '../../src/authorizer/metrics.js';
import { METRICS, type Metric } from '../../src/model/metrics.js';
import { DriftMetrics } from '../../src/verify/metrics.js';
import { MTLS_RELAXATION, known } from '../authorizer/fixture.js';

/** Names, types and labels of a text in Prometheus' format, without what prom-client counts of its own process. */
function emitted(text: string): ReadonlyMap<string, { type: string; labels: ReadonlySet<string> }> {
  const found = new Map<string, { type: string; labels: Set<string> }>();
  for (const [, name, type] of text.matchAll(/^# TYPE (portarium_\w+) (\w+)$/gm)) {
    const labels = [...text.matchAll(new RegExp(`^${name}(?:_bucket|_sum|_count)?\\{([^}]*)\\}`, 'gm'))];
    const names = labels.flatMap(([, all]) => [...all!.matchAll(/(\w+)="/g)].map(([, label]) => label!));
    found.set(name!, { type: type!, labels: new Set(names.filter((label) => label !== 'le')) });
  }
  return found;
}
const contract = (emitter: string): readonly Metric[] =>
  Object.values<Metric>(METRICS).filter((metric) => metric.emitter === emitter);

describe('the metric contract', () => {
  it.each([
    ['authorizer', () => new Metrics(known({ relaxations: [MTLS_RELAXATION] })).text()],
    [
      'verify',
      () => {
        const drift = new DriftMetrics('ws-acme');
        drift.known(0);
        return drift.text();
      },
    ],
  ] as const)('has what %s emits, of its type, and nothing else', async (emitter, text) => {
    const series = emitted(await text());
    expect([...series.keys()].sort()).toEqual(
      contract(emitter)
        .map(({ name }) => name)
        .sort(),
    );
    for (const { name, type, labels, zeroInitialised } of contract(emitter)) {
      expect(series.get(name)!.type, name).toBe(type);
      for (const label of series.get(name)!.labels) expect(labels, name).toContain(label);
      if (zeroInitialised) expect([...series.get(name)!.labels].sort(), name).toEqual([...labels].sort());
    }
  });

  it('calls no two series the same', () => {
    const names = Object.values<Metric>(METRICS).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
