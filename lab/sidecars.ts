import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LabError } from './errors.js';
import { steadyPorts } from './ports.js';
import { describeEnd, lastLines, startProcesses, type Processes, type RunningProcess } from './processes.js';
import { listenersOf, pathIn, relocate, type Json, type Places } from './rewrite.js';

/** A container of a pod, as far as the lab runs it. */
export interface Container {
  readonly name: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly restartPolicy?: string;
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
}

interface Probe {
  readonly httpGet?: { readonly path?: string; readonly port: number | string };
}

/** A pod's `spec`, as the API server gives it back. */
export interface PodSpec {
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly Volume[];
}

interface Volume {
  readonly name: string;
  readonly configMap?: { readonly name?: string };
  readonly secret?: {
    readonly secretName?: string;
    readonly optional?: boolean;
    readonly items?: readonly { readonly key: string; readonly path: string }[];
  };
  readonly emptyDir?: object;
  readonly csi?: object;
  readonly projected?: object;
}

type Files = Readonly<Record<string, string>>;

export interface SidecarsOptions {
  /** For logs and processes. */
  readonly name: string;
  /** Name of the pod, which container runtimes put into HOSTNAME. @default - not set */
  readonly pod?: string;
  readonly spec: PodSpec;
  /** Data of ConfigMaps and Secrets, by name. */
  readonly configMaps: Readonly<Record<string, Files>>;
  /** @default none */
  readonly secrets?: Readonly<Record<string, Files>>;
  /** Contents of files that the image has, by path. @default none */
  readonly imageFiles?: Files;
  /** What stands in for each container's command: the same program, as it can be had here. */
  readonly programs: Readonly<Record<string, readonly string[]>>;
  /** Added to a container's arguments: where its cluster is, from outside one. @default none */
  readonly extraArgs?: Readonly<Record<string, readonly string[]>>;
  /** Loopback ports of what the pod calls, by `host:port`. */
  readonly endpoints: Readonly<Record<string, number>>;
  /** Another configuration to compare with: what becomes of each file of Envoy's. @default as rendered */
  readonly alter?: (config: Json) => Json;
}

/** The native sidecars of a pod, run on loopback. */
export interface Sidecars {
  /** Loopback port of each listener of its Envoy, by name. */
  readonly ports: Readonly<Record<string, number>>;
  /** Native sidecars, in the order in which they start. */
  readonly containers: readonly Container[];
  /** Folder in place of SPIRE's volume: the Workload API's socket belongs there. */
  readonly workloadApi: string;
  /** The folder in place of a volume. */
  volume(name: string): string;
  pid(container: string): number;
  /** What a container has written so far that is JSON, line by line. */
  lines(container: string): readonly Readonly<Record<string, Json>>[];
  /** Whether every readiness probe is answered with 200, as the kubelet asks. */
  ready(): Promise<boolean>;
  /** Ends one container and starts it again, as the kubelet does when it crashes. */
  restart(container: string): Promise<void>;
  /** Ends all of them and removes their folders. */
  stop(): Promise<void>;
}

/**
 * Runs a pod's sidecars from its rendered objects, one after the other as the kubelet does: the next one starts when the
 * startup probe of the one before is answered. Only addresses, socket paths and file paths differ from the objects.
 *
 * @param beforeStart what must be there first, the Workload API for one
 */
export async function startSidecars(
  options: SidecarsOptions,
  beforeStart: (sidecars: Pick<Sidecars, 'workloadApi'>) => Promise<void> = () => Promise.resolve(),
): Promise<Sidecars> {
  // Sockets stand in it, whose paths may have 107 characters.
  const processes = await startProcesses(mkdtempSync(join(tmpdir(), 'pod-')), { temporary: true });
  try {
    const pod = await Pod.of(options, processes);
    await beforeStart(pod);
    for (const container of pod.containers) await pod.start(container);
    return pod;
  } catch (error) {
    await processes.stop();
    throw error;
  }
}

class Pod implements Sidecars {
  readonly #running = new Map<string, RunningProcess>();

  private constructor(
    private readonly options: SidecarsOptions,
    private readonly processes: Processes,
    readonly ports: Readonly<Record<string, number>>,
    /** The loopback port of each port of the pod. */
    private readonly podPorts: ReadonlyMap<number, number>,
    private readonly paths: (container: Container) => Places['paths'],
  ) {}

  static async of(options: SidecarsOptions, processes: Processes): Promise<Pod> {
    const volumes = options.spec.volumes ?? [];
    const folder = (volume: string): string => join(processes.folder, volume);
    const image = Object.entries(options.imageFiles ?? {}).map(([path, content], index) => {
      const place = join(processes.folder, `image-${index}-${basename(path)}`);
      writeFileSync(place, content);
      return [path, place] as const;
    });
    const paths = (container: Container): Places['paths'] =>
      new Map([
        ...(container.volumeMounts ?? []).map(({ name, mountPath }) => [mountPath, folder(name)] as const),
        ...image,
      ]);
    const files = new Map(volumes.map((volume) => [volume.name, filesOf(volume, options)]));
    const listeners = new Map<string, number>();
    for (const content of [...files.values()].flatMap((each) => Object.values(each))) {
      const parsed = tryJson(content);
      if (parsed !== undefined) for (const [name, port] of listenersOf(parsed)) listeners.set(name, port);
    }
    const free = await steadyPorts(listeners.size);
    const places = new Map([...listeners.keys()].map((name, index) => [name, free[index]!]));
    const podPorts = new Map([...listeners].map(([name, port]) => [port, places.get(name)!]));
    const endpoints = new Map(Object.entries(options.endpoints));
    for (const volume of volumes) {
      mkdirSync(folder(volume.name), { recursive: true, mode: 0o700 });
      const mounting = (options.spec.initContainers ?? []).find(({ volumeMounts = [] }) =>
        volumeMounts.some(({ name }) => name === volume.name),
      );
      for (const [name, content] of Object.entries(files.get(volume.name) ?? {})) {
        const parsed = mounting && tryJson(content);
        const text =
          parsed === undefined
            ? content
            : JSON.stringify(
                withPorts(
                  relocate((options.alter ?? ((each) => each))(parsed), {
                    listeners: places,
                    endpoints,
                    paths: paths(mounting!),
                  }),
                  podPorts,
                ),
              );
        writeFileSync(join(folder(volume.name), name), text, { mode: 0o600 });
      }
    }
    return new Pod(options, processes, Object.fromEntries(places), podPorts, paths);
  }

