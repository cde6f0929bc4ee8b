import type { KubeObject } from '../../../../src/model/kube-object.js';
import { OUTSIDE } from '../fixture.js';
import { create, type Attempt, type Case } from './case.js';

const RBAC = 'rbac.authorization.k8s.io';
const account = (namespace: string) => ({ kind: 'ServiceAccount', name: 'sales-bot', namespace });
const user = (name: string) => ({ kind: 'User', apiGroup: RBAC, name });
const group = (name: string) => ({ kind: 'Group', apiGroup: RBAC, name });
const STRANGER = account(OUTSIDE);

const binding = (kind: 'RoleBinding' | 'ClusterRoleBinding', subjects: readonly object[]): KubeObject => ({
  apiVersion: `${RBAC}/v1`,
  kind,
  metadata: { name: 'candidate', ...(kind === 'RoleBinding' && { namespace: OUTSIDE }) },
  roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: 'view' },
  subjects,
});
const inNamespace = (...subjects: readonly object[]): Attempt => create(binding('RoleBinding', subjects));
const everywhere = (...subjects: readonly object[]): Attempt => ({
  method: 'POST',
  path: `/apis/${RBAC}/v1/clusterrolebindings?dryRun=All`,
  body: binding('ClusterRoleBinding', subjects),
});

const cases: readonly (readonly [string, Attempt, Attempt])[] = [
  ['a role for an agent', inNamespace(account('g-agents')), inNamespace(STRANGER)],
  ['a role for the whole cluster', everywhere(account('g-agents')), everywhere(STRANGER)],
  ['a role for an agent beside others', everywhere(STRANGER, account('g-agents-shared')), everywhere(STRANGER)],
  [
    'a role for an agent by its user name',
    everywhere(user('system:serviceaccount:g-agents:sales-bot')),
    everywhere(user(`system:serviceaccount:${OUTSIDE}:sales-bot`)),
  ],
  [
    'a role for all of a namespace of agents',
    inNamespace(group('system:serviceaccounts:g-agents')),
    inNamespace(group(`system:serviceaccounts:${OUTSIDE}`)),
  ],
  [
    'a role for an agent, of which break-glass may give one',
    inNamespace(account('g-agents')),
    { ...inNamespace(account('g-agents')), by: 'breakglass' },
  ],
];

export const agentRightsCases: readonly Case[] = cases.map(([what, refused, permitted]) => ({
  guard: 'agent-rights',
  refusal: 0,
  what,
  says: 'get no rights in the Kubernetes API',
  refused,
  permitted,
}));
