import type { LabUser } from '../../../lab/users.js';
import type { Cluster } from '../../bridge/cluster.js';
import type { KubeObject } from '../../model/kube-object.js';
import { kubeconfigOfAccount } from './account.js';

/** An approver by group whom no workspace has named. */
export const DAVE: LabUser = { name: 'dave', groups: ['portarium:approvers'] };

const NAME = 'demo-everything-but-admission';
const PIPELINE = { name: 'demo-pipeline', namespace: 'default' } as const;
const ALL = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'];
const GROUPS = [
  '',
  'apps',
  'batch',
  'discovery.k8s.io',
  'networking.k8s.io',
  'apiextensions.k8s.io',
  'enforcement.portarium.io',
  'spire.spiffe.io',
  'cilium.io',
  'policy.networking.k8s.io',
  'crd.projectcalico.org',
];

const rbac = (kind: string, metadata: KubeObject['metadata'], content: object): KubeObject => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind,
  metadata,
  ...content,
});
const user = (name: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name });

/**
 * Every right by RBAC for mallory, so that admission and not RBAC is what refuses; all but over RBAC and admission
 * themselves, with which anyone could switch admission off. Bob asks for a Relaxation here, which approvers do not.
 */
const RIGHTS: readonly KubeObject[] = [
  rbac('ClusterRole', { name: NAME }, { rules: [{ apiGroups: GROUPS, resources: ['*'], verbs: ALL }] }),
  rbac(
    'ClusterRoleBinding',
    { name: NAME },
    {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: NAME },
      subjects: [user('mallory'), user('breakglass'), { kind: 'ServiceAccount', ...PIPELINE }],
    },
  ),
  rbac(
    'RoleBinding',
    { name: 'demo-bob', namespace: 'portarium-policy' },
    {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'portarium-operator' },
      subjects: [user('bob')],
    },
  ),
];

/** A kind of another network plugin, as far as admission looks at it. */
export const FOREIGN_KIND: KubeObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'networkpolicies.crd.projectcalico.org' },
  spec: {
    group: 'crd.projectcalico.org',
    scope: 'Namespaced',
    names: {
      kind: 'NetworkPolicy',
      listKind: 'NetworkPolicyList',
      plural: 'networkpolicies',
      singular: 'networkpolicy',
    },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};

/** Lets the cast of the attempts in. Returns the path of the pipeline's kubeconfig, made from another's. */
export async function letIn(admin: Cluster, kubeconfig: string, dir: string): Promise<string> {
  await admin.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: PIPELINE });
  for (const object of [FOREIGN_KIND, ...RIGHTS]) await admin.apply(object);
  return kubeconfigOfAccount(admin, PIPELINE, kubeconfig, dir);
}

/** Takes the rights of the cast away again: with them, many could change what a proof rests on. */
export async function letOut(admin: Cluster): Promise<void> {
  for (const object of [...RIGHTS, FOREIGN_KIND]) await admin.delete(object);
}
