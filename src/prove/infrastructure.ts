import { NO_ADDRESSES, parseAddress, setOf, union } from '../model/addresses.js';
import type { AddressSet } from '../model/addresses.js';
import { Field } from './kube-object.js';
import type { KubeObject } from './kube-object.js';
import type { Pod } from './pod.js';

/** Addresses of the nodes: their own objects', those of the nodes that pods stand on, and of pods on their network. */
export function nodeAddresses(objects: readonly KubeObject[], pods: readonly Pod[]): AddressSet {
  const nodes = objects.filter(({ apiVersion, kind }) => apiVersion === 'v1' && kind === 'Node').map(Field.of);
  const own = nodes
    .flatMap((node) => node.at('status').at('addresses').items())
    .filter((address) => address.at('type').value === 'InternalIP' || address.at('type').value === 'ExternalIP')
    .map((address) => address.at('address').parse(parseAddress));
  const ofPods = pods.flatMap((pod) => [...pod.nodeAddresses, ...(pod.hostNetwork ? pod.addresses : [])]);
  return setOf([...own, ...ofPods]);
}

/** Addresses of the API server: the Service default/kubernetes and what is behind it. */
export function apiServerAddresses(objects: readonly KubeObject[]): AddressSet {
  const kubernetes = objects.filter(({ metadata }) => metadata?.namespace === 'default').map(Field.of);
  const of = (kind: string, isIt: (object: Field) => boolean): readonly Field[] =>
    kubernetes.filter((object) => object.at('kind').value === kind && isIt(object));
  const named = (object: Field): boolean => object.at('metadata').at('name').value === 'kubernetes';
  const sliced = (object: Field): boolean =>
    object.at('metadata').at('labels').labels().get('kubernetes.io/service-name') === 'kubernetes';
  const addresses = [
    ...of('Service', named).flatMap((service) => service.at('spec').at('clusterIPs').items()),
    ...of('Endpoints', named).flatMap((endpoints) =>
      endpoints
        .at('subsets')
        .items()
        .flatMap((subset) =>
          subset
            .at('addresses')
            .items()
            .map((address) => address.at('ip')),
        ),
    ),
    ...of('EndpointSlice', sliced).flatMap((slice) =>
      slice
        .at('endpoints')
        .items()
        .flatMap((endpoint) => endpoint.at('addresses').items()),
    ),
  ];
  return union(
    NO_ADDRESSES,
    setOf(addresses.filter(({ value }) => value !== 'None').map((field) => field.parse(parseAddress))),
  );
}
