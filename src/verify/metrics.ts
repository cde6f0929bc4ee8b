import { Gauge, Registry } from 'prom-client';
import type { Check } from '../model/check.js';

/** Objects that a fresh look found different, foreign or missing; probes are none. */
export const drifted = (checks: readonly Check[]): number =>
  new Set(
    checks.filter(({ verdict }) => verdict === 'fail').flatMap(({ findings }) => findings.map(({ object }) => object)),
  ).size;

/** What is exported of drift. The figure begins at 0 and is taken away where it is not known: absent, not 0. */
export class DriftMetrics {
  readonly #registry = new Registry();
  readonly #resources = new Gauge({
    name: 'portarium_drift_resources',
    help: 'Live objects that are not as rendered, are missing or are no stack’s. Absent while that is not known.',
    labelNames: ['workspace_id'],
    registers: [this.#registry],
  });
  readonly #success = new Gauge({
    name: 'portarium_drift_check_success',
    help: '1 while every kind is watched and the last look was complete, else 0.',
    labelNames: ['workspace_id'],
    registers: [this.#registry],
  });
  readonly #last = new Gauge({
    name: 'portarium_drift_last_check_timestamp_seconds',
    help: 'When the last complete look ended, seconds since 1970.',
    labelNames: ['workspace_id'],
    registers: [this.#registry],
  });

  constructor(readonly workspaceId: string) {
    this.#resources.set({ workspace_id: workspaceId }, 0);
    this.#success.set({ workspace_id: workspaceId }, 0);
  }

  known(resources: number): void {
    const labels = { workspace_id: this.workspaceId };
    this.#resources.set(labels, resources);
    this.#success.set(labels, 1);
    this.#last.set(labels, Date.now() / 1000);
  }

  unknown(): void {
    const labels = { workspace_id: this.workspaceId };
    this.#resources.remove(labels);
    this.#success.set(labels, 0);
  }

  /** In Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
