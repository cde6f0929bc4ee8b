import { NO_ADDRESSES, isEmpty, parseCidr, subtract, union } from '../../model/addresses.js';
import type { AddressSet } from '../../model/addresses.js';
import type { Field } from '../kube-object.js';
import { namespaceNamed, readSelector, selects } from '../selector.js';
import type { Labels, Selector } from '../selector.js';
import { endpointPeers, reservedPeers } from './cilium-selector.js';
import type { Peer, Rule } from './policy.js';
import type { References } from './references.js';

/** What a section of a rule says about its peers. A section that is empty selects nobody. */
export interface Selected {
  readonly peers: readonly Peer[] | 'everyone';
  /** Why it is not known whom it selects. */
  readonly unknown?: string;
  /** What narrows it in a way that is not modelled. */
  readonly narrowedBy?: string;
}

export interface Reading {
  /** Of a CiliumNetworkPolicy. */
  readonly namespace: string | undefined;
  readonly action: Rule['action'];
  readonly references: References;
}

const unknown = (reason: string): Selected => ({ peers: 'everyone', unknown: reason });

/** The sections that say whom a rule is about, without `to` and `from`; a rule has one of them at most. */
export const SECTIONS: Readonly<Record<string, (field: Field, reading: Reading) => Selected>> = {
  Endpoints: (field, { namespace, action }) =>
    all(field.items().map((item) => known(endpointPeers(item, namespace, action)))),
  CIDR: (field, { action }) => ranges(field.items().map((item) => readCidr(item, action))),
  CIDRSet: (field, reading) => all(field.items().map((item) => readCidrRule(item, reading))),
  Entities: (field) => all(field.items().map(readEntity)),
  Nodes: (field) => all(field.items().map(readNodes)),
  Services: (field, reading) => all(field.items().map((item) => readService(item, reading))),
  FQDNs: (field) => ({ peers: [{ kind: 'names', names: field.items().map(readName) }] }),
  Groups: () => unknown('groups of cloud providers'),
};

const known = (found: readonly Peer[] | string): Selected =>
  typeof found === 'string' ? unknown(found) : { peers: found };

function all(selected: readonly Selected[]): Selected {
  const reason = selected.find((one) => one.unknown !== undefined)?.unknown;
  const narrowedBy = selected.find((one) => one.narrowedBy !== undefined)?.narrowedBy;
  const everyone = selected.some(({ peers }) => peers === 'everyone');
  return {
    peers: everyone ? 'everyone' : selected.flatMap(({ peers }) => (peers === 'everyone' ? [] : peers)),
    ...(reason !== undefined && { unknown: reason }),
    ...(narrowedBy !== undefined && { narrowedBy }),
  };
}

/** Cilium's ranges select neither pods nor nodes (`--policy-cidr-match-mode` is empty by default, trap S11). */
const ranges = (sets: readonly AddressSet[]): Selected => ({
  peers: [{ kind: 'addresses', addresses: union(NO_ADDRESSES, ...sets), pods: 'never', nodes: false }],
});

/** A range, or an address alone. */
function readCidr(field: Field, action: Rule['action']): AddressSet {
  const certain = action === 'Deny';
  return field.parse((text) => {
    if (text.includes('/')) return parseCidr(text, { certain });
    return parseCidr(`${text}/${text.includes(':') ? 128 : 32}`, { certain });
  });
}

function readCidrRule(field: Field, { action, references }: Reading): Selected {
  field.only('cidr', 'cidrGroupRef', 'cidrGroupSelector', 'except');
  const excepts = field.at('except').items();
  const except = union(NO_ADDRESSES, ...excepts.map((item) => readCidr(item, action === 'Accept' ? 'Deny' : 'Accept')));
  const [cidr, ref, selector] = [field.at('cidr'), field.at('cidrGroupRef'), field.at('cidrGroupSelector')];
  if ([cidr, ref, selector].filter((one) => !one.absent).length !== 1) {
    field.fail('expected exactly one of cidr, cidrGroupRef, cidrGroupSelector');
  }
  if (!cidr.absent) {
    const whole = readCidr(cidr, action);
    for (const item of excepts) {
      if (!isEmpty(subtract(readCidr(item, action), whole))) item.fail('must lie within cidr');
    }
    return ranges([subtract(whole, except)]);
  }
  const groups = references.groups.filter(({ name, labels }) =>
    ref.absent ? selects(readSelector(selector), labels) : name === ref.text(),
  );
  if (groups.length === 0) return unknown('no such CiliumCIDRGroup');
  const cidrs = groups.flatMap((group) => group.cidrs.map((item) => readCidr(item, action)));
  return ranges([subtract(union(NO_ADDRESSES, ...cidrs), except)]);
}

const CLUSTER: readonly Peer[] = [
  { kind: 'pods', namespaces: [], pods: [] },
  { kind: 'nodes', which: 'any' },
  { kind: 'kube-apiserver' },
];

function readEntity(field: Field): Selected {
  const entity = field.text();
  switch (entity) {
    case 'all':
      return { peers: 'everyone' };
    case 'cluster':
    case 'cluster-mesh':
      return { peers: CLUSTER };
    case 'init':
    case 'ingress':
    case 'health':
    case 'unmanaged':
      return unknown(`entity ${entity}`);
    default: {
      const peers = reservedPeers(entity);
      return peers === undefined ? field.fail(`unknown entity ${JSON.stringify(entity)}`) : { peers };
    }
  }
}

/** Only nodes that the pod is not on (`reserved:remote-node`). */
function readNodes(field: Field): Selected {
  const peers: Peer[] = [{ kind: 'nodes', which: 'other' }];
  return readSelector(field).length === 0 ? { peers } : { peers, narrowedBy: 'labels of nodes' };
}

/** Services with a selector stand for their pods; where others lead is not known. */
function readService(field: Field, { action, references }: Reading): Selected {
  field.only('k8sService', 'k8sServiceSelector');
  if (action === 'Deny') return unknown('toServices is not resolved in a denial');
  const [byName, bySelector] = [field.at('k8sService'), field.at('k8sServiceSelector')];
  if (byName.absent === bySelector.absent) field.fail('expected exactly one of k8sService, k8sServiceSelector');
  const where = (byName.absent ? bySelector : byName).at('namespace').optionalText() ?? '';
  const labels = byName.absent ? serviceLabels(bySelector.at('selector')) : [];
  const found = references.services.filter(
    (service) =>
      (where === '' || service.namespace === where) &&
      (byName.absent ? selects(labels, service.labels) : service.name === byName.at('serviceName').text()),
  );
  if (found.length === 0) return unknown('no such Service');
  if (found.some(({ selector }) => selector.size === 0)) return unknown('a Service without a selector');
  return {
    peers: found.map(({ namespace, selector }) => ({
      kind: 'pods',
      namespaces: namespaceNamed(namespace),
      pods: asSelector(selector),
    })),
  };
}

const serviceLabels = (field: Field): Selector =>
  readSelector(field).map((requirement) => ({ ...requirement, key: requirement.key.replace(/^(k8s|any):/, '') }));

const asSelector = (labels: Labels): Selector =>
  [...labels].map(([key, value]) => ({ key, operator: 'In', values: new Set([value]) }));

function readName(field: Field): string {
  field.only('matchName', 'matchPattern');
  const [name, pattern] = [field.at('matchName').optionalText(), field.at('matchPattern').optionalText()];
  return name ?? pattern ?? field.fail('expected matchName or matchPattern');
}
