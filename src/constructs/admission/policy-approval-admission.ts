import { Construct } from 'constructs';
import type { AdmissionProps } from './admission-policy.js';
import { PolicyApprovalKept } from './policy-approval-kept.js';
import { PolicyApprovalWrite } from './policy-approval-write.js';

/**
 * Who may approve what a workspace's agents may do, and that approvals stay on record. Always refuses, whatever the
 * platform's guards. That an approval never changes is in the CRD; what needs one, in `workspace-policy-approved.ts`.
 * Source: issue 5, "Allowlists".
 */
export class PolicyApprovalAdmission extends Construct {
  constructor(scope: Construct, id: string, props: AdmissionProps) {
    super(scope, id);
    new PolicyApprovalWrite(this, 'write', props);
    new PolicyApprovalKept(this, 'kept');
  }
}
