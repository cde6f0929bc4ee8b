import { Construct } from 'constructs';
import { deployersOf, GROUPS, LABELS } from '../../model/names.js';
import { platformNamespaces } from '../../model/platform.js';
import { agentNamespaces } from '../cluster-deny.js';
import { callerIn, label } from '../guards/cel.js';
import { workspacesIn } from '../guards/scope.js';
import { AdmissionPolicy, type AdmissionProps, type Refusal } from './admission-policy.js';
import { FRONT_NAMESPACE } from './allowed-edges.js';
import { mayDeploy, NAMESPACE_IS_GOING, OBJECT_IS_GOING, WORKSPACE_DEPLOYER } from './callers.js';
import { networkObjects } from './network-requests.js';

/** Who owns an object and what it is for decide how it is judged; moved from one to the other it would be judged by neither. */
const FIXED = [LABELS.stack, LABELS.workspace, LABELS.keep, LABELS.opens];

export const labelled: readonly Refusal[] = [
  {
    expression: `request.operation != "CREATE" || ${label(LABELS.stack)} != ""`,
    message: `A network policy in this namespace belongs to a stack: set the label ${LABELS.stack}. Render it with the stack instead of writing it by hand.`,
  },
  {
    expression: `request.operation != "UPDATE" || (${FIXED.map((key) => `${label(key)} == ${label(key, 'oldObject')}`).join(' && ')})`,
    message: `The labels ${FIXED.join(', ')} cannot be changed. Create another object, and delete this one if it may be deleted.`,
  },
  {
    expression: `request.operation == "DELETE" || object.metadata.?finalizers.orValue([]).all(finalizer, finalizer in ["foregroundDeletion", "orphan"])`,
    message: 'A network policy has no finalizers: deleted, it would stay and go on opening what it opens.',
  },
];

/**
 * Policies only add, so whoever may write one may open everything. In an agents' namespace that is the deployers of
 * the workspace that the object is labelled with, which must be one of that namespace; in the platform's namespaces
 * the platform's deployers, but for what `network-front.ts` judges. Both objects' stack and purpose are fixed.
 *
 * Makes `portarium-network-owner`, `portarium-network-workspace` with a binding per namespace, and
 * `portarium-network-platform`. Closes S7 and B4.
 */
export class NetworkOwner extends Construct {
  constructor(scope: Construct, id: string, { platform }: AdmissionProps) {
    super(scope, id);
    const mode = platform.guards;
    const namespaces = agentNamespaces(platform);
    new AdmissionPolicy(this, 'agents', {
      mode,
      name: 'portarium-network-owner',
      requests: networkObjects('CREATE', 'UPDATE', 'DELETE'),
      bindings: [{ namespaces }],
      variables: {
        workspace: `request.operation == "DELETE" ? ${label(LABELS.workspace, 'oldObject')} : ${label(LABELS.workspace)}`,
      },
      refusals: [
        {
          expression: `${mayDeploy('variables.workspace')} || ${OBJECT_IS_GOING} || (request.operation == "DELETE" && ${NAMESPACE_IS_GOING})`,
          message: `Only ${deployersOf('<workspace>')}, ${GROUPS.platformDeployers} and ${GROUPS.breakGlass} may write network policies among agents.`,
          messageExpression: `"Only the groups " + (variables.workspace == "" ? "" : "${deployersOf('')}" + variables.workspace + ", ") + "${GROUPS.platformDeployers} and ${GROUPS.breakGlass} may write this network policy: policies only add, so any other would be a way around."`,
        },
        ...labelled,
      ],
    });
    new AdmissionPolicy(this, 'workspace', {
      mode,
      name: 'portarium-network-workspace',
      requests: networkObjects('CREATE'),
      // One binding a namespace, not one map of all in CEL, whose expressions may not exceed 100,000 characters.
      bindings: namespaces.map((namespace) => ({
        suffix: namespace,
        namespaces: [namespace],
        labels: [{ key: LABELS.workspace, operator: 'NotIn', values: workspacesIn(platform, namespace) }],
      })),
      refusals: [
        {
          expression: 'false',
          message: `The label ${LABELS.workspace} must name a workspace of this namespace (portarium:workspaces of the platform stack).`,
          messageExpression: `"The label ${LABELS.workspace}=" + ${label(LABELS.workspace)} + " names no workspace of the namespace " + request.namespace + " (portarium:workspaces of the platform stack)."`,
        },
      ],
    });
    new AdmissionPolicy(this, 'platform', {
      mode,
      name: 'portarium-network-platform',
      requests: networkObjects('CREATE', 'UPDATE', 'DELETE'),
      bindings: [{ namespaces: platformNamespaces(platform) }],
      conditions: { 'not-for-the-front': `!(request.namespace == "${FRONT_NAMESPACE}" && ${WORKSPACE_DEPLOYER})` },
      refusals: [
        {
          expression: `${callerIn(GROUPS.platformDeployers, GROUPS.breakGlass)} || ${OBJECT_IS_GOING} || (request.operation == "DELETE" && ${NAMESPACE_IS_GOING})`,
          message: `Only the groups ${GROUPS.platformDeployers} and ${GROUPS.breakGlass} may write network policies in the platform's namespaces: each of its components could forward for an agent.`,
        },
        ...labelled,
      ],
    });
  }
}
