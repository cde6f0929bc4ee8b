import {
  FAMILIES,
  isEmpty,
  NO_ADDRESSES,
  parseAddress,
  parseCidr,
  setOf,
  subtract,
  union,
} from '../../../model/addresses.js';
import type { AddressSet } from '../../../model/addresses.js';
import type { Field } from '../../kube-object.js';
import { readSelector } from '../../selector.js';
import type { Peer, Rule } from '../policy.js';
import { namespaceNamed } from '../policy.js';
import { readEndpointSelector } from './endpoint-selector.js';
import { ENTITIES } from './entities.js';
import type { CiliumFacts } from './facts.js';

/** What a rule says of the other end. */
export interface RulePeers {
  /** As {@link Rule.peers}. */
  readonly peers: Rule['peers'];
  /** What of it is not known here. */
  readonly unsure: readonly string[];
}

interface Context {
  /** Namespace of the policy; undefined for a clusterwide one. */
  readonly own: string | undefined;
  readonly action: Rule['action'];
  readonly facts: CiliumFacts;
}

/** The layer 3 sections of a rule, by direction: at most one may be given. */
export const SECTIONS = {
  Egress: ['toEndpoints', 'toCIDR', 'toCIDRSet', 'toEntities', 'toServices', 'toGroups', 'toNodes', 'toFQDNs'],
  Ingress: ['fromEndpoints', 'fromCIDR', 'fromCIDRSet', 'fromEntities', 'fromGroups', 'fromNodes'],
} as const;

const NON_PODS: readonly Peer[] = [
  { kind: 'world', families: FAMILIES },
  { kind: 'nodes', which: 'any' },
  { kind: 'kube-apiserver' },
];

/** Several sections are read as their union where they are given together; Cilium refuses most such rules. */
export function readPeers(rule: Field, sections: readonly string[], context: Context): RulePeers {
  const given = sections.filter((section) => !rule.at(section).absent);
  const hasPorts = rule.at('toPorts').items().length + rule.at('icmps').items().length > 0;
  // A rule for ports alone is for everyone; one that says nothing at all is for nobody, but it isolates.
  if (given.length === 0) return { peers: hasPorts ? undefined : [], unsure: [] };
  const read = given.flatMap((section) =>
    rule
      .at(section)
      .items()
      .map((peer) => readPeer(section, peer, context)),
  );
  const unsure = read.flatMap((peer) => (typeof peer === 'object' && 'unsure' in peer ? [peer.unsure] : []));
  const known = read.flatMap((peer) => (Array.isArray(peer) ? (peer as readonly Peer[]) : []));
  const all = read.includes('everything') || (unsure.length > 0 && context.action === 'Accept');
  return { peers: all ? undefined : known, unsure };
}

type ReadPeer = readonly Peer[] | 'everything' | { readonly unsure: string };

function readPeer(section: string, peer: Field, context: Context): ReadPeer {
  switch (section.replace(/^(to|from)/, '')) {
    case 'Endpoints':
      return endpoints(peer, context);
    case 'CIDR':
      return [addresses(peer.parse(cidrOrAddress))];
    case 'CIDRSet':
      return cidrSet(peer, context.facts);
    case 'Entities':
      return ENTITIES[peer.text()] ?? peer.fail(`expected one of ${Object.keys(ENTITIES).join(', ')}`);
    case 'Services':
      return services(peer, context);
    case 'FQDNs':
      peer.only('matchName', 'matchPattern');
      return [
        {
          kind: 'names',
          names: [(peer.at('matchName').optionalText() ?? peer.at('matchPattern').text()).toLowerCase()],
        },
      ];
    case 'Nodes':
      return context.action === 'Accept' ? [{ kind: 'nodes', which: 'any' }] : [{ kind: 'nodes', which: 'other' }];
    default:
      return { unsure: `${section} asks a cloud provider for addresses` };
  }
}

function endpoints(peer: Field, { own, action }: Context): ReadPeer {
  const { unsure, beyondPods, ...selected } = readEndpointSelector(peer, own);
  if (unsure !== undefined) return { unsure };
  // Of a denial only pods are certain; the demand for a namespace's label is what keeps an allowance to them.
  return [{ kind: 'pods', ...selected }, ...(beyondPods && action === 'Accept' ? NON_PODS : [])];
}

/** Rules by address match neither pods nor nodes (policy-cidr-match-mode is empty by default; trap S11). */
const addresses = (set: AddressSet): Peer => ({ kind: 'addresses', addresses: set, pods: 'never', nodes: false });

const cidrOrAddress = (text: string): AddressSet =>
  text.includes('/') ? parseCidr(text) : setOf([parseAddress(text)]);

function cidrSet(peer: Field, facts: CiliumFacts): ReadPeer {
  peer.only('cidr', 'cidrGroupRef', 'cidrGroupSelector', 'except');
  if (peer.at('cidr').absent) {
    const group = peer.at('cidrGroupRef').optionalText();
    const found = group === undefined ? undefined : facts.cidrGroups.get(group);
    return found === undefined
      ? { unsure: `refers to the CiliumCIDRGroup ${group ?? 'by labels'}` }
      : [addresses(found)];
  }
  const whole = peer.at('cidr').parse(cidrOrAddress);
  const excepts = peer
    .at('except')
    .items()
    .map((except) => {
      const set = except.parse((text) => parseCidr(text, { certain: true }));
      if (!isEmpty(subtract(set, whole))) except.fail('must lie within cidr');
      return set;
    });
  return [addresses(subtract(whole, union(NO_ADDRESSES, ...excepts)))];
}

/** Services stand for the pods behind them. */
function services(peer: Field, { facts, own }: Context): ReadPeer {
  peer.only('k8sService', 'k8sServiceSelector');
  const [byName, bySelector] = [peer.at('k8sService'), peer.at('k8sServiceSelector')];
  const from = byName.absent ? bySelector : byName;
  const namespace = from.at('namespace').optionalText() ?? own;
  const name = byName.absent ? undefined : byName.at('serviceName').text();
  const selector = byName.absent ? readSelector(bySelector.at('selector')) : undefined;
  const found = facts.services.filter(
    (service) =>
      (namespace === undefined || service.namespace === namespace) &&
      (name === undefined ? service.matches(selector!) : service.name === name),
  );
  if (found.length === 0) return { unsure: `no Service ${namespace ?? ''}/${name ?? 'by labels'} is at hand` };
  const without = found.find((service) => service.selector === undefined);
  if (without) return { unsure: `the Service ${without.namespace}/${without.name} has no selector` };
  return found.map((service): Peer => ({
    kind: 'pods',
    namespaces: namespaceNamed(service.namespace),
    pods: [...service.selector!].map(([key, value]) => ({ key, operator: 'In', values: new Set([value]) })),
  }));
}
