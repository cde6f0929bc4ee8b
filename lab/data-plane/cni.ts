import type { LabNode } from './node.js';

/** A pod as the plugin is told of it. */
export interface CniPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export interface CniFiles {
  /** The plugin. */
  readonly plugin: string;
  /** The agent's socket. */
  readonly socket: string;
}

/** Name of the network namespace of a pod. */
export const namespaceOf = ({ uid }: Pick<CniPod, 'uid'>): string => `pod-${uid}`;

/** Gives a pod's network namespace its link and addresses, as the kubelet lets it be done, and returns them: IPv4, IPv6. */
export async function addPod(node: LabNode, files: CniFiles, pod: CniPod): Promise<readonly string[]> {
  const { ips = [] } = JSON.parse(await again(node, files, pod)) as { ips?: { address: string }[] };
  return ips
    .map(({ address }) => address.replace(/\/.*/, ''))
    .sort((a, b) => Number(a.includes(':')) - Number(b.includes(':')));
}

/** The kubelet tries again too: on a busy machine the agent gives up on a pod whose program takes too long to compile. */
async function again(node: LabNode, files: CniFiles, pod: CniPod): Promise<string> {
  for (let left = 3; ; left -= 1) {
    try {
      return await call(node, files, pod, 'ADD');
    } catch (error) {
      if (left === 0) throw error;
      await call(node, files, pod, 'DEL').catch(() => undefined);
    }
  }
}

/** Takes it away again. */
export async function deletePod(node: LabNode, files: CniFiles, pod: CniPod): Promise<void> {
  await call(node, files, pod, 'DEL');
}

function call(node: LabNode, { plugin, socket }: CniFiles, pod: CniPod, command: 'ADD' | 'DEL'): Promise<string> {
  return node.run('node', plugin, [], {
    env: {
      CILIUM_SOCK: socket,
      CNI_COMMAND: command,
      CNI_CONTAINERID: pod.uid,
      CNI_NETNS: `/run/netns/${namespaceOf(pod)}`,
      CNI_IFNAME: 'eth0',
      CNI_PATH: '/opt/cni/bin',
      CNI_ARGS: [
        'IgnoreUnknown=1',
        `K8S_POD_NAMESPACE=${pod.namespace}`,
        `K8S_POD_NAME=${pod.name}`,
        `K8S_POD_UID=${pod.uid}`,
        `K8S_POD_INFRA_CONTAINER_ID=${pod.uid}`,
      ].join(';'),
    },
    // The agent compiles a program for the pod first, which takes its time on a busy machine.
    timeoutMilliseconds: 180_000,
    input: JSON.stringify({ cniVersion: '0.3.1', name: 'cilium', type: 'cilium-cni' }),
  });
}
