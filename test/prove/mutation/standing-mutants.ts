import type { KubeObject } from '../../../src/model/kube-object.js';
import type { Path } from '../claims/stack.js';
import { at, deleted, edits, entries, values, type Mutant } from './mutant.js';
import { selectorMutants } from './selector-mutants.js';

/** Every namespace deleted, and each of its labels removed or, where it is of Pod Security, loosened. */
export function namespaceMutants(of: KubeObject): readonly Mutant[] {
  const edit = edits(of);
  const loose = 'pod-security.kubernetes.io/enforce';
  return [
    deleted('namespace deleted', of),
    ...values(of, ['metadata', 'labels']).map((each) => edit('namespace: label removed', each)),
    ...(at(of, ['metadata', 'labels', loose]) === 'privileged'
      ? []
      : [edit('namespace: Pod Security privileged', ['metadata', 'labels', loose], 'privileged')]),
  ];
}

/** Every registration deleted, and made for other pods, another container, another identity or more authority. */
export function registrationMutants(of: KubeObject): readonly Mutant[] {
  const edit = edits(of);
  const lists: readonly Path[] = ['workloadSelectorTemplates', 'selectors'].flatMap((key) =>
    entries(of, ['spec', key]),
  );
  return [
    deleted('registration deleted', of),
    ...selectorMutants(of, 'registration pods', ['spec', 'podSelector']),
    ...selectorMutants(of, 'registration namespaces', ['spec', 'namespaceSelector']),
    ...lists.flatMap((each) => [
      edit('registration: selector removed', each),
      edit('registration: another selector', each, 'k8s:container-name:main'),
    ]),
    ...['spiffeIDTemplate', 'spiffeID', 'parentID']
      .filter((key) => at(of, ['spec', key]) !== undefined)
      .map((key) => edit('registration: another identity', ['spec', key], SALES_BOT)),
    edit('registration: of another class', ['spec', 'className'], 'elsewhere'),
    ...['admin', 'downstream'].map((key) => edit('registration: more authority', ['spec', key], true)),
  ];
}

const SALES_BOT = 'spiffe://portarium.io/ns/portarium-agents/sa/sales-bot';

/** Every agent declared as another, and under another’s account. */
export function workspacePolicyMutants(of: KubeObject): readonly Mutant[] {
  const edit = edits(of);
  return [
    deleted('WorkspacePolicy deleted', of),
    ...entries(of, ['spec', 'agents']).flatMap((agent, i) => [
      edit('WorkspacePolicy: agent removed', agent),
      edit('WorkspacePolicy: another account', [...agent, 'serviceAccount'], 'somebody'),
      edit('WorkspacePolicy: another identity', [...agent, 'spiffeId'], 'spiffe://portarium.io/ns/ingress/sa/gateway'),
      ...(i > 0 ? [edit('WorkspacePolicy: agent declared twice', agent, at(of, ['spec', 'agents', 0]))] : []),
    ]),
  ];
}

/** Every pod template that becomes another agent, holds a credential, a token of the API or its node. */
export function workloadMutants(of: KubeObject): readonly Mutant[] {
  const edit = edits(of);
  const pod = ['spec', 'template', 'spec'];
  const secret = { secretKeyRef: { name: 'hubspot', key: 'token' } };
  return [
    edit('pods: another service account', [...pod, 'serviceAccountName'], 'somebody'),
    edit('pods: token of the API', [...pod, 'automountServiceAccountToken'], true),
    edit('pods: Secret in the environment', [...pod, 'containers', 0, 'env'], [{ name: 'TOKEN', valueFrom: secret }]),
    edit('pods: Secret as a volume', [...pod, 'volumes', entries(of, [...pod, 'volumes']).length], {
      name: 'token',
      secret: { secretName: 'hubspot' },
    }),
    ...values(of, ['spec', 'template', 'metadata', 'labels']).map((each) =>
      edit('pods: label of another value', each, 'elsewhere'),
    ),
  ];
}

/** Every role allowed everything, and every binding with a stranger among its subjects. */
export function rbacMutants(of: KubeObject): readonly Mutant[] {
  const edit = edits(of);
  if (of.kind.endsWith('Binding')) {
    return [
      edit('binding of a role: a stranger', ['subjects', entries(of, ['subjects']).length], STRANGER),
      deleted('binding of a role deleted', of),
    ];
  }
  return [
    edit('role: everything', ['rules', entries(of, ['rules']).length], EVERYTHING),
    ...entries(of, ['rules']).map((rule) => edit('role: every verb', [...rule, 'verbs'], ['*'])),
  ];
}

const STRANGER = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'example:sales' };
const EVERYTHING = { apiGroups: ['*'], resources: ['*'], verbs: ['*'] };

/** A stranger who is given each of the roles there are, everywhere, and rights that nobody rendered. */
export function grantMutants(roles: readonly string[]): readonly Mutant[] {
  const binding = (name: string): KubeObject => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: `sales-${name}` },
    subjects: [STRANGER],
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
  });
  return roles.map((name) => ({ kind: 'ClusterRoleBinding added', field: '', instead: binding(name) }));
}
