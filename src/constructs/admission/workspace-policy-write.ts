import { Construct } from 'constructs';
import { API_GROUP, deployersOf, GROUPS, LABELS, NAMESPACES } from '../../model/names.js';
import { label } from '../guards/cel.js';
import { AdmissionPolicy, type AdmissionProps } from './admission-policy.js';
import { mayDeploy, OBJECT_IS_GOING } from './callers.js';
import { placements } from './placements.js';

/**
 * A WorkspacePolicy is written by the workspace's own deployers, for the workspace and namespace that the platform
 * placed it in, and rises above `routing` only where the platform's guards refuse.
 * Makes `portarium-workspacepolicy-write`.
 */
export class WorkspacePolicyWrite extends Construct {
  constructor(scope: Construct, id: string, { platform }: AdmissionProps) {
    super(scope, id);
    const { variables, namespaceOf } = placements(platform);
    new AdmissionPolicy(this, 'admission', {
      name: 'portarium-workspacepolicy-write',
      requests: [
        { group: API_GROUP, version: 'v1alpha1', operations: ['CREATE', 'UPDATE'], resources: ['workspacepolicies'] },
      ],
      bindings: [{}],
      variables: {
        ...variables,
        guards: JSON.stringify(platform.guards),
        before: 'request.operation == "CREATE" ? "routing" : oldObject.spec.reachedLevel',
      },
      refusals: [
        {
          expression: `request.namespace == "${NAMESPACES.policy}"`,
          message: `WorkspacePolicies live in the namespace ${NAMESPACES.policy}; elsewhere nobody reads them.`,
        },
        {
          expression: `${mayDeploy('object.metadata.name')} || ${OBJECT_IS_GOING}`,
          message: `Only ${deployersOf('<workspace>')}, ${GROUPS.platformDeployers} and ${GROUPS.breakGlass} may write a WorkspacePolicy.`,
          messageExpression: `"Only the groups ${deployersOf('')}" + object.metadata.name + ", ${GROUPS.platformDeployers} and ${GROUPS.breakGlass} may write the WorkspacePolicy " + object.metadata.name + "."`,
        },
        {
          expression: `${namespaceOf('object.spec.workspaceId')} == object.spec.namespace`,
          message: 'workspaceId and namespace must be as the platform stack has them (portarium:workspaces).',
          messageExpression: `"The platform stack does not place a workspace " + object.spec.workspaceId + " in " + object.spec.namespace + ". Deploy the platform stack with it first (portarium:workspaces)."`,
        },
        {
          expression: `${label(LABELS.level)} == object.spec.reachedLevel || ${OBJECT_IS_GOING}`,
          message: `A WorkspacePolicy's label ${LABELS.level} repeats its reachedLevel: admission finds by it what needs an approval.`,
          messageExpression: `"A WorkspacePolicy's label ${LABELS.level} repeats its reachedLevel: set it to " + object.spec.reachedLevel + "."`,
        },
        {
          // Not in the CRD: its estimate of the cost of joined strings has no bound.
          expression:
            'object.spec.agents.all(agent, agent.serviceAccount == agent.name && agent.spiffeId.endsWith("/ns/" + object.spec.namespace + "/sa/" + agent.name))',
          message:
            'Each agent has the service account of its own name and the SPIFFE ID spiffe://<trust domain>/ns/<namespace>/sa/<name>.',
        },
        {
          expression:
            'variables.guards == "deny" || object.spec.reachedLevel == "routing" || object.spec.reachedLevel == variables.before',
          message:
            'A workspace may not rise above routing while the platform’s guards are "audit". Set portarium:guards to deny and deploy the platform stack first.',
        },
      ],
    });
  }
}
