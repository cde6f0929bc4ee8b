import type { Control, Level } from './levels.js';

/** How much may go wrong without a person (Phase 3, step 2). */
export const TIERS = ['Auto', 'Assisted', 'HumanApprove', 'ManualOnly'] as const;
export type Tier = (typeof TIERS)[number];

export interface AllowedTool {
  readonly tool: string;
  readonly tier: Tier;
}

/** The runbook's allowlist document as it stands (Phase 4, step 3). */
export interface Allowlist {
  readonly workspaceId: string;
  readonly allowedTools: readonly AllowedTool[];
  readonly defaultAction: 'Deny';
}

/** The runbook's agent types (Phase 3, step 1). */
export const AGENT_TYPES = [
  'openai-agents-sdk',
  'openclaw-gateway',
  'llm-via-mcp',
  'custom-python',
  'custom-go',
  'custom-typescript',
] as const;
export type AgentType = (typeof AGENT_TYPES)[number];

export const RISKS = ['low', 'medium', 'high'] as const;
export type Risk = (typeof RISKS)[number];

export interface Agent {
  /** Also its service account, its Deployment and the last part of its SPIFFE ID; unique across workspaces. */
  readonly name: string;
  readonly type: AgentType;
  readonly risk: Risk;
  readonly image: string;
  readonly replicas: number;
  /** Subject of the tokens of the person who answers for it. @default - nobody but the workspace's admins */
  readonly owner?: string;
  /** What the agent listens for, on the fixed ports of `model/edges.ts`. */
  readonly listens: readonly ('gateway' | 'metrics')[];
}

export interface SystemOfRecord {
  readonly name: string;
  /** Exact DNS name, no wildcard. */
  readonly host: string;
  /** TCP ports. */
  readonly ports: readonly number[];
}

/** Who has which role in the workspace, by the subject of their tokens (runbook Phase 4 step 4). */
export interface Access {
  readonly admins: readonly string[];
  readonly operators: readonly string[];
  readonly approvers: readonly string[];
  readonly auditors: readonly string[];
  /** People, or names of the workspace's agents: whatever else they are, they may do nothing. */
  readonly suspended: readonly string[];
}

/** A credential that the execution workers may read for a while. */
export interface Credential {
  readonly id: string;
  /** RFC 3339, UTC. */
  readonly notBefore: string;
  readonly expiresAt: string;
}

/** Who may not decide on what (runbook Phase 3 step 2). That an initiator never approves is not up to a workspace. */
export interface SeparationOfDuties {
  /** On calls of these tools, the owner of the calling agent may not decide either. */
  readonly financialTools: readonly string[];
}

/** What the workspace's stack leaves in shadow although its level enforces it. */
export interface Relaxing {
  readonly controls: readonly Control[];
  /** Name of the Relaxation; absent until it is looked up in the cluster. */
  readonly relaxation?: string;
  /** As the config said it: `rollback 2`, `relax egress`. */
  readonly as: string;
}

export interface Workspace {
  readonly id: string;
  readonly stack: string;
  readonly namespace: string;
  /** The level the stack climbs to; what has been reached never falls. */
  readonly level: Level;
  readonly relaxing?: Relaxing;
  readonly allowlist: Allowlist;
  /** Tiers of tools by what they can break: for tools that the allowlist does not name, and for dangerous ones. */
  readonly blastRadius: readonly AllowedTool[];
  readonly separationOfDuties: SeparationOfDuties;
  /** The control plane's policies that agents' actions are judged by; what a caller names instead is refused. */
  readonly policyIds: readonly string[];
  readonly agents: readonly Agent[];
  readonly access: Access;
  readonly credentials: readonly Credential[];
  readonly systemsOfRecord: readonly SystemOfRecord[];
  /** Users (not groups) who may approve this workspace's relaxations. */
  readonly approvers: readonly string[];
  readonly dns: { readonly clusterIP: string };
}

/** The name of a workspace's DNS server: its component label, service account, Service and Deployment. */
export const agentDns = (workspaceId: string): string => `agent-dns-${workspaceId}`;
