import { Construct } from 'constructs';
import { GROUPS, LABELS, NAMESPACE_NAME_LABEL } from '../../model/names.js';
import { callerIn, label, literal } from '../guards/cel.js';
import { guardedNamespaces } from '../guards/scope.js';
import { AdmissionPolicy, type AdmissionProps, type Refusal } from './admission-policy.js';
import { BREAK_GLASS, OBJECT_IS_GOING } from './callers.js';
import { oneOfMany } from './placements.js';

const OPERATIONS = ['CREATE', 'UPDATE', 'DELETE'] as const;

/** The namespace that a CEL selector is pinned to by name, `""` where it may select others. */
const pinned = (selector: string, key: string): string => `${selector}.?matchLabels[?${literal(key)}].orValue("")`;

/**
 * Policies for the whole cluster are above or beside those of the namespaces: an Admin-tier `Accept` or `Pass` overrides
 * every NetworkPolicy, and an allow for all of Cilium's endpoints adds to them. Where such a policy is not pinned by
 * name to a namespace of somebody else, and does more than deny, it is the platform's deployers'. Those that this
 * program keeps as baseline are deleted by break-glass alone.
 * Makes `portarium-network-cluster-wide` and `portarium-cilium-cluster-wide`. Closes B4 and S14 for the cluster's scope.
 */
export class NetworkClusterWide extends Construct {
  constructor(scope: Construct, id: string, { platform }: AdmissionProps) {
    super(scope, id);
    const guarded = oneOfMany('guarded', guardedNamespaces(platform));
    const elsewhere = (namespace: string): string => `(${namespace} != "" && !${guarded.has(namespace)})`;
    const shared = {
      mode: platform.guards,
      bindings: [{}],
      variables: {
        ...guarded.variables,
        owner: `${callerIn(GROUPS.platformDeployers, GROUPS.breakGlass)} || ${OBJECT_IS_GOING}`,
        ours: `${label(LABELS.keep)} == "baseline" || (oldObject != null && ${label(LABELS.keep, 'oldObject')} == "baseline")`,
        // Kinds with different fields, so without types.
        policy: 'dyn(object)',
      },
    };
    new AdmissionPolicy(this, 'tiers', {
      ...shared,
      name: 'portarium-network-cluster-wide',
      requests: [
        {
          group: 'policy.networking.k8s.io',
          version: 'v1alpha2',
          operations: OPERATIONS,
          resources: ['clusternetworkpolicies'],
        },
        {
          group: 'policy.networking.k8s.io',
          version: 'v1alpha1',
          operations: OPERATIONS,
          resources: ['adminnetworkpolicies'],
        },
      ],
      refusals: refusals(
        `(variables.policy.spec.?ingress.orValue([]) + variables.policy.spec.?egress.orValue([])).all(rule, rule.action == "Deny") || ` +
          `variables.policy.spec.?tier.orValue("Admin") == "Baseline" || ` +
          `${elsewhere(pinned('variables.policy.spec.?subject.?namespaces', NAMESPACE_NAME_LABEL))} || ` +
          elsewhere(pinned('variables.policy.spec.?subject.?pods.?namespaceSelector', NAMESPACE_NAME_LABEL)),
        `spec.subject by the label ${NAMESPACE_NAME_LABEL}`,
      ),
    });
    new AdmissionPolicy(this, 'cilium', {
      ...shared,
      name: 'portarium-cilium-cluster-wide',
      requests: [
        {
          group: 'cilium.io',
          version: 'v2',
          operations: OPERATIONS,
          resources: ['ciliumclusterwidenetworkpolicies'],
        },
      ],
      refusals: refusals(
        `(variables.policy.?specs.orValue([]) + (has(variables.policy.spec) ? [variables.policy.spec] : [])).all(spec, ` +
          `(!has(spec.ingress) && !has(spec.egress)) || (has(spec.nodeSelector) && !has(spec.endpointSelector)) || ` +
          `${elsewhere(pinned('spec.?endpointSelector', 'k8s:io.kubernetes.pod.namespace'))})`,
        'spec.endpointSelector by the label k8s:io.kubernetes.pod.namespace',
      ),
    });
  }
}

function refusals(harmless: string, selector: string): readonly Refusal[] {
  return [
    {
      expression: `request.operation == "DELETE" || variables.owner || ${harmless}`,
      message:
        `This policy may open something for agents or the platform, above or beside what their namespaces' policies hold. ` +
        `Let it only deny, or pin ${selector} to another namespace; the groups ${GROUPS.platformDeployers} and ${GROUPS.breakGlass} may write it as it is.`,
    },
    {
      expression: `!variables.ours || (request.operation == "DELETE" ? ${BREAK_GLASS} : variables.owner)`,
      message: `What is denied at every level is written by ${GROUPS.platformDeployers} and deleted by ${GROUPS.breakGlass} alone.`,
    },
    {
      expression: `request.operation != "UPDATE" || ${label(LABELS.keep)} == ${label(LABELS.keep, 'oldObject')}`,
      message: `The label ${LABELS.keep} cannot be changed.`,
    },
  ];
}
