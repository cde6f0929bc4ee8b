import { FAMILIES, formatAddress } from '../../model/addresses.js';
import type { AddressSet } from '../../model/addresses.js';
import { NAMESPACE_NAME_LABEL } from '../../model/names.js';
import type { PodClass } from '../classes/pod-class.js';
import { witnessOf } from '../classes/pod-class.js';
import { SERVICE_ACCOUNT } from '../policies/policy.js';
import type { Protocol } from '../ports.js';
import { includes, PROTOCOLS } from '../ports.js';
import type { PortSet } from '../ports.js';

/** A pod of a class, and its namespace, as one could create them. */
export interface ExamplePod {
  readonly namespace: string;
  readonly name: string;
  /** The pod, after its namespace where that needs labels of its own. */
  readonly objects: readonly object[];
}

/** @param name of the pod, and for what it stands: `agent`, `anyone` */
export function examplePod(pods: PodClass, name: string): ExamplePod {
  const { namespace, namespaceLabels, labels } = witnessOf(pods);
  const account = labels.get(SERVICE_ACCOUNT);
  const own = [...namespaceLabels].filter(([key]) => key !== NAMESPACE_NAME_LABEL);
  const carried = [...labels].filter(([key]) => key !== SERVICE_ACCOUNT);
  return {
    namespace,
    name,
    objects: [
      ...(own.length > 0
        ? [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: Object.fromEntries(own) } }]
        : []),
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace, ...(carried.length > 0 && { labels: Object.fromEntries(carried) }) },
        spec: {
          ...(account !== undefined && { serviceAccountName: account }),
          containers: [{ name: 'main', image: 'any' }],
        },
      },
    ],
  };
}

/** An address that people know, where it is in the set; else the set's first. */
export function exampleAddress(set: AddressSet): string {
  const family = FAMILIES.find((known) => set[known].length > 0);
  const first = family === undefined ? undefined : set[family][0];
  if (family === undefined || first === undefined) throw new RangeError('an empty set of addresses has no example');
  const known = family === 4 ? 0x08080808n : 0x20014860486000000000000000008888n;
  const holds = set[family].some(({ from, end }) => from <= known && known < end);
  return formatAddress({ family, value: holds ? known : first.from });
}

/** One packet of a set: on 443 or 53 where it holds them, else on its lowest port. */
export function examplePort(ports: PortSet): { readonly protocol: Protocol | 'other'; readonly port?: number } {
  for (const protocol of PROTOCOLS) {
    const common = [443, 53].find((port) => includes(ports, protocol, port)) ?? ports[protocol][0]?.from;
    if (common !== undefined) return { protocol, port: common };
  }
  return { protocol: 'other' };
}
