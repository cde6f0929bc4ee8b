import { Construct } from 'constructs';
import { OnboardingDefinition } from './onboarding-definition.js';
import { PolicyApprovalDefinition } from './policy-approval-definition.js';
import { AuthorizationModelDefinition } from './authorization-model-definition.js';
import { RelaxationDefinition } from './relaxation-definition.js';
import { WorkspacePolicyDefinition } from './workspace-policy-definition.js';

/**
 * The CRDs of group enforcement.portarium.io: WorkspacePolicy, Relaxation, AuthorizationModel, PolicyApproval and
 * Onboarding.
 * Admission that takes them as parameters refuses everything it judges until they are served, so they come first.
 * Source: design, section 4.
 */
export class CustomResources extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new WorkspacePolicyDefinition(this, 'workspace-policy');
    new RelaxationDefinition(this, 'relaxation');
    new AuthorizationModelDefinition(this, 'authorization-model');
    new PolicyApprovalDefinition(this, 'policy-approval');
    new OnboardingDefinition(this, 'onboarding');
  }
}
