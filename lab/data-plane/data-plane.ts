import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { apiClientOf, type ApiClient } from '../api.js';
import { startLab, type Lab } from '../cluster.js';
import { LabError } from '../errors.js';
import type { Crd } from '../manifests.js';
import { obtainAll, type Progress } from '../obtain.js';
import { startProcesses } from '../processes.js';
import type { LabUser } from '../users.js';
import { addresses } from './addresses.js';
import { agentArguments, agentEnvironment, agentLibrary, agentSocket, rememberCompiled, untilReady } from './agent.js';
import type { CniFiles } from './cni.js';
import { runContainers, type PodContainers, type RunOptions } from './containers.js';
import { newFolder } from './left.js';
import { NODE, nodeObject, otherCiliumNode, otherNodeObject } from './nodes.js';
import { startNode, whyNoDataPlane } from './node.js';
import { placeIn, type Place } from './place.js';
import { attachPod, type AttachOptions, type LabPod } from './pod.js';
import { atOnce } from './at-once.js';
import { bringIn, bringOut } from './relays.js';
import { ciliumSources } from './sources.js';
import { stagesWithoutAddresses } from './stages.js';
import { wire, WORLD } from './wiring.js';

export type { PodContainers, RunOptions } from './containers.js';
export type { LabPod } from './pod.js';

export interface DataPlaneOptions {
  /** Users of its API server. @default none */
  readonly users?: readonly LabUser[];
  /** Rules by DNS name. @default false */
  readonly dnsProxy?: boolean;
  /** @default nothing is shown */
  readonly onProgress?: Progress;
}

/** A lab whose one node has a real data plane. */
export interface DataPlane {
  readonly lab: Lab;
  /** Folder for files of its processes, which goes when it is stopped. */
  readonly dir: string;
  readonly node: Place;
  /** Everything that is neither the node nor a pod. */
  readonly world: Place;
  /** Gives a pod that exists in the API its network namespace, link and addresses. */
  attach(namespace: string, name: string, options?: AttachOptions): Promise<LabPod>;
  /** Runs its containers from what the API server gives back, as the kubelet does. */
  run(pod: LabPod, options: RunOptions): Promise<PodContainers>;
  /** Makes a loopback port of this machine answer in a place, at those `address:port`. */
  bringIn(port: number, place: Place, hostPorts: readonly string[]): Promise<void>;
  /** Makes an `address:port` of a place answer at a loopback port of this machine. */
  bringOut(place: Place, hostPort: string, port: number): Promise<void>;
  stop(): Promise<void>;
}

/** What it takes beside a lab's own. */
export const DATA_PLANE_SERVERS = ['cilium-cni', 'cilium-agent', 'cilium-tools'] as const;

const startMilliseconds = 120_000;

/**
 * Starts a lab with Cilium's agent on its one node. Nothing of it is seen from outside, and everything ends with this
 * process. Rejects with a `LabError` where there is no Linux, no root, or no BPF.
 */
export async function startDataPlane(options: DataPlaneOptions = {}): Promise<DataPlane> {
  const problem = whyNoDataPlane();
  if (problem !== undefined) throw new LabError(`there is no data plane here: ${problem}`);
  const progress = options.onProgress === undefined ? {} : { onProgress: options.onProgress };
  const servers = await obtainAll(DATA_PLANE_SERVERS, progress);
  const { bpf, crds } = await ciliumSources();
  const processes = await startProcesses(newFolder(), { temporary: true });
  const { folder } = processes;
  let lab: Lab | undefined;
  try {
    lab = await startLab({
      typeChecking: false,
      nodes: 0,
      stages: stagesWithoutAddresses(join(folder, 'stages.yaml')),
      ...progress,
      ...(options.users === undefined ? {} : { users: options.users }),
    });
    const started = performance.now();
    const api = apiClientOf(lab.kubeconfig);
    await Promise.all(crds.map((crd) => define(api, crd)));
    await create(api, '/api/v1/nodes', nodeObject);
    const node = await startNode(processes);
    const apiPort = new URL(lab.server).port;
    await wire(node);
    const at = (where: Place['where']) => placeIn(node, processes, where);
    // For the node where it has its certificate for, and for pods at the addresses that they may try.
    await bringIn(processes, Number(apiPort), [
      [at('node'), [`127.0.0.1:${apiPort}`]],
      [at(WORLD), [`${addresses.apiServer}:${apiPort}`, `${addresses.apiServer}:${addresses.apiServerPort}`]],
    ]);
    cpSync(bpf, join(agentLibrary(folder), 'bpf'), { recursive: true });
    const files = {
      folder,
      kubeconfig: lab.kubeconfig,
      tools: servers['cilium-tools'].path,
      node: NODE,
      dnsProxy: options.dnsProxy ?? false,
    };
    rememberCompiled(files);
    const agent = await at('node').start({
      name: 'cilium-agent',
      command: servers['cilium-agent'].path,
      args: agentArguments(files),
      env: agentEnvironment(files),
    });
    await create(api, '/apis/cilium.io/v2/ciliumnodes', otherCiliumNode);
    await untilReady(agent, folder, startMilliseconds);
    await create(api, '/api/v1/nodes', otherNodeObject);
    options.onProgress?.(`data plane ready in ${((performance.now() - started) / 1000).toFixed(1)} s`);
    const running = lab;
    const cni: CniFiles = { plugin: servers['cilium-cni'].path, socket: agentSocket(folder) };
    const network = { api, node, processes, cni };
    // Each compiles programs, and fails where all compile at once.
    const two = atOnce(2);
    return {
      lab,
      dir: folder,
      node: at('node'),
      world: at(WORLD),
      attach: (namespace, name, more) => two(() => attachPod(network, namespace, name, more)),
      run: (pod, more) => runContainers(network, pod, more),
      bringIn: (port, place, hostPorts) => bringIn(processes, port, [[place, hostPorts]]),
      bringOut: (place, hostPort, port) => bringOut(processes, place, hostPort, port),
      stop: async () => {
        api.close();
        await processes.stop();
        await running.stop();
      },
    };
  } catch (error) {
    await processes.stop();
    await lab?.stop();
    throw error;
  }
}

const define = (api: ApiClient, crd: Crd): Promise<void> =>
  create(api, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', crd);

async function create(api: ApiClient, path: string, object: object): Promise<void> {
  const { status, body } = await api.post(path, object);
  if (status !== 201 && status !== 409) throw new LabError(`${path} refuses an object: ${JSON.stringify(body)}`);
}
