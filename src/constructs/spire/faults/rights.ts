import type { KubeObject } from '../../../model/kube-object.js';
import type { Pod } from './rendered.js';

export interface Right {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly name?: string;
  /** @default - everywhere */
  readonly namespace?: string;
}

interface Rule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** Whether a rendered role gives the pod's account a right. */
export function may(objects: readonly KubeObject[], pod: Pod | undefined, right: Right): boolean {
  const isOurs = (subject: { name: string; namespace?: string }): boolean =>
    subject.name === pod?.spec.serviceAccountName && subject.namespace === pod.object.metadata.namespace;
  return objects
    .filter(
      ({ kind, metadata }) =>
        kind === 'ClusterRoleBinding' || (kind === 'RoleBinding' && metadata.namespace === right.namespace),
    )
    .filter((binding) => (binding['subjects'] as { name: string; namespace?: string }[]).some(isOurs))
    .flatMap((binding) => rulesOf(objects, binding))
    .some((rule) => allows(rule, right));
}

function rulesOf(objects: readonly KubeObject[], binding: KubeObject): readonly Rule[] {
  const ref = binding['roleRef'] as { kind: string; name: string };
  return objects
    .filter(({ kind, metadata }) => kind === ref.kind && metadata.name === ref.name)
    .filter(({ kind, metadata }) => kind === 'ClusterRole' || metadata.namespace === binding.metadata.namespace)
    .flatMap((role) => role['rules'] as Rule[]);
}

const allows = (
  { verbs, apiGroups, resources, resourceNames }: Rule,
  { verb, group, resource, name }: Right,
): boolean =>
  verbs.includes(verb) &&
  apiGroups.includes(group) &&
  resources.includes(resource) &&
  (resourceNames === undefined || resourceNames.includes(name ?? ''));
