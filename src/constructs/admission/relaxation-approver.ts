import { Construct } from 'constructs';
import { API_GROUP, LABELS } from '../../model/names.js';
import { AdmissionPolicy, type AdmissionProps } from './admission-policy.js';
import { BREAK_GLASS } from './callers.js';

/**
 * Whoever approves is one of the approvers that the workspace's policy names; break-glass needs no place on that list.
 * Makes `portarium-relaxation-approver` with a binding per workspace, whose parameter is that WorkspacePolicy. Without
 * one the API server refuses before it looks at conditions, so a Relaxation cannot even be asked for: nobody could
 * approve or end it.
 */
export class RelaxationApprover extends Construct {
  constructor(scope: Construct, id: string, { platform }: AdmissionProps) {
    super(scope, id);
    new AdmissionPolicy(this, 'admission', {
      name: 'portarium-relaxation-approver',
      requests: [
        { group: API_GROUP, version: 'v1alpha1', operations: ['CREATE', 'UPDATE'], resources: ['relaxations'] },
      ],
      paramKind: 'WorkspacePolicy',
      bindings: platform.workspaces.map(({ id: workspace }) => ({
        suffix: workspace,
        labels: [{ key: LABELS.workspace, operator: 'In', values: [workspace] }],
        param: { name: workspace },
      })),
      conditions: {
        approves:
          'request.operation == "UPDATE" && object.spec.state == "approved" && oldObject.spec.state != "approved"',
        'not-break-glass': `!${BREAK_GLASS}`,
      },
      refusals: [
        {
          expression: 'request.userInfo.username in params.spec.approvers',
          message: 'Only an approver of the workspace may approve its Relaxations (portarium:workspace, approvers).',
          messageExpression:
            'request.userInfo.username + " is not an approver of " + object.spec.workspaceId + "; its approvers are " + params.spec.approvers.join(", ") + "."',
        },
      ],
    });
  }
}
