import { Construct } from 'constructs';
import { API_GROUP, GROUPS } from '../../model/names.js';
import { AdmissionPolicy } from './admission-policy.js';
import { BREAK_GLASS, NAMESPACE_IS_GOING } from './callers.js';

/** A PolicyApproval is evidence, and the current one a parameter of admission. Makes `portarium-policyapproval-kept`. */
export class PolicyApprovalKept extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new AdmissionPolicy(this, 'admission', {
      name: 'portarium-policyapproval-kept',
      requests: [{ group: API_GROUP, version: 'v1alpha1', operations: ['DELETE'], resources: ['policyapprovals'] }],
      bindings: [{}],
      refusals: [
        {
          expression: `${BREAK_GLASS} || ${NAMESPACE_IS_GOING}`,
          message: `A PolicyApproval is not deleted: it is the record of who let agents do what, and why. The group ${GROUPS.breakGlass} alone may.`,
        },
      ],
    });
  }
}
