import { parseAddress, setOf } from '../../model/addresses.js';
import type { Address, AddressSet } from '../../model/addresses.js';
import { Field } from '../kube-object.js';
import type { KubeObject } from '../kube-object.js';
import type { Labels } from '../selector.js';

/** Objects that policies point at. */
export interface References {
  readonly services: readonly ServiceReference[];
  /** Of `CiliumCIDRGroup`. */
  readonly groups: readonly { readonly name: string; readonly labels: Labels; readonly cidrs: readonly Field[] }[];
  readonly nodes: readonly { readonly labels: Labels; readonly addresses: readonly Address[] }[];
  /** Where the API server listens: what the endpoints of Service `default/kubernetes` say. Empty when not known. */
  readonly apiServer: AddressSet;
}

export interface ServiceReference {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  /** Empty: its backends come from elsewhere. */
  readonly selector: Labels;
}

const KINDS: ReadonlySet<string> = new Set(['Service', 'CiliumCIDRGroup', 'Node', 'EndpointSlice', 'Endpoints']);

/** Whether policies may point at objects of this kind. */
export const isReferred = ({ kind }: KubeObject): boolean => KINDS.has(kind);

export function referencesOf(objects: readonly KubeObject[]): References {
  const ofKind = (kind: string): Field[] =>
    objects.filter((object) => object.kind === kind).map((object) => Field.of(object));
  const named = (object: Field): { name: string; labels: Labels } => {
    const metadata = object.at('metadata');
    return { name: metadata.at('name').text(), labels: metadata.at('labels').labels() };
  };
  return {
    services: ofKind('Service').map((object) => ({
      ...named(object),
      namespace: object.at('metadata').at('namespace').optionalText() ?? 'default',
      selector: object.at('spec').at('type').value === 'ExternalName' ? new Map() : selectorOf(object),
    })),
    groups: ofKind('CiliumCIDRGroup').map((object) => ({
      ...named(object),
      cidrs: object.at('spec').at('externalCIDRs').items(),
    })),
    nodes: ofKind('Node').map((object) => ({ ...named(object), addresses: nodeAddresses(object) })),
    apiServer: setOf([
      ...ofKind('EndpointSlice').flatMap((object) => (isApiServerSlice(object) ? sliceAddresses(object) : [])),
      ...ofKind('Endpoints').flatMap((object) => (isApiServer(object) ? endpointAddresses(object) : [])),
    ]),
  };
}

const selectorOf = (service: Field): Labels => service.at('spec').at('selector').labels();

function nodeAddresses(node: Field): Address[] {
  const listed = node.at('status').at('addresses').items();
  return listed
    .filter((item) => item.at('type').value === 'InternalIP' || item.at('type').value === 'ExternalIP')
    .map((item) => item.at('address').parse(parseAddress));
}

function isApiServer(object: Field): boolean {
  const metadata = object.at('metadata');
  return metadata.at('name').value === 'kubernetes' && (metadata.at('namespace').value ?? 'default') === 'default';
}

function isApiServerSlice(slice: Field): boolean {
  const metadata = slice.at('metadata');
  const of = metadata.at('labels').labels().get('kubernetes.io/service-name') ?? metadata.at('name').value;
  return of === 'kubernetes' && (metadata.at('namespace').value ?? 'default') === 'default';
}

const sliceAddresses = (slice: Field): Address[] =>
  slice.at('addressType').value === 'FQDN'
    ? []
    : slice
        .at('endpoints')
        .items()
        .flatMap((endpoint) => endpoint.at('addresses').items())
        .map((address) => address.parse(parseAddress));

const endpointAddresses = (endpoints: Field): Address[] =>
  endpoints
    .at('subsets')
    .items()
    .flatMap((subset) => subset.at('addresses').items())
    .map((address) => address.at('ip').parse(parseAddress));
