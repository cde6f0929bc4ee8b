import { Construct } from 'constructs';
import { GROUPS } from '../../model/names.js';
import { callerIn } from './cel.js';
import { Guard, type GuardFamilyProps } from './guard.js';
import { guardedNamespaces } from './scope.js';

/**
 * Nobody enters a running pod or talks to it through the API server, except the break-glass group: `exec`, `attach`,
 * `portforward`, the pod and service proxies, and ephemeral containers. All of these come from the node or from the
 * control plane, which network policies do not see.
 *
 * Makes `portarium-guard-interactive-access`. Closes B13 and B14 through the API server, and B15; the kubelet's own API
 * and `nodes/proxy` are a matter of RBAC, which admission does not see.
 */
export class InteractiveAccess extends Construct {
  constructor(scope: Construct, id: string, { platform }: GuardFamilyProps) {
    super(scope, id);
    const why =
      `may be used by the group ${GROUPS.breakGlass} only: it passes the network policies and the agent's identity by. ` +
      'Use logs and metrics, or ask for break-glass access.';
    new Guard(this, 'guard', {
      mode: platform.guards,
      name: 'interactive-access',
      requests: [
        {
          operations: ['CONNECT'],
          resources: ['pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy', 'services/proxy'],
        },
        { operations: ['UPDATE'], resources: ['pods/ephemeralcontainers'] },
      ],
      bindings: [{ namespaces: guardedNamespaces(platform) }],
      refusals: [
        {
          expression: callerIn(GROUPS.breakGlass),
          message: `This subresource ${why}`,
          messageExpression: `request.resource.resource + "/" + request.subResource + " ${why}"`,
        },
      ],
    });
  }
}
