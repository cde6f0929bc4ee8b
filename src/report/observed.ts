import type { Check } from '../model/check.js';
import type { Control, Level, Mode } from '../model/levels.js';

/** What the live cluster said, once; plain data, fit for JSON. */
export interface Observed {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Address of the API server, and who asked. */
  readonly server: string;
  readonly by: string;
  /** Absent where nothing is deployed. */
  readonly policy?: ObservedPolicy;
  readonly controls: Readonly<Record<Control, ObservedControl>>;
  /** Whole objects, policies and redirections of others, as `enforce verify` compares them. */
  readonly drift: readonly Check[];
  /** Why the next update would be refused. */
  readonly refusals: readonly string[];
  /** Newest first; all that there are, of whatever time. */
  readonly relaxations: readonly ObservedRelaxation[];
  /** Newest first. */
  readonly approvals: readonly ObservedApproval[];
  /** Oldest first; from the inventory, which whoever may write it can change. */
  readonly history: readonly ObservedLevel[];
  /** Levels that other workspaces in the same namespace have reached; absent where nothing of them is deployed. */
  readonly sharing: readonly { readonly workspaceId: string; readonly level?: Level }[];
  /** What could not be read, and why. */
  readonly unread: readonly { readonly what: string; readonly why: string }[];
}

export interface ObservedPolicy {
  readonly reachedLevel: Level;
  readonly policyHash: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

export interface ObservedControl {
  readonly mode: Mode;
  readonly verdict: 'enforced' | 'shadow' | 'relaxed' | 'inconclusive' | 'not deployed';
  readonly note: string;
}

export interface ObservedRelaxation {
  readonly name: string;
  readonly controls: readonly Control[];
  readonly state: 'requested' | 'approved' | 'ended';
  readonly reason: string;
  readonly ticket: string;
  readonly requestedBy: string;
  readonly approvedBy?: string;
  /** ISO 8601, as the rest. */
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly endedBy?: string;
  readonly endedAt?: string;
}

export interface ObservedApproval {
  readonly name: string;
  readonly approvedBy: string;
  readonly approvedAt: string;
  readonly reason: string;
  readonly ticket: string;
  readonly policyHash: string;
  readonly current: boolean;
  readonly live: boolean;
  /** Against the approval before, each as a phrase. */
  readonly changes: readonly string[];
}

export interface ObservedLevel {
  readonly level: Level;
  readonly relaxing: readonly Control[];
  readonly at: string;
  readonly by: string;
}
