import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from '../errors.js';
import { describeEnd, lastLines, type RunningProcess } from '../processes.js';
import { standaloneScript } from '../standalone.js';
import { addresses } from './addresses.js';
import type { ContainerSpec, HttpGet, PodObject } from './pod-objects.js';
import type { LabPod, PodNetwork } from './pod.js';
import { PodFiles } from './volumes.js';

export interface RunOptions {
  /** What stands in for each container's command: the same program, as it can be had here. A container without one is not run. */
  readonly programs: Readonly<Record<string, readonly string[]>>;
  /** Contents of files that the images have, by path; the path is there on this machine. @default none */
  readonly imageFiles?: Readonly<Record<string, string>>;
  /** Done before the first container starts. @param volume the folder of a volume, by its name */
  readonly beforeStart?: (volume: (name: string) => string) => Promise<void>;
  /** How long an init container may take in all, milliseconds. @default 90000 */
  readonly patience?: number;
}

/** The containers of a pod that run. */
export interface PodContainers {
  /** What a container has written so far. */
  output(container: string): string;
  /** Those lines of it that are JSON. */
  lines(container: string): readonly Readonly<Record<string, unknown>>[];
  /** Resolves when its readiness probe is answered. */
  ready(container: string): Promise<void>;
}

/** Not the Service's, as the kubelet would have it: its endpoint is a port of the lab that no policy can know. */
const API_SERVICE = {
  KUBERNETES_SERVICE_HOST: addresses.apiServer,
  KUBERNETES_SERVICE_PORT: String(addresses.apiServerPort),
};
const CLUSTER_DNS = '10.96.0.10';
const PROBE_MILLISECONDS = 60_000;

/**
 * Runs the containers of a pod that has its network, as the kubelet does and from what the API server gives back: volumes
 * at their mount paths, variables, its resolver, init containers one after the other (a native sidecar has started when
 * its startup probe is answered, any other when it has ended well), then the others. Nothing of the pod is rewritten but
 * what a container's program is.
 */
export async function runContainers(network: PodNetwork, pod: LabPod, options: RunOptions): Promise<PodContainers> {
  const path = `/api/v1/namespaces/${pod.namespace}/pods/${pod.name}`;
  const { status, body } = await network.api.get(path);
  if (status !== 200) throw new LabError(`there is no pod ${pod.namespace}/${pod.name}`);
  const running = new Containers(network, pod, body as PodObject, options);
  await running.run();
  return running;
}

let started = 0;

class Containers implements PodContainers {
  readonly #files: PodFiles;
  readonly #folder: string;
  readonly #logs = new Map<string, string>();

  // No parameter properties: the lab also runs uncompiled, with its types stripped.
  private readonly network: PodNetwork;
  private readonly pod: LabPod;
  private readonly object: PodObject;
  private readonly options: RunOptions;

  constructor(network: PodNetwork, pod: LabPod, object: PodObject, options: RunOptions) {
    this.network = network;
    this.pod = pod;
    this.object = object;
    this.options = options;
    this.#files = new PodFiles(network.api, object);
    this.#folder = join(network.processes.folder, 'volumes', object.metadata.uid);
  }

