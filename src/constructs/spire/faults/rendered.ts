import { isPatch, type KubeObject } from '../../../model/kube-object.js';
import { SPIRE_GROUP } from '../../../model/spire.js';

/** SPIRE's and its controller manager's configuration, as far as it is looked into; anything may be missing. */
interface SpireConfig {
  readonly plugins?: Readonly<Record<string, readonly Readonly<Record<string, { readonly plugin_data?: object }>>[]>>;
}
export interface ServerConfig extends SpireConfig {
  readonly server?: {
    readonly trust_domain?: string;
    readonly socket_path?: string;
    readonly ca_ttl?: string;
    readonly default_x509_svid_ttl?: string;
    readonly disable_jwt_svids?: boolean;
  };
}
export interface AgentConfig extends SpireConfig {
  readonly agent?: {
    readonly trust_domain?: string;
    readonly socket_path?: string;
    readonly trust_bundle_path?: string;
    readonly trust_bundle_format?: string;
    readonly insecure_bootstrap?: boolean;
    readonly rebootstrap_mode?: string;
  };
}
export interface ControllerManagerConfig {
  readonly kind?: string;
  readonly trustDomain?: string;
  readonly ignoreNamespaces?: readonly string[];
  readonly className?: string;
  readonly entryIDPrefix?: string;
  readonly gcInterval?: unknown;
  readonly reconcile?: object;
  readonly spireServerSocketPath?: string;
  readonly validatingWebhookConfigurationName?: string;
}

export interface Volume {
  readonly name: string;
  readonly configMap?: { readonly name?: string };
  readonly hostPath?: { readonly path?: string };
  readonly projected?: {
    readonly sources?: readonly {
      readonly serviceAccountToken?: { readonly path?: string; readonly audience?: string };
    }[];
  };
}

interface Container {
  readonly image?: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string }[];
  readonly ports?: readonly { readonly name?: string }[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}

export interface Pod {
  readonly object: KubeObject;
  readonly replicas: number;
  readonly spec: {
    readonly serviceAccountName?: string;
    readonly hostPID?: boolean;
    readonly hostNetwork?: boolean;
    readonly initContainers?: readonly Container[];
    readonly containers: readonly Container[];
    readonly volumes?: readonly Volume[];
  };
}

/** `spec` of a registration: fields of ClusterSPIFFEID and ClusterStaticEntry. */
export interface Registration {
  readonly kind: string;
  readonly name: string;
  readonly className?: string;
  readonly spiffeIDTemplate?: string;
  readonly spiffeID?: string;
  readonly parentID?: string;
  readonly selectors?: readonly string[];
  readonly workloadSelectorTemplates?: readonly string[];
  readonly namespaceSelector?: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly podSelector?: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly ttl?: string;
  readonly x509SVIDTTL?: string;
  readonly jwtTtl?: string;
  readonly jwtSVIDTTL?: string;
  readonly admin?: boolean;
  readonly downstream?: boolean;
}

/** What of a rendered stack is SPIRE's, found by what it is and not by its name. */
export interface Rendered {
  readonly objects: readonly KubeObject[];
  readonly server?: ServerConfig;
  readonly agent?: AgentConfig;
  readonly controllerManager?: ControllerManagerConfig;
  readonly serverPod?: Pod;
  readonly agentPod?: Pod;
  readonly driverPod?: Pod;
  readonly registrations: readonly Registration[];
}

export const SERVER_IMAGE = /\/spire-server[:@]/;
export const AGENT_IMAGE = /\/spire-agent[:@]/;
export const DRIVER_IMAGE = /\/spiffe-csi-driver[:@]/;

/** Reads configuration out of ConfigMaps, and pods out of workloads. */
export function readRendered(objects: readonly KubeObject[]): Rendered {
  const files = objects
    .filter(({ kind }) => kind === 'ConfigMap')
    .flatMap((map) => Object.values((map['data'] ?? {}) as Readonly<Record<string, string>>))
    .flatMap((text) => tryJson(text) ?? []);
  const file = <T>(key: keyof T): T | undefined => files.find((each) => key in each) as T | undefined;
  const pods = objects.filter((object) => WORKLOADS.has(object.kind) && !isPatch(object)).map(podOf);
  const running = (image: RegExp): Pod | undefined => pods.find((pod) => containerOf(pod, image) !== undefined);
  const found = {
    server: file<ServerConfig>('server'),
    agent: file<AgentConfig>('agent'),
    controllerManager: file<ControllerManagerConfig>('spireServerSocketPath'),
    serverPod: running(SERVER_IMAGE),
    agentPod: running(AGENT_IMAGE),
    driverPod: running(DRIVER_IMAGE),
  };
  return {
    objects,
    registrations: objects
      .filter(({ apiVersion }) => apiVersion.startsWith(`${SPIRE_GROUP}/`))
      .map(({ kind, metadata, spec }) => ({ kind, name: metadata.name, ...(spec as object) })),
    ...(Object.fromEntries(Object.entries(found).filter(([, part]) => part !== undefined)) as Partial<Rendered>),
  };
}

const WORKLOADS = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

function podOf(object: KubeObject): Pod {
  const { replicas = 1, template } = object['spec'] as { replicas?: number; template: { spec: Pod['spec'] } };
  return { object, replicas, spec: template.spec };
}

function tryJson(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

export const containerOf = (pod: Pod | undefined, image: RegExp): Container | undefined =>
  pod?.spec.containers.find((container) => image.test(container.image ?? ''));

/** `plugin_data` of a plugin; undefined where it is not configured. */
export const tryPlugin = <Data extends object>(
  config: SpireConfig | undefined,
  type: string,
  name: string,
): Data | undefined => config?.plugins?.[type]?.find((block) => name in block)?.[name]?.plugin_data as Data | undefined;

/** A cluster of a plugin that knows several: the one of that name, or the first. */
export function tryCluster<Cluster extends object>(
  data: { readonly clusters?: readonly Readonly<Record<string, Cluster>>[] } | undefined,
  name?: string,
): Cluster | undefined {
  const clusters = (data?.clusters ?? []).flatMap((each) => Object.entries(each));
  return clusters.find(([key]) => name === undefined || key === name)?.[1];
}

/** The volume that holds a file, for the container that mounts its directory. */
export function volumeOf(pod: Pod | undefined, file: string): Volume | undefined {
  const dir = file.slice(0, file.lastIndexOf('/'));
  const mount = pod?.spec.containers
    .flatMap(({ volumeMounts = [] }) => volumeMounts)
    .find(({ mountPath }) => mountPath === dir);
  return pod?.spec.volumes?.find(({ name }) => name === mount?.name);
}

export const show = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));
