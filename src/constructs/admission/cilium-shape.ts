import { Construct } from 'constructs';
import { LABELS } from '../../model/names.js';
import type { Platform } from '../../model/platform.js';
import { agentNamespaces } from '../cluster-deny.js';
import { label, literal } from '../guards/cel.js';
import { AdmissionPolicy, type AdmissionProps, type Refusal } from './admission-policy.js';
import { AGENT_LABELS, allowedEdges } from './allowed-edges.js';
import { fixedNames } from './fixed-names.js';
import { CILIUM_POLICY } from './network-requests.js';

const POD_NAMESPACE = 'k8s:io.kubernetes.pod.namespace';

/** Ways to name a peer that no edge has; in Cilium a rule without any peer but with ports opens everything. */
const NEVER = {
  egress: ['toRequires', 'toCIDRSet', 'toEntities', 'toServices', 'toGroups', 'toNodes', 'icmps', 'authentication'],
  ingress: [
    'fromRequires',
    'fromCIDR',
    'fromCIDRSet',
    'fromEntities',
    'fromGroups',
    'fromNodes',
    'icmps',
    'authentication',
  ],
} as const;
const PEERS = { egress: ['toEndpoints', 'toCIDR', 'toFQDNs'], ingress: ['fromEndpoints'] } as const;

const lacks = (fields: readonly string[]): string => fields.map((field) => `!has(rule.${field})`).join(' && ');

/** Labels of the CEL map `has`, whose keys have the source `k8s:`, are at least those of the CEL map `wanted`. */
const covers = (has: string, wanted: string): string =>
  `${wanted}.all(key, ${has}[?("k8s:" + key)].orValue("") == ${wanted}[key])`;

const endpoints = (peers: string): string =>
  `rule.?${peers}.orValue([]).all(peer, edge.namespace != "" && peer.?matchLabels[?${literal(POD_NAMESPACE)}].orValue("") == edge.namespace && ` +
  `${covers('peer.?matchLabels.orValue({})', 'edge.labels')})`;

const PORTS_OF_EDGE =
  'rule.toPorts.all(to, to.ports.all(port, (port.?protocol.orValue("ANY") + "/" + port.port) in edge.ports))';
const BY_NAME = '(!edge.dns || rule.toPorts.all(to, to.?rules.?dns.orValue([]).size() > 0))';

/** Empty is Cilium's way to deny: it selects no peer and no port, and isolates. */
export const isEmpty = (direction: 'egress' | 'ingress'): string =>
  `(${lacks([...PEERS[direction], 'toPorts', ...NEVER[direction]])})`;

/** The workspace's agents to exact public names, on any TCP port but DNS; which names and ports is up to `network-opens.ts`. */
const TO_NAMES =
  `(variables.opens == "egress" && ${covers('variables.subject', AGENT_LABELS)} && ` +
  'has(rule.toFQDNs) && rule.toFQDNs.size() > 0 && rule.toFQDNs.all(name, has(name.matchName) && !has(name.matchPattern)) && ' +
  '!has(rule.toEndpoints) && !has(rule.toCIDR) && ' +
  'rule.toPorts.all(to, to.ports.all(port, port.?protocol.orValue("ANY") == "TCP" && port.port != "53")))';

const ofEdge = {
  egress: `(!has(rule.toFQDNs) && rule.?toEndpoints.orValue([]).size() + rule.?toCIDR.orValue([]).size() > 0 && variables.egress.exists(edge, ${covers('variables.subject', 'edge.of')} && ${endpoints('toEndpoints')} && rule.?toCIDR.orValue([]).all(range, range in edge.cidrs) && ${PORTS_OF_EDGE} && ${BY_NAME})) || ${TO_NAMES}`,
  ingress: `(rule.?fromEndpoints.orValue([]).size() > 0 && variables.ingress.exists(edge, ${covers('variables.subject', 'edge.of')} && ${endpoints('fromEndpoints')} && ${PORTS_OF_EDGE}))`,
} as const;

