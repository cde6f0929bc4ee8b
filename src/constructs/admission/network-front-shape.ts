import { Construct } from 'constructs';
import { LABELS } from '../../model/names.js';
import { label, literal } from '../guards/cel.js';
import { AdmissionPolicy, type AdmissionProps, type Refusal } from './admission-policy.js';
import { FRONT_NAMESPACE, frontControls, frontEdges } from './allowed-edges.js';
import { isEmpty, onlyEdges as onlyEdgesOfCilium } from './cilium-shape.js';
import { CILIUM_POLICY, NETWORK_POLICY } from './network-requests.js';
import { onlyEdges } from './network-shape.js';
import { placements } from './placements.js';

/**
 * What opens something beside the control plane lets in the agents of the workspace that it is labelled with, and the
 * workers, by the edges of that control alone, and lets nothing out. It may deny nothing either: a denial there would
 * shut the front for everybody. Refuses whatever the platform's guards are, since nobody but workspaces' stacks writes
 * objects with `portarium.io/opens`.
 * Makes `portarium-network-front-shape` and `portarium-cilium-front-shape`.
 */
export class NetworkFrontShape extends Construct {
  constructor(scope: Construct, id: string, { platform }: AdmissionProps) {
    super(scope, id);
    const { variables, namespaceOf } = placements(platform);
    const controls = frontControls(platform);
    const shared = {
      bindings: [{ namespaces: [FRONT_NAMESPACE], labels: [{ key: LABELS.opens, operator: 'Exists' }] }],
      variables: {
        ...variables,
        workspace: label(LABELS.workspace),
        agents_namespace: namespaceOf('variables.workspace'),
        opens: label(LABELS.opens),
        ingress: frontEdges(platform),
      },
    } as const;
    const labels: readonly Refusal[] = [
      {
        expression: 'variables.agents_namespace != ""',
        message: `The label ${LABELS.workspace} must name a workspace of the platform stack (portarium:workspaces).`,
        messageExpression: `"The platform stack knows no workspace " + variables.workspace + " (portarium:workspaces); name one in the label ${LABELS.workspace}."`,
      },
      {
        expression: `variables.opens in ${literal(controls)}`,
        message: `Beside the control plane ${LABELS.opens} must be ${controls.join(' or ')}: no other control opens anything there.`,
      },
      {
        expression: `${label(LABELS.keep)} == "" && ${label(LABELS.stack)} != ${literal(platform.stack)}`,
        message: `What opens something is the workspace's stack's and goes with its mode: leave out ${LABELS.keep}, and set ${LABELS.stack} to that stack.`,
      },
    ];
    new AdmissionPolicy(this, 'network-policy', {
      ...shared,
      name: 'portarium-network-front-shape',
      requests: [{ ...NETWORK_POLICY, operations: ['CREATE', 'UPDATE'] }],
      conditions: { changes: 'request.operation == "CREATE" || object.spec != oldObject.spec' },
      variables: {
        ...shared.variables,
        subject: 'object.spec.?podSelector.?matchLabels.orValue({})',
        rules_ingress: 'object.spec.?ingress.orValue([])',
      },
      refusals: [
        ...labels,
        {
          expression: 'object.spec.?egress.orValue([]).size() == 0',
          message: 'What opens the front lets in and nothing out: leave egress empty.',
        },
        ...onlyEdges('ingress', 'from'),
      ],
    });
    new AdmissionPolicy(this, 'cilium', {
      ...shared,
      name: 'portarium-cilium-front-shape',
      requests: [{ ...CILIUM_POLICY, operations: ['CREATE', 'UPDATE'] }],
      conditions: {
        changes:
          'request.operation == "CREATE" || object.?spec != oldObject.?spec || object.?specs != oldObject.?specs',
      },
      variables: {
        ...shared.variables,
        subject: 'object.?spec.?endpointSelector.?matchLabels.orValue({})',
        rules_ingress: 'object.?spec.?ingress.orValue([])',
      },
      refusals: [
        ...labels,
        {
          expression: 'has(object.spec) && !has(object.specs) && !has(object.spec.nodeSelector)',
          message:
            'Write one policy an object, in "spec", for pods only: "specs" and "nodeSelector" are not used here.',
        },
        {
          expression: `object.?spec.?egress.orValue([]).all(rule, ${isEmpty('egress')})`,
          message: 'What opens the front lets in and nothing out: leave the rules of egress empty.',
        },
        {
          expression: '!has(object.spec.ingressDeny) && !has(object.spec.egressDeny)',
          message: 'What opens the front denies nothing: that would shut it for every workspace.',
        },
        ...onlyEdgesOfCilium('ingress'),
      ],
    });
  }
}
