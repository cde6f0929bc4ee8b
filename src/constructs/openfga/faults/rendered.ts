import { isPatch, type KubeObject } from '../../../model/kube-object.js';

export interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef?: { readonly name: string; readonly key: string } };
}

export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly args?: readonly string[];
  readonly env?: readonly EnvVar[];
  readonly ports?: readonly { readonly name?: string }[];
  readonly securityContext?: { readonly readOnlyRootFilesystem?: boolean };
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
}

export interface Workload {
  readonly object: KubeObject;
  readonly replicas: number;
  readonly strategy?: { readonly type?: string; readonly rollingUpdate?: { readonly maxUnavailable?: unknown } };
  readonly spec: {
    readonly serviceAccountName?: string;
    readonly automountServiceAccountToken?: boolean;
    readonly terminationGracePeriodSeconds?: number;
    readonly initContainers?: readonly Container[];
    readonly containers: readonly Container[];
  };
}

/** Something that runs OpenFGA, by what it is and not by its name. */
export interface Running {
  readonly workload: Workload;
  readonly container: Container;
}

/** What of a rendered stack is OpenFGA's. */
export interface Rendered {
  readonly objects: readonly KubeObject[];
  readonly servers: readonly Running[];
  readonly migrations: readonly Running[];
  /** Migrations that start with every server. */
  readonly migrationsBefore: readonly Running[];
}

const IMAGE = /(^|\/)openfga([:@]|$)/;
const WORKLOADS = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Job']);

export function readRendered(objects: readonly KubeObject[]): Rendered {
  const workloads = objects.filter((object) => WORKLOADS.has(object.kind) && !isPatch(object)).map(workloadOf);
  const running = (of: (workload: Workload) => readonly Container[], command: string): readonly Running[] =>
    workloads.flatMap((workload) =>
      of(workload)
        .filter(({ image, args }) => IMAGE.test(image ?? '') && args?.[0] === command)
        .map((container) => ({ workload, container })),
    );
  return {
    objects,
    servers: running(({ spec }) => spec.containers, 'run'),
    migrations: running(({ spec }) => spec.containers, 'migrate'),
    migrationsBefore: running(({ spec }) => spec.initContainers ?? [], 'migrate'),
  };
}

function workloadOf(object: KubeObject): Workload {
  const {
    replicas = 1,
    strategy,
    template,
  } = object['spec'] as {
    replicas?: number;
    strategy?: Workload['strategy'];
    template: { spec: Workload['spec'] };
  };
  return { object, replicas, ...(strategy && { strategy }), spec: template.spec };
}

const variable = ({ env = [] }: Container, name: string): EnvVar | undefined => env.find((each) => each.name === name);

/** A setting's value; undefined where OpenFGA takes its default, or a Secret's value. */
export const setting = (container: Container, name: string): string | undefined =>
  variable(container, `OPENFGA_${name}`)?.value;

/** Whether a setting comes from a Secret. */
export const isSecret = (container: Container, name: string): boolean =>
  variable(container, `OPENFGA_${name}`)?.valueFrom?.secretKeyRef !== undefined;

/** Name of the Secret that a setting comes from. */
export const secretOf = (container: Container, name: string): string | undefined =>
  variable(container, `OPENFGA_${name}`)?.valueFrom?.secretKeyRef?.name;

/** Whether a file's directory, or one above it, is mounted. */
export const isMounted = ({ volumeMounts = [] }: Container, file: string): boolean =>
  volumeMounts.some(({ mountPath }) => file === mountPath || file.startsWith(`${mountPath}/`));

export type Faults = readonly (string | false | undefined)[];
export const show = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));
