import { Construct } from 'constructs';
import { API_GROUP, GROUPS, NAMESPACES } from '../../model/names.js';
import { callerIn, callerIs, literal } from '../guards/cel.js';
import { AdmissionPolicy } from './admission-policy.js';
import { BREAK_GLASS } from './callers.js';

const DEFINITIONS = ['workspacepolicies', 'relaxations', 'policyapprovals', 'onboardings', 'authorizationmodels'].map(
  (plural) => `${plural}.${API_GROUP}`,
);

/**
 * With a CRD or its namespace every object in it goes, and no admission of those objects is asked; with a changed CRD
 * a reached level may fall. So both are deleted by break-glass alone, and the CRDs changed by the platform's deployers.
 * Makes `portarium-definitions-kept` and `portarium-policy-namespace-kept`.
 */
export class DefinitionsKept extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new AdmissionPolicy(this, 'definitions', {
      name: 'portarium-definitions-kept',
      requests: [
        {
          group: 'apiextensions.k8s.io',
          operations: ['UPDATE', 'DELETE'],
          resources: ['customresourcedefinitions'],
        },
      ],
      bindings: [{}],
      // Not by the request's name: whoever deletes a collection names nothing.
      conditions: {
        ours: `(request.operation == "DELETE" ? oldObject : object).metadata.name in ${literal(DEFINITIONS)}`,
      },
      refusals: [
        {
          expression: `request.operation != "DELETE" || ${BREAK_GLASS}`,
          message: `This CRD is not deleted: with it every reached level, Relaxation and approval would be forgotten. The group ${GROUPS.breakGlass} alone may.`,
        },
        {
          // The generation counts changes of the spec; comparing two CRDs field by field would cost too much CEL.
          expression: `request.operation != "UPDATE" || object.metadata.generation == oldObject.metadata.generation || ${callerIn(GROUPS.platformDeployers, GROUPS.breakGlass)} || ${callerIs('system:apiserver')}`,
          message: `Only the groups ${GROUPS.platformDeployers} and ${GROUPS.breakGlass} may change this CRD: its rules hold that a reached level never falls.`,
        },
      ],
    });
    new AdmissionPolicy(this, 'namespace', {
      name: 'portarium-policy-namespace-kept',
      requests: [{ operations: ['DELETE'], resources: ['namespaces'], names: [NAMESPACES.policy] }],
      bindings: [{}],
      refusals: [
        {
          expression: `${BREAK_GLASS} || has(oldObject.metadata.deletionTimestamp)`,
          message: `The namespace ${NAMESPACES.policy} is not deleted: with it every reached level and every Relaxation would be forgotten. The group ${GROUPS.breakGlass} alone may.`,
        },
      ],
    });
  }
}
