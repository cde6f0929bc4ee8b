import { addresses } from './addresses.js';

/** Name of the Node that has the data plane. */
export const NODE = 'data-plane';
const OTHER = 'another-node';

interface Wanted {
  readonly name: string;
  readonly address: string;
  readonly podCidr: string;
  readonly taints?: readonly object[];
}

/** Its address is one that the sample stacks say nodes have. */
const kubernetesNode = ({ name, address, podCidr, taints = [] }: Wanted): object => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' } },
  spec: { podCIDR: podCidr, podCIDRs: [podCidr], taints },
  status: {
    addresses: [
      { type: 'InternalIP', address },
      { type: 'Hostname', address: name },
    ],
  },
});

const other: Wanted = { name: OTHER, address: addresses.otherNode, podCidr: addresses.otherPodCidr };

export const nodeObject: object = kubernetesNode({ name: NODE, address: addresses.node, podCidr: addresses.podCidr });

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
    addresses: [{ type: 'InternalIP', ip: other.address }],
    ipam: { podCIDRs: [other.podCidr] },
  },
};
