import { Construct } from 'constructs';
import { API_GROUP, GROUPS, NAMESPACES } from '../../model/names.js';
import { callerIn } from '../guards/cel.js';
import { AdmissionPolicy } from './admission-policy.js';
import { BREAK_GLASS, NAMESPACE_IS_GOING, OBJECT_IS_GOING } from './callers.js';

/**
 * The Onboarding list is the platform's, and is not deleted: made anew, it could name anybody. That it only shrinks is in
 * the CRD. Always refuses, whatever the platform's guards.
 * Makes `portarium-onboarding`.
 * Source: design, section 7.
 */
export class OnboardingAdmission extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new AdmissionPolicy(this, 'admission', {
      name: 'portarium-onboarding',
      requests: [
        {
          group: API_GROUP,
          version: 'v1alpha1',
          operations: ['CREATE', 'UPDATE', 'DELETE'],
          resources: ['onboardings'],
        },
      ],
      bindings: [{}],
      refusals: [
        {
          expression: `request.namespace == "${NAMESPACES.policy}" || request.operation == "DELETE"`,
          message: `The Onboarding lives in the namespace ${NAMESPACES.policy}; elsewhere nobody reads it.`,
        },
        {
          expression: `request.operation == "DELETE" || ${callerIn(GROUPS.platformDeployers, GROUPS.breakGlass)} || ${OBJECT_IS_GOING}`,
          message: `Only the groups ${GROUPS.platformDeployers} and ${GROUPS.breakGlass} may say which workspaces are still to be onboarded.`,
        },
        {
          expression: `request.operation != "DELETE" || ${BREAK_GLASS} || ${NAMESPACE_IS_GOING}`,
          message: `The Onboarding is not deleted: made anew, it could name workspaces that have been onboarded. The group ${GROUPS.breakGlass} alone may.`,
        },
      ],
    });
  }
}
