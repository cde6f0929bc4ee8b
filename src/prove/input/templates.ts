import { Field } from '../kube-object.js';
import type { KubeObject, Path } from '../kube-object.js';
import { describe } from '../not-evaluated.js';
import type { NotEvaluated } from '../not-evaluated.js';
import { controllerOf, workloads } from '../workload.js';

/** A pod that a workload's template describes, and where in the workload that is. */
export interface TemplatePod {
  readonly pod: KubeObject;
  readonly workload: KubeObject;
  /** A path within the pod as one within the workload. */
  readonly path: (path: Path) => Path;
}

/** Where kinds keep the template of their pods. */
const TEMPLATES: Readonly<Record<string, Path>> = {
  'apps Deployment': ['spec', 'template'],
  'apps StatefulSet': ['spec', 'template'],
  'apps DaemonSet': ['spec', 'template'],
  'apps ReplicaSet': ['spec', 'template'],
  ' ReplicationController': ['spec', 'template'],
  'batch Job': ['spec', 'template'],
  'batch CronJob': ['spec', 'jobTemplate', 'spec', 'template'],
};

/**
 * One pod for each workload that has none: manifests hold templates, not pods, and a workload that is scaled to 0 can be
 * scaled up. Labels that controllers add to their pods are not known here, but for a Job's name. A workload that another
 * one controls is left to it; a Job that has ended makes no more pods.
 *
 * @throws UnreadableObjectError for a workload without a template
 */
export function templatePods(objects: readonly KubeObject[]): TemplatePod[] {
  const workloadOf = workloads(objects);
  const populated = new Set(objects.filter(isLivePod).map((pod) => workloadOf(pod)));
  const known = new Set(objects.map((object) => key(object.kind, object)));
  return objects.flatMap((workload) => {
    const template = templateOf(workload);
    const owner = controllerOf(workload);
    if (template === undefined || (owner && known.has(key(owner.kind, workload, owner.name)))) return [];
    const { name = '', namespace = 'default' } = workload.metadata ?? {};
    if (populated.has(workloadOf(workload)) || hasEnded(workload)) return [];
    return [{ workload, pod: podOf(workload, template, { name, namespace }), path: (path) => [...template, ...path] }];
  });
}

/** Objects of other kinds that have a template of pods: which pods they make is not known here. */
export function unreadTemplates(objects: readonly KubeObject[]): NotEvaluated[] {
  return objects
    .filter((object) => templateOf(object) === undefined && hasTemplate(object))
    .map((object) => describe(object, `its pods are not known: ${object.apiVersion} is not read`));
}

/** Whether objects of this kind make pods from a template that is read. */
export const isTemplateKind = (apiVersion: string, kind: string): boolean =>
  templateOf({ apiVersion, kind }) !== undefined;

const templateOf = ({ apiVersion, kind }: KubeObject): Path | undefined =>
  TEMPLATES[`${apiVersion.split('/').slice(0, -1).join('/')} ${kind}`];

const key = (kind: string, { metadata }: KubeObject, name = metadata?.name): string =>
  JSON.stringify([kind, metadata?.namespace ?? 'default', name]);

function podOf(workload: KubeObject, template: Path, id: { name: string; namespace: string }): KubeObject {
  let field = Field.of(workload);
  for (const step of template) field = field.at(String(step));
  if (field.absent) field.fail('expected a template of pods');
  const texts = (name: string): object => Object.fromEntries(field.at('metadata').at(name).labels());
  const job = workload.kind === 'Job' ? { 'batch.kubernetes.io/job-name': id.name, 'job-name': id.name } : {};
  const owner = { apiVersion: workload.apiVersion, kind: workload.kind, name: id.name, controller: true };
  const metadata = {
    // No pod can have this name, so it is no other pod's.
    name: `${id.name}[${workload.kind}]`,
    namespace: id.namespace,
    labels: { ...texts('labels'), ...job },
    annotations: texts('annotations'),
    ownerReferences: [owner],
  };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: field.at('spec').value } as KubeObject;
}

const isLivePod = (object: KubeObject): boolean =>
  object.apiVersion === 'v1' && object.kind === 'Pod' && !ENDED.has((object as Status).status?.phase ?? '');

const ENDED = new Set(['Succeeded', 'Failed']);

interface Status {
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly { readonly type?: string; readonly status?: string }[];
  };
}

const hasEnded = (workload: KubeObject): boolean =>
  workload.kind === 'Job' &&
  ((workload as Status).status?.conditions ?? []).some(
    ({ type = '', status }) => ['Complete', 'Failed'].includes(type) && status === 'True',
  );

function hasTemplate(object: KubeObject): boolean {
  const { spec } = object as { spec?: { template?: { spec?: { containers?: unknown } } } };
  return Array.isArray(spec?.template?.spec?.containers);
}
