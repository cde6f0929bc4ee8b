import { Construct } from 'constructs';
import { GROUPS, LABELS } from '../../model/names.js';
import { guardedNamespaces } from '../guards/scope.js';
import { AdmissionPolicy, type AdmissionProps } from './admission-policy.js';
import { BREAK_GLASS, NAMESPACE_IS_GOING } from './callers.js';
import { networkObjects } from './network-requests.js';

/**
 * The deny baseline is neither deleted nor changed; relaxing adds an allow beside it. Break-glass alone may.
 * Makes `portarium-network-baseline`, in the agents' and the platform's namespaces. Closes B25.
 */
export class NetworkBaseline extends Construct {
  constructor(scope: Construct, id: string, { platform }: AdmissionProps) {
    super(scope, id);
    new AdmissionPolicy(this, 'admission', {
      mode: platform.guards,
      name: 'portarium-network-baseline',
      requests: networkObjects('UPDATE', 'DELETE'),
      bindings: [
        {
          namespaces: guardedNamespaces(platform),
          labels: [{ key: LABELS.keep, operator: 'In', values: ['baseline'] }],
        },
      ],
      refusals: [
        {
          expression: `request.operation != "DELETE" || ${BREAK_GLASS} || ${NAMESPACE_IS_GOING}`,
          message: `The deny baseline is never deleted; what is open is open by another policy. To open something, ask for a Relaxation; the group ${GROUPS.breakGlass} alone may delete this.`,
        },
        {
          expression: `request.operation != "UPDATE" || object.?spec == oldObject.?spec || ${BREAK_GLASS}`,
          message: `The deny baseline never changes; what is open is open by another policy. To open something, ask for a Relaxation; the group ${GROUPS.breakGlass} alone may change this.`,
        },
      ],
    });
  }
}
