import { Construct } from 'constructs';
import { GROUPS } from '../../model/names.js';
import { OBJECT_IS_GOING } from '../admission/callers.js';
import { oneOfMany } from '../admission/placements.js';
import { callerIn, literal } from './cel.js';
import { Guard, type GuardFamilyProps } from './guard.js';
import { agentNamespaces } from './scope.js';

const ACCOUNT_USER = 'system:serviceaccount:';
const ACCOUNT_GROUP = 'system:serviceaccounts:';

/** The namespace whose service accounts a subject is, in either of the three ways to write it; `""` for anybody else. */
const NAMESPACE_OF = [
  'subject.kind == "ServiceAccount" ? subject.?namespace.orValue("")',
  `subject.name.startsWith(${literal(ACCOUNT_USER)}) ? subject.name.split(":")[2]`,
  `subject.name.startsWith(${literal(ACCOUNT_GROUP)}) ? subject.name.split(":")[2]`,
  '""',
].join(' : ');

/**
 * Service accounts of the agents' namespaces have no rights in the Kubernetes API: no binding names one of them, or all
 * of a namespace, wherever it stands. So a token that somebody got hold of is good for nothing. Groups of every caller
 * (`system:authenticated`, `system:serviceaccounts`) are the cluster's own and not judged here.
 *
 * Makes `portarium-guard-agent-rights`, for the whole cluster, since a binding anywhere may name any account. Closes
 * part of B13 and T13.
 */
export class AgentRights extends Construct {
  constructor(scope: Construct, id: string, { platform }: GuardFamilyProps) {
    super(scope, id);
    const agents = oneOfMany('agents', agentNamespaces(platform));
    new Guard(this, 'guard', {
      mode: platform.guards,
      name: 'agent-rights',
      requests: [
        {
          group: 'rbac.authorization.k8s.io',
          operations: ['CREATE', 'UPDATE'],
          resources: ['rolebindings', 'clusterrolebindings'],
        },
      ],
      bindings: agentNamespaces(platform).length === 0 ? [] : [{}],
      variables: {
        ...agents.variables,
        named: `object.?subjects.orValue([]).map(subject, ${NAMESPACE_OF}).filter(where, ${agents.has('where')})`,
      },
      refusals: [
        {
          expression: `variables.named.size() == 0 || ${callerIn(GROUPS.breakGlass)} || ${OBJECT_IS_GOING}`,
          message:
            'Agents have no rights in the Kubernetes API: it leads past the network policies and to the Secrets of others. Bind the role to an account outside their namespaces.',
          messageExpression: `"Service accounts of " + variables.named.join(", ") + " get no rights in the Kubernetes API: agents run there, and it leads past the network policies and to the Secrets of others. Bind the role to an account outside that namespace."`,
        },
      ],
    });
  }
}
