import { Construct } from 'constructs';
import type { AdmissionProps } from './admission-policy.js';
import { RelaxationApprover } from './relaxation-approver.js';
import { RelaxationChange } from './relaxation-change.js';
import { RelaxationHistory } from './relaxation-history.js';
import { RelaxationRequest } from './relaxation-request.js';

/**
 * Who may ask for, approve, end and delete a Relaxation, and for how long. Always refuses, whatever the platform's
 * guards: a Relaxation is the authority that all else rests on.
 * Source: design, section 2; runbook Phase 4, "Rollback".
 */
export class RelaxationAdmission extends Construct {
  constructor(scope: Construct, id: string, props: AdmissionProps) {
    super(scope, id);
    new RelaxationRequest(this, 'request', props);
    new RelaxationChange(this, 'change');
    new RelaxationApprover(this, 'approver', props);
    new RelaxationHistory(this, 'history');
  }
}
