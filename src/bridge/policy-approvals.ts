import { approvalLabels } from '../constructs/admission/approval-labels.js';
import type { KubeObject } from '../model/kube-object.js';
import { API_VERSION, LABELS, NAMESPACES } from '../model/names.js';
import { policyApprovalOf, type PolicyApproval } from '../model/policy-approval.js';
import { policyDocument, type WorkspacePolicySpec } from '../model/policy.js';
import type { Cluster, LiveObject } from './cluster.js';
import { createStamped } from './stamped-name.js';

const KIND = { apiVersion: API_VERSION, kind: 'PolicyApproval', namespace: NAMESPACES.policy } as const;

/** What is approved, and why; the approver is who the API server says the caller is. */
export interface ApprovalRequest {
  readonly policy: WorkspacePolicySpec;
  readonly reason: string;
  readonly ticket: string;
}

export interface Approved {
  readonly approval: PolicyApproval;
  /** Names of those that counted before and no longer do. */
  readonly superseded: readonly string[];
}

/**
 * Approves a policy in the caller's own name, and lets every earlier approval of the workspace give way to it. The new
 * one comes first: in between two count, and admission refuses what is not approved by both. Approving what the current
 * approval already is of finishes what was interrupted, and writes nothing else.
 */
export async function approvePolicy(cluster: Cluster, request: ApprovalRequest): Promise<Approved> {
  const { workspaceId, policyHash } = request.policy;
  const current = (await listPolicyApprovals(cluster, workspaceId)).filter((each) => each.current);
  const approval =
    current.find((each) => each.policyHash === policyHash) ??
    policyApprovalOf(await create(cluster, { ...request, approvedBy: (await cluster.whoAmI()).username }));
  const superseded = current.map(({ name }) => name).filter((name) => name !== approval.name);
  for (const name of superseded) {
    const ref = { ...KIND, metadata: { name, namespace: KIND.namespace } };
    await cluster.mergePatch(ref, { metadata: { labels: { [LABELS.approval]: null } } });
  }
  return { approval, superseded };
}

const create = (
  cluster: Cluster,
  { policy, ...why }: ApprovalRequest & { readonly approvedBy: string },
): Promise<LiveObject> => createStamped(cluster, policy.workspaceId, (name) => policyApprovalObject(name, policy, why));

/** A PolicyApproval as the API server takes it. */
export const policyApprovalObject = (
  name: string,
  policy: WorkspacePolicySpec,
  why: { readonly reason: string; readonly ticket: string; readonly approvedBy: string },
): KubeObject => ({
  apiVersion: KIND.apiVersion,
  kind: KIND.kind,
  metadata: { name, namespace: KIND.namespace, labels: approvalLabels(policy.workspaceId) },
  spec: { workspaceId: policy.workspaceId, policyHash: policy.policyHash, policy: policyDocument(policy), ...why },
});

/** Newest first; those of one second by name. */
export async function listPolicyApprovals(cluster: Cluster, workspaceId: string): Promise<readonly PolicyApproval[]> {
  const found = await cluster.list(KIND, { labels: `${LABELS.workspace}=${workspaceId}` });
  return found
    .map(policyApprovalOf)
    .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.name < b.name ? 1 : -1));
}

/** The spec of the live WorkspacePolicy, as it stands; undefined before the first deployment. */
export async function tryLivePolicy(
  cluster: Cluster,
  workspaceId: string,
): Promise<Partial<WorkspacePolicySpec> | undefined> {
  const live = await cluster.tryGet({
    apiVersion: API_VERSION,
    kind: 'WorkspacePolicy',
    metadata: { name: workspaceId, namespace: NAMESPACES.policy },
  });
  return live && (live['spec'] ?? {});
}

/** Why admission would refuse to deploy the policy, as a sentence; undefined when it would not, or is not there yet. */
export async function tryUnapproved(cluster: Cluster, policy: WorkspacePolicySpec, stack: string) {
  const { workspaceId, reachedLevel, policyHash } = policy;
  if (reachedLevel === 'routing' || (await cluster.tryResource(KIND.apiVersion, KIND.kind)) === undefined) {
    return undefined;
  }
  const live = await tryLivePolicy(cluster, workspaceId);
  if (live?.policyHash === policyHash && live.reachedLevel !== 'routing') return undefined;
  const current = (await listPolicyApprovals(cluster, workspaceId)).filter((each) => each.current);
  const others = current.filter((each) => each.policyHash !== policyHash);
  if (current.length > 0 && others.length === 0) return undefined;
  const approved = others.map((each) => `${each.name} approves ${short(each.policyHash)}`).join(', ') || 'none is';
  return `what the agents of workspace "${workspaceId}" may do (policy ${short(policyHash)}) is not approved; ${approved}. Have a member of the group portarium:allowlist-admins run: enforce allowlist approve --stack ${stack} --reason … --ticket …`;
}

const short = (hash: string): string => `${hash.slice(0, 12)}…`;
