import type { Level } from '../model/levels.js';
import type { MetricNames } from '../model/metrics.js';

/** `routing`: Phase 3, fewer than a tenth of the calls go past the front. `enforcement`: Phase 4, none does. */
export const GATES = ['routing', 'enforcement'] as const;
export type Gate = (typeof GATES)[number];

/** What sees flows that no SDK reports. */
export const NETWORK_SOURCES = ['hubble', 'none'] as const;
export type NetworkSource = (typeof NETWORK_SOURCES)[number];

/** What one pass asks of a Prometheus, for one workspace or for all of them at once. Seconds, everywhere. */
export interface Question {
  readonly gate: Gate;
  /** The instant of every query, since 1970: the server's own time down to the minute, minus one. */
  readonly at: number;
  readonly window: number;
  /** How often the ratio is recorded, and how far apart the window is looked at. */
  readonly step: number;
  /** @default - every workspace that the server has, in one pass */
  readonly only?: { readonly workspaceId: string; readonly namespace: string };
  readonly names: MetricNames;
  /**
   * `none` with `declared`: the platform's config says that the cluster has no record of flows, a limitation of the
   * answer. Without: nobody looked, and the enforcement gate does not pass.
   */
  readonly network: { readonly source: NetworkSource; readonly declared: boolean };
  /** Regular expression of the scrape jobs that must be healthy. */
  readonly jobs: string;
  readonly criteria: Criteria;
}

/** When the gate passes. */
export interface Criteria {
  /** Calls through the front in the window, below which zero direct calls mean too little. */
  readonly minCalls: number;
  /** Share of the window that must have been seen, 0 to 1. */
  readonly coverage: number;
  /** Between the server's clock and ours, in seconds. */
  readonly clockSkew: number;
}

/** 300 calls without a direct one: at most 1 % are, at 95 % confidence (rule of three). */
export const CRITERIA: Criteria = { minCalls: 300, coverage: 0.99, clockSkew: 60 };

/** Of the runbook's Phase 4 step 5: `portarium_direct_sor_ratio` = 0 for 48 hours and more. */
export const ENFORCEMENT_WINDOW = 48 * 3600;

/** Of Phase 3: the ratio is below this. */
export const ROUTING_LIMIT = 0.1;

/** The workspace that is judged, as its stack has it. */
export interface Subject {
  readonly stack: string;
  readonly workspaceId: string;
  readonly namespace: string;
  /** Those that have replicas. */
  readonly agents: readonly string[];
  /** Of the policy that the stack renders, and the level that the stack climbs to. */
  readonly policyHash: string;
  readonly level: Level;
}

/** Whether a value of the ratio, or a share of calls, is as the gate wants it. */
export const within = (gate: Gate, share: number): boolean =>
  gate === 'routing' ? share < ROUTING_LIMIT : share === 0;

export const wanted = (gate: Gate): string => (gate === 'routing' ? `below ${ROUTING_LIMIT.toFixed(2)}` : '0');
