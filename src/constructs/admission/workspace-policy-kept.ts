import { Construct } from 'constructs';
import { API_GROUP, GROUPS } from '../../model/names.js';
import { AdmissionPolicy } from './admission-policy.js';
import { BREAK_GLASS, NAMESPACE_IS_GOING } from './callers.js';

/**
 * A WorkspacePolicy is not deleted: created anew, it would have forgotten the level it had reached.
 * Makes `portarium-workspacepolicy-kept`.
 */
export class WorkspacePolicyKept extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new AdmissionPolicy(this, 'admission', {
      name: 'portarium-workspacepolicy-kept',
      requests: [{ group: API_GROUP, version: 'v1alpha1', operations: ['DELETE'], resources: ['workspacepolicies'] }],
      bindings: [{}],
      refusals: [
        {
          expression: `${BREAK_GLASS} || ${NAMESPACE_IS_GOING}`,
          message: `A WorkspacePolicy is not deleted: with it the level that was reached would be forgotten. The group ${GROUPS.breakGlass} alone may.`,
        },
      ],
    });
  }
}
