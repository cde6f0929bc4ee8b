import { Construct } from 'constructs';
import { API_GROUP } from '../../model/names.js';
import { AdmissionPolicy } from './admission-policy.js';
import { NAMESPACE_IS_GOING } from './callers.js';

/** A Relaxation is deleted only after it has ended: it is evidence, and its end has to be seen by those who obey it. */
export class RelaxationHistory extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new AdmissionPolicy(this, 'admission', {
      name: 'portarium-relaxation-history',
      requests: [{ group: API_GROUP, version: 'v1alpha1', operations: ['DELETE'], resources: ['relaxations'] }],
      bindings: [{}],
      refusals: [
        {
          expression: `oldObject.spec.state == "ended" || ${NAMESPACE_IS_GOING}`,
          message: 'A Relaxation can be deleted only after it has ended.',
          messageExpression:
            '"The Relaxation " + oldObject.metadata.name + " is " + oldObject.spec.state + ". End it first: set state \\"ended\\" and endedBy."',
        },
      ],
    });
  }
}
