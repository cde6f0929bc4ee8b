import type { Level } from '../model/levels.js';
import type { Observed } from './observed.js';

/** What a report is made from, and nothing else: equal inputs give the same bytes. */
export interface ReportInput {
  readonly subject: Subject;
  /** ISO 8601, UTC. Evidence that ended outside of it is not accepted. */
  readonly period: { readonly from: string; readonly until: string };
  /** ISO 8601, UTC. */
  readonly madeAt: string;
  readonly tool: Tool;
  /** As the stacks render, by name of the file in the report's folder: hex SHA-256. */
  readonly manifests: Readonly<Record<string, string>>;
  /** PEM of the Ed25519 key that must have signed the evidence. @default - none: no evidence can count as pass */
  readonly evidenceKey?: string;
  /** @default - the cluster was not read */
  readonly observed?: Observed;
}

export interface Subject {
  readonly stack: string;
  readonly workspaceId: string;
  readonly namespace: string;
  readonly platformStack: string;
  /** As the config says. */
  readonly level: Level;
  readonly policyHash: string;
  readonly agents: readonly string[];
  /** `crm.example.com:443`. */
  readonly systemsOfRecord: readonly string[];
  /** Workspaces of other stacks in the same namespace, with the level that their config says. */
  readonly sharing: readonly { readonly workspaceId: string; readonly level: Level }[];
}

export interface Tool {
  readonly name: 'portarium-enforcement';
  readonly version: string;
  /** Of its source. @default - not known */
  readonly commit?: string;
  /** Whether the source differs from the commit. */
  readonly modified?: boolean;
}

/** One file of the evidence folder. */
export interface EvidenceFile {
  /** Its name in the folder. */
  readonly file: string;
  readonly bytes: Uint8Array;
}