/** Needs what `network-shape.ts` says of its own. */
export const onlyEdges = (direction: 'egress' | 'ingress'): readonly Refusal[] => [
  {
    expression:
      `variables.rules_${direction}.all(rule, ${isEmpty(direction)} || (${lacks(NEVER[direction])} && rule.?toPorts.orValue([]).size() > 0 && ` +
      `rule.toPorts.all(to, to.?ports.orValue([]).size() > 0 && to.ports.all(port, !has(port.endPort)) && !has(to.listener) && !has(to.originatingTLS) && !has(to.terminatingTLS))))`,
    message: `Each ${direction} rule must name its ports and its peers by ${PEERS[direction].join(', ')} alone; ${NEVER[direction].slice(0, -2).join(', ')}, endPort and listeners are never used among agents.`,
  },
  {
    expression: `variables.rules_${direction}.all(rule, ${isEmpty(direction)} || ${ofEdge[direction]})`,
    message: `An ${direction} rule opens what is no edge of this workspace's matrix. Name the peer by ${POD_NAMESPACE} and the labels of its component (with "k8s:"), no port but that edge's, and DNS by exact names; render it with the stack.`,
    messageExpression:
      `"The ${direction} of " + object.metadata.name + " opens what is no edge of " + variables.workspace + "'s matrix" + ` +
      `(variables.opens == "" ? " without the label ${LABELS.opens}" : " with ${LABELS.opens}=" + variables.opens) + ` +
      `". Name the peer by ${POD_NAMESPACE} and the labels of its component (with k8s:), no port but that edge's, and DNS by exact names; render it with the stack."`,
  },
];

/**
 * A CiliumNetworkPolicy in an agents' namespace opens edges of the matrix only, and lets agents ask a DNS server for
 * exact names only. With `portarium.io/opens=egress` it may name public hosts too, never a pattern. Denials are free.
 * An object with `portarium.io/keep=baseline` opens nothing.
 * Makes `portarium-cilium-shape`. Closes S15, B5, B8 and B9 for what can still be written.
 */
export class CiliumShape extends Construct {
  constructor(scope: Construct, id: string, { platform }: AdmissionProps) {
    super(scope, id);
    new AdmissionPolicy(this, 'admission', {
      mode: platform.guards,
      name: 'portarium-cilium-shape',
      requests: [{ ...CILIUM_POLICY, operations: ['CREATE', 'UPDATE'] }],
      bindings: [{ namespaces: agentNamespaces(platform) }],
      // The labels that decide are fixed; and what is only being deleted must be able to go.
      conditions: {
        changes:
          'request.operation == "CREATE" || object.?spec != oldObject.?spec || object.?specs != oldObject.?specs',
      },
      variables: {
        workspace: label(LABELS.workspace),
        agents_namespace: 'request.namespace',
        opens: label(LABELS.opens),
        subject: 'object.?spec.?endpointSelector.?matchLabels.orValue({})',
        rules_egress: 'object.?spec.?egress.orValue([])',
        rules_ingress: 'object.?spec.?ingress.orValue([])',
        egress: allowedEdges(platform, 'egress'),
        ingress: allowedEdges(platform, 'ingress'),
        names: standingNames(platform),
      },
      refusals: [
        {
          expression: 'has(object.spec) && !has(object.specs) && !has(object.spec.nodeSelector)',
          message:
            'Write one policy an object, in "spec", for pods only: "specs" and "nodeSelector" are not used among agents.',
        },
        {
          expression:
            'object.?spec.?enableDefaultDeny.?egress.orValue(true) && object.?spec.?enableDefaultDeny.?ingress.orValue(true)',
          message: 'enableDefaultDeny must not be false: a policy among agents isolates what it selects.',
        },
        {
          expression: 'variables.opens in ["", "egress", "mtls"]',
          message: `${LABELS.opens} must be egress or mtls: no other control is held by network policies.`,
        },
        {
          expression: `${label(LABELS.keep)} != "baseline" || (variables.rules_egress.all(rule, ${isEmpty('egress')}) && variables.rules_ingress.all(rule, ${isEmpty('ingress')}))`,
          message: `An object with ${LABELS.keep}=baseline denies and opens nothing: leave its rules empty.`,
        },
        ...onlyEdges('egress'),
        ...onlyEdges('ingress'),
        {
          expression:
            'variables.rules_egress.all(rule, rule.?toPorts.orValue([]).all(to, to.?rules.?dns.orValue([]).all(name, has(name.matchName) && !has(name.matchPattern) && (variables.opens == "egress" || name.matchName in variables.names))))',
          message: `DNS rules name exact names (matchName), and without ${LABELS.opens}=egress only those of the front and the collector: any other name is a tunnel.`,
        },
      ],
    });
  }
}

/** The names that agents may ask for without open egress, as a CEL list. */
function standingNames(platform: Platform): string {
  const names = fixedNames(platform);
  const opened = (open: string): string =>
    literal(
      names.filter((name) => (name.open === 'always' ? '' : name.open.whileShadow) === open).map(({ name }) => name),
    );
  return `${opened('')} + (variables.opens == "mtls" ? ${opened('mtls')} : [])`;
}
