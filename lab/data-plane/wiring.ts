import { addresses, worldAddresses } from './addresses.js';
import type { LabNode } from './node.js';

/** The namespace of everything that is neither the node nor a pod. */
export const WORLD = { namespace: 'world' } as const;

/**
 * Gives the node its one link, `eth0`, whose other end is the world: a namespace that has the addresses of the internet,
 * of metadata services and of other nodes, and nothing behind it.
 */
export async function wire(node: LabNode): Promise<void> {
  const outside = [...worldAddresses, addresses.apiServer];
  await node.shell([
    `ip netns add ${WORLD.namespace}`,
    `ip link add eth0 type veth peer name eth0 netns ${WORLD.namespace}`,
    `ip address add ${addresses.node}/24 dev eth0`,
    `ip address add ${addresses.node6}/64 dev eth0 nodad`,
    'ip link set eth0 up',
    `ip route add default via ${addresses.gateway}`,
    `ip -6 route add default via ${addresses.gateway6}`,
    `ip -n ${WORLD.namespace} link set lo up`,
    `ip -n ${WORLD.namespace} address add ${addresses.gateway}/24 dev eth0`,
    `ip -n ${WORLD.namespace} address add ${addresses.gateway6}/64 dev eth0 nodad`,
    `ip -n ${WORLD.namespace} link set eth0 up`,
    ...outside.map(
      (address) => `ip -n ${WORLD.namespace} address add ${address}/${address.includes(':') ? 128 : 32} dev lo`,
    ),
    `ip -n ${WORLD.namespace} route add ${addresses.podCidr} via ${addresses.node}`,
    `ip -n ${WORLD.namespace} -6 route add ${addresses.podCidr6} via ${addresses.node6}`,
    'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1',
  ]);
}
