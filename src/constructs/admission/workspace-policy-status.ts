import { Construct } from 'constructs';
import { COMPONENTS } from '../../model/edges.js';
import { API_GROUP } from '../../model/names.js';
import { callerIs } from '../guards/cel.js';
import { AdmissionPolicy } from './admission-policy.js';

const { name, namespace } = COMPONENTS.apiServer;

/** The pod that the caller's token is bound to; `""` where it is bound to none. */
const POD = 'request.userInfo.?extra[?"authentication.kubernetes.io/pod-name"].orValue([]).join("")';

const rows = (of: 'object' | 'oldObject'): string => `${of}.?status.observed.orValue([])`;

/**
 * Which policy a replica of the front has loaded is said by that replica: by the authorizer's account, and with a token
 * that is bound to a pod for that pod alone. It may take away others' rows, as those of replicas that are gone.
 * Makes `portarium-workspacepolicy-status`.
 */
export class WorkspacePolicyStatus extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new AdmissionPolicy(this, 'admission', {
      name: 'portarium-workspacepolicy-status',
      requests: [
        { group: API_GROUP, version: 'v1alpha1', operations: ['UPDATE'], resources: ['workspacepolicies/status'] },
      ],
      bindings: [{}],
      variables: { pod: POD },
      refusals: [
        {
          expression: callerIs(`system:serviceaccount:${namespace}:${name}`),
          message: `Only the front’s authorizer (service account ${name} in ${namespace}) says which policy it has loaded.`,
        },
        {
          expression: `variables.pod == "" || ${rows('object')}.all(row, row.replica == variables.pod || row in ${rows('oldObject')})`,
          message: 'A replica of the front says only for itself which policy it has loaded.',
          messageExpression:
            '"The replica " + variables.pod + " says only for itself which policy it has loaded: status.observed, one row by its name."',
        },
      ],
    });
  }
}
