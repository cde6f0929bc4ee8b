import type { ApiClient } from '../api.js';
import { LabError } from '../errors.js';
import type { Processes, RunningProcess } from '../processes.js';
import { addPod, deletePod, namespaceOf, type CniFiles, type CniPod } from './cni.js';
import type { LabNode } from './node.js';
import { placeIn, type Place } from './place.js';

/** A pod of the API server that has a real network. */
export interface LabPod extends Place {
  readonly namespace: string;
  readonly name: string;
  /** IPv4. */
  readonly address: string;
  readonly address6: string;
  /** Ends its processes and takes its network away, as when it is deleted. */
  remove(): Promise<void>;
}

/** What a pod's network is made with. */
export interface PodNetwork {
  readonly api: ApiClient;
  readonly node: LabNode;
  readonly processes: Processes;
  readonly cni: CniFiles;
}

export interface AttachOptions {
  /** Done in the pod's namespace before it has its network. @default nothing */
  readonly first?: (place: Place) => Promise<void>;
}

/** Does for a pod that exists in the API what the kubelet does: namespace, network by the plugin, addresses in its status. */
export async function attachPod(
  { api, node, processes, cni }: PodNetwork,
  namespace: string,
  name: string,
  options: AttachOptions = {},
): Promise<LabPod> {
  const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
  const { status, body } = await api.get(path);
  if (status !== 200) throw new LabError(`there is no pod ${namespace}/${name}`);
  const pod: CniPod = { namespace, name, uid: (body as { metadata: { uid: string } }).metadata.uid };
  const inside = namespaceOf(pod);
  await node.shell([`ip netns add ${inside}`, `ip -n ${inside} link set lo up`]);
  const running: RunningProcess[] = [];
  const place = placeIn(node, processes, { namespace: inside }, (process) => running.push(process));
  await options.first?.(place);
  const addresses = await addPod(node, cni, pod);
  const [address = '', address6 = ''] = addresses;
  const podIPs = addresses.map((ip) => ({ ip }));
  await api.patchMerge(`${path}/status`, { status: { podIP: address, podIPs } });
  return {
    ...place,
    namespace,
    name,
    address,
    address6,
    remove: async () => {
      await Promise.all(running.map((process) => process.stop()));
      await deletePod(node, cni, pod);
      await node.shell([`ip netns delete ${inside}`]);
    },
  };
}
