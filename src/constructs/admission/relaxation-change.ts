import { Construct } from 'constructs';
import { API_GROUP, GROUPS } from '../../model/names.js';
import { callerIn } from '../guards/cel.js';
import { AdmissionPolicy } from './admission-policy.js';
import { changedBefore } from './clock.js';
import { labelRefusal, labelVariables } from './relaxation-labels.js';

/**
 * A Relaxation is approved by another person than the requester, an approver and no pipeline, before it expires; ended
 * by whoever may write it, in their own name. What may follow what, and that nothing else changes, is in the CRD.
 * Makes `portarium-relaxation-change`.
 */
export class RelaxationChange extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new AdmissionPolicy(this, 'admission', {
      name: 'portarium-relaxation-change',
      requests: [{ group: API_GROUP, version: 'v1alpha1', operations: ['UPDATE'], resources: ['relaxations'] }],
      bindings: [{}],
      variables: {
        ...labelVariables,
        approves: 'object.spec.state == "approved" && oldObject.spec.state != "approved"',
        ends: 'object.spec.state == "ended" && oldObject.spec.state != "ended"',
      },
      refusals: [
        {
          expression: '!variables.approves || request.userInfo.username != object.spec.requestedBy',
          message: 'The requester cannot approve their own Relaxation. Ask another approver of the workspace.',
        },
        {
          expression: `!variables.approves || (!request.userInfo.username.startsWith("system:") && ${callerIn(GROUPS.approvers, GROUPS.breakGlass)})`,
          message: `Only a person in the group ${GROUPS.approvers} or ${GROUPS.breakGlass} may approve a Relaxation; a pipeline cannot.`,
        },
        {
          expression: '!variables.approves || object.spec.?approvedBy.orValue("") == request.userInfo.username',
          message: 'approvedBy must be the user who sends the approval.',
          messageExpression:
            '"approvedBy must be the user who sends the approval, " + request.userInfo.username + ", not " + object.spec.?approvedBy.orValue("nobody") + "."',
        },
        {
          expression: `!variables.approves || ${changedBefore('object.spec.expiresAt')}`,
          message: 'The Relaxation has expired and cannot be approved. End it and ask for another.',
          messageExpression:
            '"The Relaxation " + object.metadata.name + " expired at " + string(timestamp(object.spec.expiresAt)) + " and cannot be approved. End it and ask for another."',
        },
        {
          expression: '!variables.ends || object.spec.?endedBy.orValue("") == request.userInfo.username',
          message: 'endedBy must be the user who ends the Relaxation.',
          messageExpression:
            '"endedBy must be the user who ends the Relaxation, " + request.userInfo.username + ", not " + object.spec.?endedBy.orValue("nobody") + "."',
        },
        labelRefusal,
      ],
    });
  }
}
