import { Field } from '../kube-object.js';
import type { KubeObject } from '../kube-object.js';
import { readSelector, selects } from '../selector.js';
import type { Because } from './claim.js';

/** Who: as RBAC names them. A service account is `system:serviceaccount:<namespace>:<name>` of kind User. */
export interface Subject {
  readonly kind: 'User' | 'Group';
  readonly name: string;
}

export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  /** Empty: every name. */
  readonly resourceNames: readonly string[];
}

/** One rule given to one subject by one binding. */
export interface Grant {
  readonly subject: Subject;
  readonly rule: PolicyRule;
  /** Absent: in the whole cluster. */
  readonly namespace?: string;
  readonly binding: Because;
  readonly role: Because;
  /** The role is not among the objects: the rule stands for everything that it may give. */
  readonly assumed: boolean;
}

const EVERYTHING: PolicyRule = { verbs: ['*'], apiGroups: ['*'], resources: ['*'], resourceNames: [] };

/** Rules of a role with where they stand in it; undefined where the role is not among the objects. */
type Rules = readonly { readonly rule: PolicyRule; readonly from: Because }[] | undefined;

/**
 * Every right that the bindings among the objects give. `cluster-admin` is everything, as each cluster has it; another
 * role that is not among the objects is taken for everything as well, and marked so. An aggregated ClusterRole has its
 * own rules and those of every ClusterRole that it selects: in a cluster its controller has written them there already.
 * Throws UnreadableObjectError.
 */
export function grantsOf(objects: readonly KubeObject[]): readonly Grant[] {
  const roles = Map.groupBy(
    objects.filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole'),
    ({ kind, metadata }) => roleKey(kind, metadata?.namespace, metadata?.name ?? ''),
  );
  const clusterRoles = objects.filter(({ kind }) => kind === 'ClusterRole');
  return objects
    .filter(({ kind }) => kind === 'RoleBinding' || kind === 'ClusterRoleBinding')
    .flatMap((object) => {
      const binding = Field.of(object);
      const namespace = object.kind === 'RoleBinding' ? binding.at('metadata').at('namespace').text() : undefined;
      const kind = binding.at('roleRef').at('kind').oneOf('Role', 'ClusterRole');
      const name = binding.at('roleRef').at('name').text();
      const known = roles.get(roleKey(kind, namespace, name))?.flatMap((role) => rulesOf(role, clusterRoles));
      const title = kind === 'Role' ? `Role ${namespace}/${name}` : `ClusterRole ${name}`;
      const rules = known ?? [{ rule: EVERYTHING, from: { object: title, field: 'rules' } }];
      const assumed = known === undefined && !(kind === 'ClusterRole' && name === 'cluster-admin');
      return binding
        .at('subjects')
        .items()
        .flatMap((field, i) => {
          const subject = readSubject(field, namespace);
          const because = { object: titleOf(object), field: `subjects[${i}]` };
          return rules.map(({ rule, from }) => ({
            subject,
            rule,
            ...(namespace !== undefined && { namespace }),
            binding: because,
            role: from,
            assumed,
          }));
        });
    });
}

const roleKey = (kind: string, namespace: string | undefined, name: string): string =>
  kind === 'Role' ? `${namespace}/${name}` : name;

export const titleOf = ({ kind, metadata }: KubeObject): string =>
  `${kind} ${metadata?.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata?.name}`;

/** @param seen roles whose rules are being gathered, since roles may select each other */
function rulesOf(
  role: KubeObject,
  clusterRoles: readonly KubeObject[],
  seen: ReadonlySet<KubeObject> = new Set(),
): NonNullable<Rules> {
  const field = Field.of(role);
  const own = field
    .at('rules')
    .items()
    .map((rule, i) => ({ rule: readRule(rule), from: { object: titleOf(role), field: `rules[${i}]` } }));
  const path = new Set([...seen, role]);
  const aggregated = field
    .at('aggregationRule')
    .at('clusterRoleSelectors')
    .items()
    .map(readSelector)
    .flatMap((selector) =>
      clusterRoles.filter((other) => selects(selector, Field.of(other).at('metadata').at('labels').labels())),
    )
    .filter((other) => !path.has(other));
  return [...own, ...aggregated.flatMap((other) => rulesOf(other, clusterRoles, path))];
}

function readRule(field: Field): PolicyRule {
  const texts = (key: string): readonly string[] =>
    field
      .at(key)
      .items()
      .map((each) => each.text());
  return {
    verbs: texts('verbs'),
    apiGroups: texts('apiGroups'),
    resources: texts('resources'),
    resourceNames: texts('resourceNames'),
  };
}

function readSubject(field: Field, namespace: string | undefined): Subject {
  const kind = field.at('kind').oneOf('User', 'Group', 'ServiceAccount');
  const name = field.at('name').text();
  if (kind !== 'ServiceAccount') return { kind, name };
  const own = field.at('namespace').optionalText() ?? namespace ?? field.at('namespace').text();
  return { kind: 'User', name: `system:serviceaccount:${own}:${name}` };
}
