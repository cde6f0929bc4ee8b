import { Field } from './field.js';
import type { KubeObject } from './kube-object.js';
import { LABELS } from './names.js';
import type { PolicyDocument } from './policy.js';

/** A person's approval of what a workspace's agents may do. */
export interface PolicyApproval {
  readonly name: string;
  readonly workspaceId: string;
  readonly policyHash: string;
  /** As it was approved; what an older version approved may lack fields. */
  readonly policy: Partial<PolicyDocument>;
  readonly reason: string;
  readonly ticket: string;
  readonly approvedBy: string;
  readonly createdAt: Date;
  /** Whether it is the one that counts. */
  readonly current: boolean;
}

/** A PolicyApproval as it stands in the cluster; its policy is as the CRD's schema let it in. Throws Unreadable. */
export function policyApprovalOf({ metadata, ...object }: KubeObject): PolicyApproval {
  const where = `PolicyApproval ${metadata.name}`;
  const spec = new Field(object['spec'], `${where}: spec`);
  return {
    name: metadata.name,
    workspaceId: spec.get('workspaceId').text(),
    policyHash: spec.get('policyHash').text(),
    policy: spec.get('policy').value ?? {},
    reason: spec.get('reason').text(),
    ticket: spec.get('ticket').text(),
    approvedBy: spec.get('approvedBy').text(),
    createdAt: new Field(metadata['creationTimestamp'], `${where}: metadata.creationTimestamp`).time(),
    current: metadata.labels?.[LABELS.approval] === 'current',
  };
}
