/** A pod as the API server gives it back, as far as its containers are run from it. */
export interface PodObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly serviceAccountName?: string;
    readonly dnsConfig?: { readonly nameservers?: readonly string[] };
    readonly dnsPolicy?: string;
    readonly initContainers?: readonly ContainerSpec[];
    readonly containers: readonly ContainerSpec[];
    readonly volumes?: readonly VolumeSpec[];
  };
}

export interface ContainerSpec {
  readonly name: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly EnvSpec[];
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
  readonly restartPolicy?: string;
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
  readonly startupProbe?: { readonly httpGet?: HttpGet };
  readonly readinessProbe?: { readonly httpGet?: HttpGet };
}

export interface HttpGet {
  readonly path?: string;
  readonly port: number | string;
  readonly scheme?: string;
}

export interface EnvSpec {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly secretKeyRef?: { readonly name: string; readonly key: string };
    readonly configMapKeyRef?: { readonly name: string; readonly key: string };
    readonly fieldRef?: { readonly fieldPath: string };
  };
}

interface Item {
  readonly key: string;
  readonly path: string;
}

/** A source of a projected volume. */
export interface SourceSpec {
  readonly serviceAccountToken?: { readonly path: string; readonly audience?: string };
  readonly configMap?: { readonly name: string; readonly items?: readonly Item[] };
  readonly downwardAPI?: {
    readonly items?: readonly { readonly path: string; readonly fieldRef?: { readonly fieldPath: string } }[];
  };
}

export interface VolumeSpec {
  readonly name: string;
  readonly configMap?: { readonly name: string; readonly items?: readonly Item[] };
  readonly secret?: { readonly secretName: string; readonly optional?: boolean; readonly items?: readonly Item[] };
  readonly emptyDir?: object;
  readonly csi?: { readonly driver: string };
  readonly projected?: { readonly sources?: readonly SourceSpec[] };
}
