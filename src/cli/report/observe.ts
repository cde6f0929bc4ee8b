import { readInventory } from '../../bridge/inventory.js';
import { listPolicyApprovals, tryLivePolicy } from '../../bridge/policy-approvals.js';
import { listRelaxations } from '../../bridge/relaxations.js';
import { statusOf } from '../../bridge/status.js';
import type { Cluster } from '../../bridge/cluster.js';
import { approvalHistory, type HistoryEntry } from '../../model/approval-history.js';
import { Field } from '../../model/field.js';
import { LEVELS, type Level } from '../../model/levels.js';
import { API_VERSION, NAMESPACES } from '../../model/names.js';
import type { LiveRelaxation } from '../../model/relaxation-object.js';
import type { Workspace } from '../../model/workspace.js';
import type { Observed, ObservedApproval, ObservedPolicy, ObservedRelaxation } from '../../report/index.js';
import { lookForDrift, type Subject } from '../../verify/live-checks.js';

/** Reads what a report says of the live cluster. Writes nothing; what cannot be read is named, and settles nothing. */
export async function observe(cluster: Cluster, subject: Subject): Promise<Observed> {
  const { platform, workspace, workspaces } = subject;
  const unread: { readonly what: string; readonly why: string }[] = [];
  const attempt = async <T>(what: string, read: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await read();
    } catch (error) {
      unread.push({ what, why: error instanceof Error ? error.message : String(error) });
      return otherwise;
    }
  };
  const at = new Date().toISOString();
  const { username } = await cluster.whoAmI();
  const policy = await attempt('WorkspacePolicy', () => tryPolicy(cluster, workspace.id), undefined);
  const [status, looked, relaxations, approvals, inventory, sharing] = await Promise.all([
    attempt('status', () => statusOf(cluster, { kind: 'workspace', platform, workspace }), undefined),
    lookForDrift(cluster, subject),
    attempt('Relaxations', async () => (await listRelaxations(cluster, workspace.id)).map(observedRelaxation), []),
    attempt(
      'PolicyApprovals',
      async () =>
        approvalHistory(await listPolicyApprovals(cluster, workspace.id), policy?.policyHash).map(observedApproval),
      [],
    ),
    attempt('inventory', () => readInventory(cluster, workspace.stack), { objects: [], history: [] }),
    attempt('levels in the same namespace', () => levelsOf(cluster, sharingWith(workspace, workspaces)), []),
  ]);
  const unknown = { mode: 'shadow', verdict: 'inconclusive', note: 'it could not be read' } as const;
  return {
    at,
    server: cluster.server,
    by: username,
    ...(policy && { policy }),
    controls: status?.controls ?? { authz: unknown, mtls: unknown, allowlist: unknown, egress: unknown },
    drift: looked.checks,
    refusals: status?.refusals ?? [],
    ...{ relaxations, approvals, history: inventory.history, sharing, unread },
  };
}

/** Those whose agents live in the namespace of this one’s. */
export const sharingWith = (workspace: Workspace, workspaces: readonly Workspace[]): readonly Workspace[] =>
  workspaces.filter(({ id, namespace }) => id !== workspace.id && namespace === workspace.namespace);

async function tryPolicy(cluster: Cluster, workspaceId: string): Promise<ObservedPolicy | undefined> {
  const live = await cluster.tryGet({
    apiVersion: API_VERSION,
    kind: 'WorkspacePolicy',
    metadata: { name: workspaceId, namespace: NAMESPACES.policy },
  });
  if (live === undefined) return undefined;
  const spec = new Field(live['spec'], `WorkspacePolicy ${workspaceId}: spec`);
  return {
    reachedLevel: spec.get('reachedLevel').oneOf(LEVELS),
    policyHash: spec.get('policyHash').text(),
    createdAt: new Field(live.metadata.creationTimestamp, 'metadata.creationTimestamp').text(),
  };
}

async function levelsOf(
  cluster: Cluster,
  workspaces: readonly Workspace[],
): Promise<readonly { readonly workspaceId: string; readonly level?: Level }[]> {
  return Promise.all(
    workspaces.map(async ({ id }) => {
      const level = (await tryLivePolicy(cluster, id))?.reachedLevel;
      return { workspaceId: id, ...(level !== undefined && { level }) };
    }),
  );
}

const observedRelaxation = (relaxation: LiveRelaxation): ObservedRelaxation => {
  const { name, controls, state, reason, ticket, requestedBy, approvedBy, createdAt, expiresAt, endedBy, endedAt } =
    relaxation;
  return {
    ...{ name, controls, state, reason, ticket, requestedBy },
    ...(approvedBy !== undefined && { approvedBy }),
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    ...(endedBy !== undefined && { endedBy }),
    ...(endedAt !== undefined && { endedAt: endedAt.toISOString() }),
  };
};

const observedApproval = (entry: HistoryEntry): ObservedApproval => {
  const { name, approvedBy, approvedAt, reason, ticket, policyHash, current, live, diff } = entry;
  const tools = [...diff.allowedTools, ...diff.blastRadius].map(
    ({ tool, before, after }) => `${tool}: ${before ?? 'not allowed'} -> ${after ?? 'not allowed'}`,
  );
  const changes = [...tools, ...diff.others.map(({ field }) => `${field} changed`)];
  return { ...{ name, approvedBy, approvedAt, reason, ticket, policyHash, current, live }, changes };
};
