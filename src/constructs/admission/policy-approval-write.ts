import { Construct } from 'constructs';
import { API_GROUP, GROUPS, NAMESPACES } from '../../model/names.js';
import { callerIn } from '../guards/cel.js';
import { AdmissionPolicy, type AdmissionProps } from './admission-policy.js';
import { approvalLabelRefusal } from './approval-labels.js';
import { OBJECT_IS_GOING } from './callers.js';
import { placements } from './placements.js';

/**
 * An approval is written by a person of the allowlist's admins, in their own name, for a workspace of the platform.
 * Makes `portarium-policyapproval-write`.
 */
export class PolicyApprovalWrite extends Construct {
  constructor(scope: Construct, id: string, { platform }: AdmissionProps) {
    super(scope, id);
    const { variables, namespaceOf } = placements(platform);
    new AdmissionPolicy(this, 'admission', {
      name: 'portarium-policyapproval-write',
      requests: [
        { group: API_GROUP, version: 'v1alpha1', operations: ['CREATE', 'UPDATE'], resources: ['policyapprovals'] },
      ],
      bindings: [{}],
      variables,
      refusals: [
        {
          expression: `request.namespace == "${NAMESPACES.policy}"`,
          message: `PolicyApprovals live in the namespace ${NAMESPACES.policy}; elsewhere nobody reads them.`,
        },
        {
          expression: `(!request.userInfo.username.startsWith("system:") && ${callerIn(GROUPS.allowlistAdmins, GROUPS.breakGlass)}) || ${OBJECT_IS_GOING}`,
          message: `Only a person in the group ${GROUPS.allowlistAdmins} or ${GROUPS.breakGlass} may approve a WorkspacePolicy; a pipeline cannot.`,
        },
        {
          expression: 'request.operation != "CREATE" || object.spec.approvedBy == request.userInfo.username',
          message: 'approvedBy must be the user who sends the approval.',
          messageExpression:
            '"approvedBy must be the user who sends the approval, " + request.userInfo.username + ", not " + object.spec.approvedBy + "."',
        },
        {
          expression: `request.operation != "CREATE" || ${namespaceOf('object.spec.workspaceId')} == object.spec.policy.namespace`,
          message: 'workspaceId and policy.namespace must be as the platform stack has them (portarium:workspaces).',
          messageExpression:
            '"The platform stack does not place a workspace " + object.spec.workspaceId + " in " + object.spec.policy.namespace + " (portarium:workspaces)."',
        },
        approvalLabelRefusal,
      ],
    });
  }
}