  /** Native sidecars, in the order in which they start. */
  get containers(): readonly Container[] {
    return (this.options.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  }

  get workloadApi(): string {
    const volume = (this.options.spec.volumes ?? []).find(({ csi }) => csi !== undefined);
    if (volume === undefined) throw new LabError(`${this.options.name} has no volume of SPIRE's`);
    return this.volume(volume.name);
  }

  volume(name: string): string {
    return join(this.processes.folder, name);
  }

  async start(container: Container): Promise<void> {
    const { name } = container;
    const paths = this.paths(container);
    const [command, ...own] = this.options.programs[name] ?? [];
    if (command === undefined) throw new LabError(`there is no program for the container ${name}`);
    const args = [
      ...(container.args ?? []).map((arg) => pathIn(arg, { paths })),
      ...(this.options.extraArgs?.[name] ?? []),
    ];
    const running = await this.processes.start({
      name: this.#logName(name),
      command,
      args: [...own, ...args],
      env: {
        PATH: process.env['PATH'],
        ...(this.options.pod !== undefined && { HOSTNAME: this.options.pod }),
      },
    });
    this.#running.set(name, running);
    await this.#until(`${name} has started`, running, () => this.#answers(container.startupProbe));
  }

  async restart(name: string): Promise<void> {
    await this.#running.get(name)?.stop();
    const container = this.containers.find((each) => each.name === name);
    if (container === undefined) throw new LabError(`there is no container ${name}`);
    await this.start(container);
  }

  pid(container: string): number {
    const running = this.#running.get(container);
    if (running === undefined) throw new LabError(`the container ${container} does not run`);
    return running.pid;
  }

  lines(container: string): readonly Readonly<Record<string, Json>>[] {
    const { log } = this.#running.get(container) ?? {};
    if (log === undefined) return [];
    return readFileSync(log, 'utf8')
      .split('\n')
      .flatMap((line) => {
        const parsed = line.startsWith('{') ? tryJson(line) : undefined;
        return parsed === undefined ? [] : [parsed];
      });
  }

  async ready(): Promise<boolean> {
    const answers = await Promise.all(this.containers.map(({ readinessProbe }) => this.#answers(readinessProbe)));
    return answers.every(Boolean);
  }

  stop(): Promise<void> {
    return this.processes.stop();
  }

  #logName = (container: string): string => `${this.options.name}-${container}`;

  /** A container without that probe counts as started and as ready. */
  async #answers(probe: Probe | undefined): Promise<boolean> {
    if (probe?.httpGet === undefined) return true;
    const { path = '/', port } = probe.httpGet;
    const at = this.podPorts.get(Number(port));
    if (at === undefined) throw new LabError(`the probe of port ${port} reaches no listener of the pod`);
    try {
      const answer = await fetch(`http://127.0.0.1:${at}${path}`, { signal: AbortSignal.timeout(2000) });
      await answer.arrayBuffer();
      return answer.status === 200;
    } catch {
      return false;
    }
  }

  async #until(what: string, running: RunningProcess, condition: () => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + 60_000;
    while (!(await condition())) {
      const end = running.end();
      if (end !== undefined)
        throw new LabError(`${running.name} ${describeEnd(end)} before ${what}:\n${lastLines(running.log)}`);
      if (performance.now() > deadline) throw new LabError(`${what}: not within 60 s:\n${lastLines(running.log)}`);
      await sleep(50);
    }
  }
}

/** What a volume holds; a folder of its own where nothing is given. */
function filesOf({ configMap, secret }: Volume, { configMaps, secrets = {} }: SidecarsOptions): Files {
  if (configMap !== undefined) return given(configMaps, configMap.name, 'ConfigMap');
  if (secret !== undefined) {
    if (secret.optional === true && secrets[secret.secretName ?? ''] === undefined) return {};
    const found = given(secrets, secret.secretName, 'Secret');
    return secret.items === undefined
      ? found
      : Object.fromEntries(secret.items.map(({ key, path }) => [path, found[key] ?? '']));
  }
  return {};
}

function given(objects: Readonly<Record<string, Files>>, name: string | undefined, kind: string): Files {
  const found = objects[name ?? ''];
  if (found === undefined) throw new LabError(`${kind} ${name} is mounted, but was not given`);
  return found;
}

/** The authorizer is told a port of its own pod by number. */
function withPorts(config: Json, ports: ReadonlyMap<number, number>): Json {
  if (typeof config !== 'object' || config === null || Array.isArray(config)) return config;
  const { listenerPort } = config as { listenerPort?: Json };
  const place = typeof listenerPort === 'number' ? ports.get(listenerPort) : undefined;
  return place === undefined ? config : { ...config, listenerPort: place };
}

function tryJson(text: string): Readonly<Record<string, Json>> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as Record<string, Json>;
  } catch {
    return undefined;
  }
}
