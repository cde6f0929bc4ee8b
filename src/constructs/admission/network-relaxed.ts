import { Construct } from 'constructs';
import type { Control } from '../../model/levels.js';
import { LABELS } from '../../model/names.js';
import type { Platform } from '../../model/platform.js';
import { MAX_MINUTES } from '../../model/relaxation.js';
import { label } from '../guards/cel.js';
import { AdmissionPolicy, type AdmissionProps, type Binding } from './admission-policy.js';
import { FRONT_NAMESPACE } from './allowed-edges.js';
import { changedBefore, createdBefore } from './clock.js';
import { networkObjects } from './network-requests.js';
import { relaxesLabel } from './relaxation-labels.js';

/** Controls that network policies hold. */
const HELD: readonly Control[] = ['egress', 'mtls'];

/**
 * An object that names a Relaxation is admitted while that Relaxation is in force for this control of this workspace:
 * approved by another than its requester, and not expired. The parameters are all approved Relaxations of workspace and
 * control, and each must be the named one; so of two that are approved at once, one must be ended first. A label that
 * names another Relaxation is judged like a creation, so a longer rollback can take over what a shorter one opened.
 *
 * Makes `portarium-network-relaxed` with two bindings per workspace and control. Where no Relaxation is approved, the
 * API server refuses a creation with the binding's name. It looks for parameters before conditions, so updates have a
 * binding of their own, which lets them pass then: else the garbage collector could not finish a deletion. They open
 * nothing, since `network-opens.ts` lets no spec change that names a Relaxation.
 */
export class NetworkRelaxed extends Construct {
  constructor(scope: Construct, id: string, { platform }: AdmissionProps) {
    super(scope, id);
    const relaxation = label(LABELS.relaxation);
    const expires = 'params.spec.expiresAt';
    new AdmissionPolicy(this, 'admission', {
      mode: platform.guards,
      name: 'portarium-network-relaxed',
      requests: networkObjects('CREATE', 'UPDATE'),
      paramKind: 'Relaxation',
      bindings: platform.workspaces.flatMap((placement) =>
        HELD.flatMap((control) => [
          binding(placement, control, 'needs-approved', { operations: ['CREATE'] }),
          binding(placement, control, 'renamed', { operations: ['UPDATE'], notFound: 'Allow' }),
        ]),
      ),
      conditions: {
        opens: `request.operation == "CREATE" || ${relaxation} != ${label(LABELS.relaxation, 'oldObject')}`,
        named: `${relaxation} != ""`,
      },
      variables: { opens: label(LABELS.opens) },
      refusals: [
        {
          expression: `params.metadata.name == ${relaxation}`,
          message: `Another Relaxation of this control is approved. End it first, or name it in the label ${LABELS.relaxation}.`,
          messageExpression: `"The Relaxation " + params.metadata.name + " is approved for " + variables.opens + " of " + params.spec.workspaceId + " while this object names " + ${relaxation} + ". End " + params.metadata.name + " first, or name it in the label ${LABELS.relaxation}."`,
        },
        {
          expression:
            `params.spec.state == "approved" && params.spec.?approvedBy.orValue(params.spec.requestedBy) != params.spec.requestedBy && ` +
            `params.spec.workspaceId == ${label(LABELS.workspace)} && variables.opens in params.spec.controls && ` +
            `timestamp(${expires}) - timestamp(params.metadata.creationTimestamp) <= duration("${MAX_MINUTES}m")`,
          message:
            'The Relaxation is not one: not approved by another person, for another workspace or control, or too long. Ask for another.',
        },
        {
          expression: `request.operation == "CREATE" ? ${createdBefore(expires)} : ${changedBefore(expires)}`,
          message: 'The Relaxation has expired. End it and ask for another.',
          messageExpression: `"The Relaxation " + params.metadata.name + " expired at " + string(timestamp(${expires})) + ". End it and ask for another."`,
        },
      ],
    });
  }
}

const binding = (
  { id, namespace }: Platform['workspaces'][number],
  control: Control,
  name: string,
  { operations, notFound = 'Deny' }: Pick<Binding, 'operations'> & { readonly notFound?: 'Allow' | 'Deny' },
): Binding => ({
  suffix: `${name}-${control}-${id}`,
  namespaces: [namespace, FRONT_NAMESPACE],
  labels: [
    { key: LABELS.workspace, operator: 'In', values: [id] },
    { key: LABELS.opens, operator: 'In', values: [control] },
    { key: LABELS.relaxation, operator: 'Exists' },
  ],
  param: { labels: { [LABELS.workspace]: id, [relaxesLabel(control)]: 'approved' }, notFound },
  ...(operations && { operations }),
});
