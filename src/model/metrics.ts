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
