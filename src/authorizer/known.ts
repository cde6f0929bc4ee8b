import type { WorkspacePolicySpec } from '../model/policy.js';
import type { Relaxation } from '../model/relaxation.js';

export interface KnownPolicy {
  /** The last version that could be read. */
  readonly spec: WorkspacePolicySpec;
  /** Why the newest version cannot be read; every control enforces then. */
  readonly unreadable?: string;
}

export interface AgentRow {
  readonly workspaceId: string;
  readonly name: string;
  readonly spiffeId: string;
}

/** Where OpenFGA has an authorization model. */
export interface ModelPlace {
  readonly storeId: string;
  readonly modelId: string;
}

/** What the cluster says, as far as it is known here. */
export interface Known {
  /** The first full lists have arrived; nothing is decided before. */
  readonly complete: boolean;
  /** The API server has been heard of within `contactSeconds`; without it no relaxation holds. */
  readonly inContact: boolean;
  tryPolicy(workspaceId: string): KnownPolicy | undefined;
  /** Rows of all policies; more than one means that none of them can be told from the others. */
  agentsNamed(name: string): readonly AgentRow[];
  agentsWith(spiffeId: string): readonly AgentRow[];
  relaxations(workspaceId: string): readonly Relaxation[];
  /** Whether the workspace may be served before it has a policy. */
  isPending(workspaceId: string): boolean;
  /** Where the model with this hash was published to. */
  tryModel(hash: string): ModelPlace | undefined;
}
