import { Construct } from 'constructs';
import { GROUPS } from '../../model/names.js';
import { SPIRE_GROUP, SPIRE_RESOURCES } from '../../model/spire.js';
import { literal } from '../guards/cel.js';
import { AdmissionPolicy, type AdmissionProps } from './admission-policy.js';
import { BREAK_GLASS } from './callers.js';

/** CRDs of others whose objects hold agents in or say who is who, those that must be there first: the platform brings them. */
export const HELD_DEFINITIONS: readonly string[] = [
  ...SPIRE_RESOURCES.map((plural) => `${plural}.${SPIRE_GROUP}`),
  'ciliumnetworkpolicies.cilium.io',
  'ciliumclusterwidenetworkpolicies.cilium.io',
  'clusternetworkpolicies.policy.networking.k8s.io',
];

/**
 * With the CRD of a kind of network policy every policy of it goes, baselines too, and no admission of these objects is
 * asked. So break-glass alone deletes it. Changes are left to RBAC: they are how network layers and SPIRE are upgraded, by
 * accounts that are not known here.
 * Makes `portarium-network-definitions-kept`. Closes part of T9.
 */
export class NetworkDefinitionsKept extends Construct {
  constructor(scope: Construct, id: string, { platform }: AdmissionProps) {
    super(scope, id);
    new AdmissionPolicy(this, 'admission', {
      mode: platform.guards,
      name: 'portarium-network-definitions-kept',
      requests: [{ group: 'apiextensions.k8s.io', operations: ['DELETE'], resources: ['customresourcedefinitions'] }],
      bindings: [{}],
      // Not by the request's name: whoever deletes a collection names nothing.
      conditions: { held: `oldObject.metadata.name in ${literal(HELD_DEFINITIONS)}` },
      refusals: [
        {
          expression: BREAK_GLASS,
          message: `This CRD is not deleted: with it every network policy or registration of its kind would go, what denies too. The group ${GROUPS.breakGlass} alone may.`,
        },
      ],
    });
  }
}
