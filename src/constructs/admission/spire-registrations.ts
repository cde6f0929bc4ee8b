import { Construct } from 'constructs';
import { GROUPS, NAMESPACE_NAME_LABEL } from '../../model/names.js';
import {
  SPIFFE_ID_TEMPLATE,
  SPIRE_CLASS,
  SPIRE_GROUP,
  SPIRE_RESOURCES,
  SPIRE_VERSION,
  SVID_CONTAINER,
} from '../../model/spire.js';
import { callerIn, literal } from '../guards/cel.js';
import { guardedNamespaces } from '../guards/scope.js';
import { AdmissionPolicy, type AdmissionProps } from './admission-policy.js';
import { OBJECT_IS_GOING } from './callers.js';
import { oneOfMany } from './placements.js';

const isKind = (resource: string): string => `request.resource.resource == ${literal(resource)}`;
const ours = (of: string): string => `${of}.?spec.?className.orValue("") == ${literal(SPIRE_CLASS)}`;

/**
 * Whoever writes a registration may become anyone: it says which pod gets which SPIFFE ID. So those of this platform's
 * class are the platform's deployers', and hold what the edge matrix and the authorizer rely on: SPIFFE IDs of
 * namespace and service account, a namespace by name, a pod selector, one container, no authority of the server's own,
 * no JWT-SVIDs and no other trust domain. Registrations of another class are another controller manager's.
 *
 * Makes `portarium-spire-registrations`. It does without SPIRE's own webhook, which is only there while SPIRE is.
 * Source: spire-controller-manager, docs; design, "Names and identities".
 */
export class SpireRegistrationAdmission extends Construct {
  constructor(scope: Construct, id: string, { platform }: AdmissionProps) {
    super(scope, id);
    const guarded = oneOfMany('guarded', guardedNamespaces(platform));
    const own = `spiffe://${platform.trustDomain}/`;
    const spec = 'variables.spec';
    const when = (resource: string, condition: string): string =>
      `request.operation == "DELETE" || !(${isKind(resource)}) || (${condition})`;
    new AdmissionPolicy(this, 'policy', {
      name: 'portarium-spire-registrations',
      requests: [
        {
          group: SPIRE_GROUP,
          version: SPIRE_VERSION,
          operations: ['CREATE', 'UPDATE', 'DELETE'],
          resources: SPIRE_RESOURCES,
        },
      ],
      bindings: [{}],
      conditions: {
        ours: `(object != null && ${ours('dyn(object)')}) || (oldObject != null && ${ours('dyn(oldObject)')})`,
      },
      variables: {
        ...guarded.variables,
        spec: 'dyn(object).spec',
      },
      refusals: [
        {
          expression: `${callerIn(GROUPS.platformDeployers, GROUPS.breakGlass)} || ${OBJECT_IS_GOING}`,
          message: `Registrations of the class ${SPIRE_CLASS} say who gets which identity; only ${GROUPS.platformDeployers} and ${GROUPS.breakGlass} write them. Add the workload to the platform stack (portarium:spire).`,
        },
        {
          expression: when(
            'clusterspiffeids',
            [
              `${spec}.spiffeIDTemplate == ${literal(SPIFFE_ID_TEMPLATE)}`,
              `${spec}.?namespaceSelector.?matchLabels[?${literal(NAMESPACE_NAME_LABEL)}].orValue("") != ""`,
              `${spec}.?podSelector.?matchLabels.orValue({}).size() > 0`,
              `${literal(`k8s:container-name:${SVID_CONTAINER}`)} in ${spec}.?workloadSelectorTemplates.orValue([])`,
            ].join(' && '),
          ),
          message: `A ClusterSPIFFEID of the class ${SPIRE_CLASS} has the SPIFFE ID of namespace and service account, selects its namespace by ${NAMESPACE_NAME_LABEL} and its pods by labels, and is bound to the container ${SVID_CONTAINER}.`,
        },
        {
          expression: when(
            'clusterstaticentries',
            [
              `${spec}.spiffeID.startsWith(${literal(own)})`,
              `(${spec}.spiffeID.split("/").size() < 5 || !${guarded.has(`${spec}.spiffeID.split("/")[4]`)})`,
              `${spec}.selectors.size() > 0`,
              `!${spec}.?storeSVID.orValue(false)`,
            ].join(' && '),
          ),
          message: `A ClusterStaticEntry of the class ${SPIRE_CLASS} has selectors and a SPIFFE ID of ${platform.trustDomain}, but none of the platform's or the agents' namespaces, whose pods are registered as themselves.`,
        },
        {
          expression: [
            'request.operation == "DELETE"',
            isKind('clusterfederatedtrustdomains'),
            `(!${spec}.?admin.orValue(false) && !${spec}.?downstream.orValue(false) && ${spec}.?federatesWith.orValue([]).size() == 0 && !has(${spec}.jwtTtl) && !has(${spec}.jwtSVIDTTL))`,
          ].join(' || '),
          message: `A registration of the class ${SPIRE_CLASS} is neither "admin" nor "downstream", which are the server's own authority, federates with nobody and has no JWT-SVID.`,
        },
        {
          expression: when('clusterfederatedtrustdomains', 'false'),
          message: `Other trust domains are not believed here: nothing checks whom they make. Use another class than ${SPIRE_CLASS} with a controller manager of your own.`,
        },
      ],
    });
  }
}
