import { Construct } from 'constructs';
import { LABELS, NAMESPACE_NAME_LABEL } from '../../model/names.js';
import { publicCidrs } from '../../model/public-addresses.js';
import { agentNamespaces } from '../cluster-deny.js';
import { label, literal } from '../guards/cel.js';
import { AdmissionPolicy, type AdmissionProps, type Refusal } from './admission-policy.js';
import { AGENT_LABELS, allowedEdges } from './allowed-edges.js';
import { NETWORK_POLICY } from './network-requests.js';

/** Labels of the CEL map `has` are at least those of the CEL map `wanted`: more only select fewer pods. */
const covers = (has: string, wanted: string): string =>
  `${wanted}.all(key, ${has}[?key].orValue("") == ${wanted}[key])`;

const PORTS_OF_EDGE =
  'rule.ports.all(port, !has(port.endPort) && (port.?protocol.orValue("TCP") + "/" + string(port.port)) in edge.ports)';

const peerOfEdge =
  `(has(peer.ipBlock) ? !has(peer.ipBlock.except) && peer.ipBlock.cidr in edge.cidrs : edge.namespace != "" && ` +
  `peer.?namespaceSelector.?matchLabels[?${literal(NAMESPACE_NAME_LABEL)}].orValue("") == edge.namespace && ` +
  `${covers('peer.?podSelector.?matchLabels.orValue({})', 'edge.labels')})`;

/** The workspace's agents to a public address, on any TCP port but DNS; which ports is up to `network-opens.ts`. */
const toPublic =
  `(variables.opens == "egress" && ${covers('variables.subject', AGENT_LABELS)} && ` +
  'has(peer.ipBlock) && !has(peer.ipBlock.except) && ' +
  '(peer.ipBlock.cidr in variables.public || variables.public.exists(range, cidr(range).containsCIDR(peer.ipBlock.cidr))) && ' +
  'rule.ports.all(port, !has(port.endPort) && port.?protocol.orValue("TCP") == "TCP" && type(port.port) == int && port.port != 53))';

/** Needs `variables.workspace`, `opens`, `subject`, and `rules_` and the edges of the direction. */
export function onlyEdges(direction: 'egress' | 'ingress', peers: 'to' | 'from', toOthers = ''): readonly Refusal[] {
  return [
    {
      expression: `variables.rules_${direction}.all(rule, rule.?${peers}.orValue([]).size() > 0 && rule.?ports.orValue([]).size() > 0 && rule.ports.all(port, has(port.port)))`,
      message: `Each ${direction} rule must name its peers ("${peers}") and its port numbers: without them it opens everything.`,
    },
    {
      expression:
        `variables.rules_${direction}.all(rule, rule.?${peers}.orValue([]).all(peer, variables.${direction}.exists(edge, ` +
        `${covers('variables.subject', 'edge.of')} && ${peerOfEdge} && ${PORTS_OF_EDGE})${toOthers}))`,
      message: `An ${direction} rule opens what is no edge of this workspace's matrix. Select the peer's namespace by ${NAMESPACE_NAME_LABEL}, its pods by the labels of its component, and no port but that edge's; render it with the stack.`,
      messageExpression:
        `"The ${direction} of " + object.metadata.name + " opens what is no edge of " + variables.workspace + "'s matrix" + ` +
        `(variables.opens == "" ? " without the label ${LABELS.opens}" : " with ${LABELS.opens}=" + variables.opens) + ` +
        `". Select the peer's namespace by ${NAMESPACE_NAME_LABEL}, its pods by the labels of its component, and no port but that edge's; render it with the stack."`,
    },
  ];
}

/**
 * A NetworkPolicy in an agents' namespace opens edges of the matrix only: which pods, to which pods, on which ports.
 * With `portarium.io/opens` it may also open the edges of that control, `egress` the public addresses too. An object
 * with `portarium.io/keep=baseline` opens nothing.
 * Makes `portarium-network-shape`. Closes S1 to S12 for what can still be written.
 */
export class NetworkShape extends Construct {
  constructor(scope: Construct, id: string, { platform }: AdmissionProps) {
    super(scope, id);
    // Where Cilium holds names, addresses and a plain rule for port 53 would be wider than those names.
    const byName = platform.network.cilium;
    const egress = allowedEdges(platform, 'egress');
    new AdmissionPolicy(this, 'admission', {
      mode: platform.guards,
      name: 'portarium-network-shape',
      requests: [{ ...NETWORK_POLICY, operations: ['CREATE', 'UPDATE'] }],
      bindings: [{ namespaces: agentNamespaces(platform) }],
      // The labels that decide are fixed; and what is only being deleted must be able to go.
      conditions: { changes: 'request.operation == "CREATE" || object.spec != oldObject.spec' },
      variables: {
        workspace: label(LABELS.workspace),
        agents_namespace: 'request.namespace',
        opens: label(LABELS.opens),
        subject: 'object.spec.?podSelector.?matchLabels.orValue({})',
        rules_egress: 'object.spec.?egress.orValue([])',
        rules_ingress: 'object.spec.?ingress.orValue([])',
        egress: byName ? `(${egress}).filter(edge, !edge.dns)` : egress,
        ingress: allowedEdges(platform, 'ingress'),
        ...(byName ? {} : { public: literal(publicCidrs(platform)) }),
      },
      refusals: [
        {
          expression: 'variables.opens in ["", "egress", "mtls"]',
          message: `${LABELS.opens} must be egress or mtls: no other control is held by network policies.`,
        },
        {
          expression: `${label(LABELS.keep)} != "baseline" || (variables.rules_egress.size() == 0 && variables.rules_ingress.size() == 0)`,
          message: `An object with ${LABELS.keep}=baseline denies and opens nothing: leave egress and ingress empty.`,
        },
        ...onlyEdges('egress', 'to', byName ? '' : ` || ${toPublic}`),
        ...onlyEdges('ingress', 'from'),
      ],
    });
  }
}
