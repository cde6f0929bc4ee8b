import { addresses } from './addresses.js';

/** Name of the Node that has the data plane. */
export const NODE = 'data-plane';
const OTHER = 'another-node';

interface Wanted {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly podCidrs: readonly [string, string];
  readonly taints?: readonly object[];
}

/** Its address is one that the sample stacks say nodes have. */
const kubernetesNode = ({ name, addresses: nodeAddresses, podCidrs, taints = [] }: Wanted): object => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' } },
  spec: { podCIDR: podCidrs[0], podCIDRs: podCidrs, taints },
  status: {
    addresses: [
      ...nodeAddresses.map((address) => ({ type: 'InternalIP', address })),
      { type: 'Hostname', address: name },
    ],
  },
});

const other: Wanted = {
  name: OTHER,
  addresses: [addresses.otherNode],
  podCidrs: [addresses.otherPodCidr, addresses.otherPodCidr6],
};

export const nodeObject: object = kubernetesNode({
  name: NODE,
  addresses: [addresses.node, addresses.node6],
  podCidrs: [addresses.podCidr, addresses.podCidr6],
});

/** One more for pods that may not share a node. Nothing else goes there as long as the first is Ready. */
export const otherNodeObject: object = kubernetesNode({
  ...other,
  taints: [{ key: 'portarium.io/lab', effect: 'PreferNoSchedule' }],
});

/** What an agent on the other node would say of it. */
export const otherCiliumNode: object = {
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNode',
  metadata: { name: OTHER },
  spec: {
    addresses: other.addresses.map((ip) => ({ type: 'InternalIP', ip })),
    ipam: { podCIDRs: other.podCidrs },
  },
};
