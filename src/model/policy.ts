import { MODEL_HASH } from './authorization/model.js';
import { sha256 } from './canonical.js';
import { spiffeId } from './identity.js';
import { modesAt, type Control, type Level, type Modes } from './levels.js';
import type { Platform } from './platform.js';
import type { AllowedTool, Risk, SeparationOfDuties, Workspace } from './workspace.js';

/** `spec` of a WorkspacePolicy: what the front obeys for one workspace. */
export interface WorkspacePolicySpec {
  readonly workspaceId: string;
  readonly namespace: string;
  /** The highest level reached; a CRD transition rule lets it only rise. */
  readonly reachedLevel: Level;
  /** The reached level's preset. What a Relaxation loosens is decided by the reader's own clock. */
  readonly modes: Modes;
  readonly relaxation?: { readonly name: string; readonly controls: readonly Control[] };
  readonly agents: readonly {
    readonly name: string;
    readonly serviceAccount: string;
    readonly spiffeId: string;
    readonly risk: Risk;
  }[];
  readonly allowedTools: readonly AllowedTool[];
  readonly defaultAction: 'Deny';
  readonly blastRadius: readonly AllowedTool[];
  readonly separationOfDuties: SeparationOfDuties;
  readonly policyIds: readonly string[];
  readonly systemsOfRecord: readonly { readonly host: string; readonly ports: readonly number[] }[];
  readonly approvers: readonly string[];
  /** Hash of the authorization model that OpenFGA is asked by. */
  readonly authorizationModel: string;
  readonly policyHash: string;
}

/**
 * Fields that say where the workspace stands and not what its agents may do: neither hashed nor approved. Everything
 * else is the policy's document.
 */
export const OUTSIDE_DOCUMENT = ['reachedLevel', 'modes', 'relaxation', 'policyHash'] as const;

/** What `policyHash` is the hash of, and what a person approves. */
export type PolicyDocument = Omit<WorkspacePolicySpec, (typeof OUTSIDE_DOCUMENT)[number]>;

export const policyDocument = (spec: WorkspacePolicySpec): PolicyDocument =>
  Object.fromEntries(
    Object.entries(spec).filter(([field]) => !OUTSIDE_DOCUMENT.some((outside) => outside === field)),
  ) as unknown as PolicyDocument;

const byKey =
  <T>(key: (item: T) => string) =>
  (a: T, b: T): number =>
    key(a) < key(b) ? -1 : 1;

const sorted = (tools: readonly AllowedTool[]): readonly AllowedTool[] =>
  tools.map(({ tool, tier }) => ({ tool, tier })).sort(byKey((tool) => tool.tool));

/** The workspace's policy; lists are sorted, so that their order in the config means nothing. */
export function workspacePolicy(platform: Platform, workspace: Workspace): WorkspacePolicySpec {
  const policy = {
    workspaceId: workspace.id,
    namespace: workspace.namespace,
    agents: workspace.agents
      .map(({ name, risk }) => ({
        name,
        serviceAccount: name,
        spiffeId: spiffeId(workspace.namespace, name, platform.trustDomain),
        risk,
      }))
      .sort(byKey((agent) => agent.name)),
    allowedTools: sorted(workspace.allowlist.allowedTools),
    defaultAction: workspace.allowlist.defaultAction,
    blastRadius: sorted(workspace.blastRadius),
    separationOfDuties: { financialTools: [...workspace.separationOfDuties.financialTools].sort() },
    policyIds: [...workspace.policyIds].sort(),
    systemsOfRecord: workspace.systemsOfRecord
      .map(({ host, ports }) => ({ host, ports: [...ports].sort((a, b) => a - b) }))
      .sort(byKey((sor) => sor.host)),
    approvers: [...workspace.approvers].sort(),
    authorizationModel: MODEL_HASH,
  };
  const { relaxing } = workspace;
  return {
    ...policy,
    reachedLevel: workspace.level,
    modes: modesAt(workspace.level),
    ...(relaxing?.relaxation === undefined
      ? {}
      : { relaxation: { name: relaxing.relaxation, controls: relaxing.controls } }),
    policyHash: sha256(policy),
  };
}

/** SHA-256 of the canonical policy without level, modes and relaxation; a changed hash restarts the 48 h clock. */
export const policyHash = (platform: Platform, workspace: Workspace): string =>
  workspacePolicy(platform, workspace).policyHash;
