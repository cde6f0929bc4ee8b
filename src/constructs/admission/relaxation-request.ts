import { Construct } from 'constructs';
import { API_GROUP, NAMESPACES } from '../../model/names.js';
import { MAX_MINUTES } from '../../model/relaxation.js';
import { AdmissionPolicy, type AdmissionProps } from './admission-policy.js';
import { CREATED } from './clock.js';
import { placements } from './placements.js';
import { labelRefusal, labelVariables } from './relaxation-labels.js';

const lifetime = `timestamp(object.spec.expiresAt) - ${CREATED}`;

/**
 * A Relaxation begins as a request in the caller's own name, unapproved, for at most 4 hours from now.
 * Makes `portarium-relaxation-request`.
 */
export class RelaxationRequest extends Construct {
  constructor(scope: Construct, id: string, { platform }: AdmissionProps) {
    super(scope, id);
    const { variables, namespaceOf } = placements(platform);
    new AdmissionPolicy(this, 'admission', {
      name: 'portarium-relaxation-request',
      requests: [{ group: API_GROUP, version: 'v1alpha1', operations: ['CREATE'], resources: ['relaxations'] }],
      bindings: [{}],
      variables: { ...variables, ...labelVariables },
      refusals: [
        {
          expression: `request.namespace == "${NAMESPACES.policy}"`,
          message: `Relaxations live in the namespace ${NAMESPACES.policy}; elsewhere nobody reads them.`,
        },
        {
          expression: `${namespaceOf('object.spec.workspaceId')} != ""`,
          message: 'The platform stack knows no such workspace (portarium:workspaces).',
          messageExpression:
            '"The platform stack knows no workspace " + object.spec.workspaceId + " (portarium:workspaces)."',
        },
        {
          expression:
            'object.spec.state == "requested" && !has(object.spec.approvedBy) && !has(object.spec.endedBy) && !has(object.spec.endedAt)',
          message:
            'A Relaxation begins with state "requested", without approvedBy and endedBy. Create it so, then have another person approve it (enforce approve).',
        },
        {
          expression: 'object.spec.requestedBy == request.userInfo.username',
          message: 'requestedBy must be the user who sends the request.',
          messageExpression:
            '"requestedBy must be the user who sends the request, " + request.userInfo.username + ", not " + object.spec.requestedBy + "."',
        },
        {
          expression: `${lifetime} > duration("0s") && ${lifetime} <= duration("${MAX_MINUTES}m")`,
          message: `expiresAt must be in the future and at most ${MAX_MINUTES} minutes after creation.`,
          messageExpression: `"expiresAt must be after " + string(${CREATED}) + " and at most ${MAX_MINUTES} minutes later, by " + string(${CREATED} + duration("${MAX_MINUTES}m")) + "; it is " + string(timestamp(object.spec.expiresAt)) + "."`,
        },
        labelRefusal,
      ],
    });
  }
}
