/** Who emits a series. `rules`: our recording rules, from the others. `sdk`: Portarium's SDKs and hooks in the agents. */
export type Emitter =
  | 'authorizer'
  | 'sdk'
  | 'control-plane'
  | 'verify'
  | 'rules'
  | 'envoy'
  | 'openfga'
  | 'spire'
  | 'hubble'
  | 'cilium'
  | 'kube-state-metrics'
  | 'prometheus'
  | 'alertmanager'
  | 'prometheus-operator';

/** One series that alerts, the dashboard or the gate read. */
export interface Metric {
  /** As it is called by default; a platform's `monitoring.metricNames` may say otherwise. */
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** Those that the emitter sets; a scrape adds `namespace`, `pod`, `job` and `instance`. */
  readonly labels: readonly string[];
  readonly emitter: Emitter;
  /** Every combination of labels that can be known begins at 0, so that the first increase is seen. */
  readonly zeroInitialised: boolean;
  readonly help: string;
}

/** What a scrape adds to every series. */
export const TARGET_LABELS: readonly string[] = ['namespace', 'pod', 'job', 'instance'];

const metric =
  (type: Metric['type'], zeroInitialised: boolean) =>
  (emitter: Emitter, name: string, labels: readonly string[], help: string): Metric => ({
    name,
    type,
    labels,
    emitter,
    zeroInitialised,
    help,
  });

/** Begins at 0. */
export const counter = metric('counter', true);
/** Is born with its first increase, at 1: `increase` does not see that one. */
export const lateCounter = metric('counter', false);
export const gauge = metric('gauge', false);
/** Begins at 0. */
export const gaugeFromZero = metric('gauge', true);
export const histogram = metric('histogram', false);
