import { Field } from '../kube-object.js';
import type { KubeObject } from '../kube-object.js';
import type { Labels } from '../selector.js';
import { titleOf } from './write-access-rbac.js';

/** A pod, or what pods are made from. */
export interface Template {
  /** `Deployment ns/name` */
  readonly object: string;
  readonly namespace: string;
  /** Path of the pod's spec: `spec.template.spec`. */
  readonly field: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly serviceAccount: string;
  readonly spec: Field;
}

/** Where each kind that makes pods has the pod. */
const PATHS: Readonly<Record<string, readonly string[]>> = {
  Pod: [],
  PodTemplate: ['template'],
  ...Object.fromEntries(
    ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'ReplicationController', 'Job'].map((kind) => [
      kind,
      ['spec', 'template'],
    ]),
  ),
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
};

/** Every pod and pod template of the namespaces. Throws UnreadableObjectError. */
export const templatesIn = (objects: readonly KubeObject[], namespaces: ReadonlySet<string>): readonly Template[] =>
  objects
    .filter(({ kind, metadata }) => Object.hasOwn(PATHS, kind) && namespaces.has(metadata?.namespace ?? ''))
    .map((object) => {
      const path = PATHS[object.kind]!;
      const pod = path.reduce((field, key) => field.at(key), Field.of(object));
      const metadata = pod.at('metadata');
      return {
        object: titleOf(object),
        namespace: object.metadata?.namespace ?? '',
        field: [...path, 'spec'].join('.'),
        labels: metadata.at('labels').labels(),
        annotations: metadata.at('annotations').labels(),
        serviceAccount: pod.at('spec').at('serviceAccountName').optionalText() ?? 'default',
        spec: pod.at('spec'),
      };
    });

/** Of whatever stage. */
export const containersOf = ({ spec }: Template): readonly (readonly [path: string, container: Field])[] =>
  ['initContainers', 'containers', 'ephemeralContainers'].flatMap((stage) =>
    spec
      .at(stage)
      .items()
      .map((container, i) => [`${stage}[${i}]`, container] as const),
  );
