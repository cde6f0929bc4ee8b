import { Construct } from 'constructs';
import { GROUPS, NAMESPACES } from '../../model/names.js';
import { SPIRE_ACCOUNTS } from '../../model/spire.js';
import { NAMESPACE_IS_GOING } from '../admission/callers.js';
import { ACCOUNT, callerIn, callerIs, literal } from './cel.js';
import { Guard, type GuardFamilyProps } from './guard.js';

const CONTROLLERS = [
  'system:kube-controller-manager',
  ...['daemon-set-controller', 'statefulset-controller'].map((name) => `system:serviceaccount:kube-system:${name}`),
];
const ON_NODES: readonly string[] = [SPIRE_ACCOUNTS.agent, SPIRE_ACCOUNTS.csiDriver];

/**
 * SPIRE's agents and its CSI driver alone are in the one namespace that admits the host, and nobody else runs as an
 * account of SPIRE's: with the agents' token one gets every SVID of a node, with the server's one writes the bundle
 * that agents start from. Their pods come from the DaemonSets and the StatefulSet that the platform's deployers write,
 * and their tokens are asked for by nodes alone.
 *
 * Makes `portarium-guard-spire-pods`, `portarium-guard-spire-workloads` and `portarium-guard-spire-tokens`.
 */
export class SpirePods extends Construct {
  constructor(scope: Construct, id: string, { platform }: GuardFamilyProps) {
    super(scope, id);
    const mode = platform.guards;
    const namespaces = [...new Set([NAMESPACES.spire, platform.spire.namespace])].sort();
    const accounts: readonly string[] = Object.values(SPIRE_ACCOUNTS);
    new Guard(this, 'pods', {
      mode,
      name: 'spire-pods',
      requests: [{ operations: ['CREATE'], resources: ['pods'] }],
      bindings: [{ namespaces }],
      variables: { account: ACCOUNT },
      refusals: [
        {
          expression: `request.namespace != ${literal(NAMESPACES.spire)} || variables.account in ${literal(ON_NODES)}`,
          message: `In ${NAMESPACES.spire}, which admits the host, only SPIRE's agents and its CSI driver run. Run it in another namespace.`,
        },
        {
          expression: `!(variables.account in ${literal(accounts)}) || ${callerIs(...CONTROLLERS)} || ${callerIn(GROUPS.breakGlass)}`,
          message:
            "Pods with SPIRE's accounts are made by its DaemonSets and its StatefulSet alone: with their tokens one gets every SVID of a node. Use another service account.",
        },
      ],
    });
    new Guard(this, 'workloads', {
      mode,
      name: 'spire-workloads',
      requests: [
        { group: 'apps', operations: ['CREATE', 'UPDATE', 'DELETE'], resources: ['daemonsets', 'statefulsets'] },
      ],
      bindings: [{ namespaces }],
      variables: {
        accounts:
          '[object, oldObject].filter(each, each != null).map(each, dyn(each).spec.template.spec.?serviceAccountName.orValue(""))',
      },
      refusals: [
        {
          expression:
            `(request.namespace != ${literal(NAMESPACES.spire)} && !variables.accounts.exists(account, account in ${literal(accounts)})) || ` +
            `${callerIn(GROUPS.platformDeployers, GROUPS.breakGlass)} || ` +
            `(request.operation != "CREATE" && has(oldObject.metadata.deletionTimestamp)) || ${NAMESPACE_IS_GOING}`,
          message: `SPIRE's workloads are written by ${GROUPS.platformDeployers} and ${GROUPS.breakGlass} alone. Change the platform stack and deploy it.`,
        },
      ],
    });
    new Guard(this, 'tokens', {
      mode,
      name: 'spire-tokens',
      requests: [{ operations: ['CREATE'], resources: ['serviceaccounts/token'], names: accounts }],
      bindings: [{ namespaces }],
      refusals: [
        {
          expression: `${callerIn('system:nodes')} && request.userInfo.username.startsWith("system:node:")`,
          message:
            "Only a node asks for a token of SPIRE's accounts, for a pod that runs there: with it anyone would be SPIRE. Use an identity of your own.",
        },
      ],
    });
  }
}
