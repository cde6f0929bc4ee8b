import { Construct } from 'constructs';
import { GROUPS } from '../../model/names.js';
import { callerIn, literal } from './cel.js';
import { Guard, type GuardFamilyProps } from './guard.js';
import { guardedNamespaces } from './scope.js';

/** Labels of a namespace that decide what may run in it or how its traffic goes. */
const PREFIXES = ['pod-security.kubernetes.io/', 'portarium.io/', 'istio.io/', 'istio-injection'];

const kept = (from: 'before' | 'after', to: 'before' | 'after'): string =>
  `variables.${from}.all(key, !${literal(PREFIXES)}.exists(prefix, key.startsWith(prefix)) || variables.${from}[?key] == variables.${to}[?key])`;

/**
 * The namespaces of the agents and of the platform, and their labels for Pod Security, ownership and mesh enrolment,
 * belong to the platform's deployers. `namespaces/status` and `namespaces/finalize` write labels too. A namespace that
 * is being deleted may go on being deleted by its controller.
 *
 * Makes `portarium-guard-namespaces`, by the namespaces' names, so that no label decides. Closes B24 and part of B1, B19.
 */
export class Namespaces extends Construct {
  constructor(scope: Construct, id: string, { platform }: GuardFamilyProps) {
    super(scope, id);
    const names = guardedNamespaces(platform);
    const owners = `the groups ${GROUPS.platformDeployers} and ${GROUPS.breakGlass}`;
    new Guard(this, 'guard', {
      mode: platform.guards,
      name: 'namespaces',
      requests: [
        {
          operations: ['CREATE', 'UPDATE', 'DELETE'],
          resources: ['namespaces', 'namespaces/finalize', 'namespaces/status'],
          names,
        },
      ],
      bindings: [{}],
      variables: {
        owner: callerIn(GROUPS.platformDeployers, GROUPS.breakGlass),
        before: 'oldObject.metadata.?labels.orValue({})',
        after: 'object.metadata.?labels.orValue({})',
      },
      refusals: [
        {
          expression: `request.operation != "CREATE" || variables.owner`,
          message: `This namespace is the platform's; only ${owners} may create it. Deploy the platform stack.`,
        },
        {
          expression: `request.operation != "UPDATE" || variables.owner || (${kept('before', 'after')} && ${kept('after', 'before')})`,
          message:
            `Only ${owners} may change this namespace's labels ${PREFIXES.map((prefix) => (prefix.endsWith('/') ? `${prefix}*` : prefix)).join(', ')}: ` +
            'they decide what may run in it. Change the platform stack and deploy it.',
        },
        {
          expression: 'request.operation != "DELETE" || variables.owner || has(oldObject.metadata.deletionTimestamp)',
          message: `Only ${owners} may delete this namespace, with every policy in it. Remove the workspace from the platform stack.`,
        },
      ],
    });
  }
}
