import type { MetricNames } from '../metrics.js';

/** Pages in the runbooks: `docs/runbook/<component>.md` has a section for each alert, headed by its name. */
export const COMPONENTS = [
  'direct-calls',
  'blind-spots',
  'policy',
  'mtls',
  'spire',
  'openfga',
  'change',
  'pipeline',
] as const;
export type Component = (typeof COMPONENTS)[number];

/** `critical` wakes somebody, `warning` is a ticket, `info` is for the dashboard, `none` for the heartbeat. */
export type Severity = 'critical' | 'warning' | 'info' | 'none';

export interface Alert {
  readonly alert: string;
  readonly severity: Severity;
  readonly component: Component;
  readonly expr: string;
  /** How long the condition must hold. @default - none: the first evaluation fires */
  readonly for?: string;
  /** How long it fires on after the condition is gone. @default - not at all */
  readonly keepFiringFor?: string;
  /** One line. Labels and value by Prometheus' templates. */
  readonly summary: string;
  /** What it means for whom. */
  readonly description: string;
  /** What to run first. */
  readonly command: string;
  /** One of the four that the runbook names. @default false */
  readonly runbook?: boolean;
}

export interface Recording {
  readonly record: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** What expressions are made from. */
export interface Scope {
  readonly names: MetricNames;
  /** A duration of Prometheus; shortened where the rules are. */
  readonly time: (duration: string) => string;
  /** The same in seconds, for what is compared with `time()`. */
  readonly seconds: (duration: string) => number;
  readonly workspaces: readonly {
    readonly id: string;
    readonly namespace: string;
    /** Served before it has a policy. */
    readonly pending: boolean;
  }[];
  /** Where an engineer asks Prometheus. */
  readonly prometheus: string;
  /** Cilium with Hubble: the network's own record of flows. */
  readonly hubble: boolean;
}

/** Asks Prometheus for a series as it is now. */
export const queryCommand = ({ prometheus }: Scope, series: string): string =>
  `promtool query instant ${prometheus} '${series}'`;

/** Workspaces in which no direct call may be: those that enforce, and those of which nobody knows. */
export const enforcing = ({ names }: Scope): string => `${names.inventory}{level=~"enforced|unknown"}`;

/** Namespaces of agents as a regular expression. */
export const agentNamespaces = ({ workspaces }: Scope): string =>
  [...new Set(workspaces.map(({ namespace }) => namespace))].sort().join('|');

/**
 * How much counters rose within a window, by labels, 0 where they did not. `increase` alone misses two things: the first
 * increase of a series that is born with it, so a series that was not there before counts with its whole value; and what
 * happened while nothing was scraped, so the last value before the window is remembered, for a day.
 */
export const risen = ({ time }: Scope, series: string, by: string, window: string): string => {
  const before = `last_over_time(${series}[${time('1d')}] offset ${time(window)})`;
  return `sum by (${by}) (
    (${series} unless ${before})
  or
    (increase(${series}[${time(window)}]) > 0)
  or
    clamp_min(${series} - ${before}, 0)
)`;
};

/** The rule's own `namespace` is where its alerts are routed from; the one of the series gets another name. */
export const ofWorkload = (expr: string): string =>
  `label_replace(${expr}, "workload_namespace", "$1", "namespace", "(.*)")`;