  async run(): Promise<void> {
    mkdirSync(this.#folder, { recursive: true });
    await this.#files.mount(this.#folder);
    await this.options.beforeStart?.((name) => join(this.#folder, name));
    const { initContainers = [], containers } = this.object.spec;
    const deadline = performance.now() + (this.options.patience ?? 90_000);
    for (const container of this.#runnable(initContainers)) {
      const process = await this.#start(container);
      if (container.restartPolicy === 'Always') await this.#until(container, container.startupProbe?.httpGet, process);
      else await this.#ended(container, process, deadline);
    }
    for (const container of this.#runnable(containers)) {
      await this.#until(container, container.startupProbe?.httpGet, await this.#start(container));
    }
  }

  output(container: string): string {
    const log = this.#logs.get(container);
    return log === undefined ? '' : readFileSync(log, 'utf8');
  }

  lines(container: string): readonly Readonly<Record<string, unknown>>[] {
    return this.output(container)
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  async ready(name: string): Promise<void> {
    const { initContainers = [], containers } = this.object.spec;
    const container = [...initContainers, ...containers].find((each) => each.name === name);
    if (container === undefined) throw new LabError(`${this.pod.name} has no container ${name}`);
    await this.#until(container, container.readinessProbe?.httpGet);
  }

  #runnable(containers: readonly ContainerSpec[]): readonly ContainerSpec[] {
    return containers.filter(({ name }) => this.options.programs[name] !== undefined);
  }

  async #start(container: ContainerSpec): Promise<RunningProcess> {
    const { name, args = [], env = [] } = container;
    const own = {
      ...API_SERVICE,
      ...(await this.#files.env(env)),
      HOSTNAME: this.pod.name,
      PATH: process.env['PATH'],
    };
    const lines = [...this.#mounts(container), `hostname ${this.pod.name}`, 'exec "$@"'];
    const running = await this.pod.start({
      name: `${this.pod.name}-${name}-${(started += 1)}`,
      // A name of its own, as a pod has; mounts are its own already.
      command: 'unshare',
      args: ['--uts', 'sh', '-euc', lines.join('\n'), name, ...this.options.programs[name]!, ...args],
      env: own,
    });
    this.#logs.set(name, running.log);
    return running;
  }

  /** Volumes, the files of its image, and the resolver that the pod names; a parent before what stands in it. */
  #mounts({ volumeMounts = [] }: ContainerSpec): readonly string[] {
    const { dnsConfig, dnsPolicy } = this.object.spec;
    const nameservers = dnsPolicy === 'None' ? (dnsConfig?.nameservers ?? []) : [CLUSTER_DNS];
    const files = {
      ...this.options.imageFiles,
      '/etc/resolv.conf': nameservers.map((each) => `nameserver ${each}\n`).join(''),
    };
    const images = Object.entries(files).map(([place, content], index) => {
      const file = join(this.#folder, `file-${index}`);
      writeFileSync(file, content);
      return `mount --bind ${file} ${place}`;
    });
    // The folder that all of them come from may stand in one of the places.
    const last = (place: string): number => (this.#folder.startsWith(`${place}/`) ? 1 : 0);
    const volumes = volumeMounts
      .toSorted((a, b) => last(a.mountPath) - last(b.mountPath) || a.mountPath.length - b.mountPath.length)
      .flatMap(({ name, mountPath }) => [
        `mkdir -p ${mountPath}`,
        `mount --bind ${join(this.#folder, name)} ${mountPath}`,
      ]);
    return [...images, ...volumes];
  }

  /** Starts it anew until it ends well, as the kubelet does. */
  async #ended(container: ContainerSpec, first: RunningProcess, deadline: number): Promise<void> {
    for (let process = first; ; process = await this.#start(container)) {
      const keepAlive = setInterval(() => undefined, 60_000);
      const end = await process.ended.finally(() => clearInterval(keepAlive));
      if (end.code === 0) return;
      if (end.signal !== null || performance.now() > deadline) {
        throw new LabError(`${process.name} ${describeEnd(end)}:\n${lastLines(process.log)}`);
      }
    }
  }

  /** From the node, as the kubelet asks; a container without that probe counts as started. */
  async #until(
    { name, ports = [] }: ContainerSpec,
    probe: HttpGet | undefined,
    running?: RunningProcess,
  ): Promise<void> {
    if (probe === undefined) return;
    const { path = '/', port, scheme = 'HTTP' } = probe;
    const number = typeof port === 'number' ? port : ports.find((each) => each.name === port)?.containerPort;
    const url = `${scheme.toLowerCase()}://${this.pod.address}:${number}${path}`;
    const asking = this.network.node.run(
      'node',
      process.execPath,
      [standaloneScript('answers', import.meta.url), url, String(PROBE_MILLISECONDS)],
      { timeoutMilliseconds: PROBE_MILLISECONDS + 10_000 },
    );
    const gone = running?.ended.then((end) => {
      throw new LabError(`${running.name} ${describeEnd(end)}`);
    });
    gone?.catch(() => undefined);
    try {
      await Promise.race([asking, ...(gone === undefined ? [] : [gone])]);
    } catch (error) {
      asking.catch(() => undefined);
      throw new LabError(
        `${name} of ${this.pod.name} does not answer ${url}: ${String(error)}\n${this.output(name).slice(-2000)}`,
      );
    }
  }
}
