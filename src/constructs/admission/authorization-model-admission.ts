import { Construct } from 'constructs';
import { API_GROUP, GROUPS, NAMESPACES } from '../../model/names.js';
import { callerIn } from '../guards/cel.js';
import { AdmissionPolicy } from './admission-policy.js';
import { BREAK_GLASS, NAMESPACE_IS_GOING, OBJECT_IS_GOING } from './callers.js';

const requests = (...operations: readonly ('CREATE' | 'UPDATE' | 'DELETE')[]) => [
  { group: API_GROUP, version: 'v1alpha1', operations, resources: ['authorizationmodels'] },
];

/**
 * Whoever writes an AuthorizationModel decides which model every workspace that pins its hash is judged by, so that is
 * the platform's deployers alone; and one that a policy pins stays, or its workspace could not be decided about. That it
 * never changes is in its CRD. Always refuses, whatever the platform's guards.
 *
 * Makes `portarium-authorizationmodel-write`, and `portarium-authorizationmodel-pinned` whose parameters are all
 * WorkspacePolicies.
 */
export class AuthorizationModelAdmission extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new AdmissionPolicy(this, 'write', {
      name: 'portarium-authorizationmodel-write',
      requests: requests('CREATE', 'UPDATE', 'DELETE'),
      bindings: [{}],
      refusals: [
        {
          expression: `${callerIn(GROUPS.platformDeployers, GROUPS.breakGlass)} || ${OBJECT_IS_GOING} || (request.operation == "DELETE" && ${NAMESPACE_IS_GOING})`,
          message: `Only the groups ${GROUPS.platformDeployers} and ${GROUPS.breakGlass} may write an AuthorizationModel: it decides which model workspaces are judged by. Deploy the platform’s stack.`,
        },
        {
          expression: `request.namespace == "${NAMESPACES.policy}"`,
          message: `AuthorizationModels live in the namespace ${NAMESPACES.policy}; elsewhere nobody reads them.`,
        },
      ],
    });
    new AdmissionPolicy(this, 'pinned', {
      name: 'portarium-authorizationmodel-pinned',
      requests: requests('DELETE'),
      paramKind: 'WorkspacePolicy',
      bindings: [{ param: { labels: {}, notFound: 'Allow' } }],
      refusals: [
        {
          expression: `${BREAK_GLASS} || ${NAMESPACE_IS_GOING} || params.spec.?authorizationModel.orValue("") != request.name`,
          message: 'A WorkspacePolicy pins this model; its workspace could not be decided about without it.',
          messageExpression:
            '"The WorkspacePolicy " + params.metadata.name + " pins the model " + request.name + "; its workspace could not be decided about without it. Deploy that workspace’s stack with another model first."',
        },
      ],
    });
  }
}
