import { GROUPS } from '../../model/names.js';
import { callerIn, callerIs, literal } from '../guards/cel.js';

/** May do everything here but approve alone, name somebody else, or outlast an expiry. */
export const BREAK_GLASS = callerIn(GROUPS.breakGlass);

/** Deployers of the platform, of the workspace whose id the CEL `workspace` gives, and break-glass. */
export const mayDeploy = (workspace: string): string =>
  `request.userInfo.groups.exists(group, group in ${literal([GROUPS.platformDeployers, GROUPS.breakGlass])} || group == ${literal(`${GROUPS.deployers}:`)} + ${workspace})`;

/** A workspace's deployer who is neither the platform's nor break-glass. */
export const WORKSPACE_DEPLOYER = `(request.userInfo.groups.exists(group, group.startsWith(${literal(`${GROUPS.deployers}:`)})) && !${callerIn(GROUPS.platformDeployers, GROUPS.breakGlass)})`;

/** With one account each, or without `--use-service-account-credentials` as one user. */
const CONTROLLERS = callerIs(
  'system:serviceaccount:kube-system:namespace-controller',
  'system:serviceaccount:kube-system:generic-garbage-collector',
  'system:kube-controller-manager',
);

/** The API server's own controllers, while the namespace is going: they delete its pods first, then the rest. */
export const NAMESPACE_IS_GOING = `(has(namespaceObject.metadata.deletionTimestamp) && ${CONTROLLERS})`;

/**
 * The garbage collector, taking its finalizer off an object that somebody may delete and has (a foreground deletion, as
 * Pulumi's are). Refused, the object would stay, and with it what it opens.
 */
export const OBJECT_IS_GOING = `(request.operation == "UPDATE" && has(oldObject.metadata.deletionTimestamp) && ${CONTROLLERS})`;
