import { Construct } from 'constructs';
import type { AdmissionProps } from './admission-policy.js';
import { DefinitionsKept } from './definitions-kept.js';
import { WorkspacePolicyApproved } from './workspace-policy-approved.js';
import { WorkspacePolicyKept } from './workspace-policy-kept.js';
import { WorkspacePolicyStatus } from './workspace-policy-status.js';
import { WorkspacePolicyWrite } from './workspace-policy-write.js';

/**
 * Who may write WorkspacePolicies and their status, what needs an approval, and that neither they nor the CRDs nor their namespace go away. Always refuses,
 * whatever the platform's guards; which changes a policy may undergo at all is in the CRD.
 * Source: design, sections 2 and 4.
 */
export class WorkspacePolicyAdmission extends Construct {
  constructor(scope: Construct, id: string, props: AdmissionProps) {
    super(scope, id);
    new WorkspacePolicyWrite(this, 'write', props);
    new WorkspacePolicyApproved(this, 'approved', props);
    new WorkspacePolicyStatus(this, 'status');
    new WorkspacePolicyKept(this, 'kept');
    new DefinitionsKept(this, 'definitions');
  }
}
