import { App, Chart } from 'cdk8s';
import { setTimeout as sleep } from 'node:timers/promises';

import { WorkspacePolicyDefinition } from '../../../src/constructs/custom-resources/workspace-policy-definition.js';
import { Guards } from '../../../src/constructs/guards/guards.js';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { API_GROUP, NAMESPACES } from '../../../src/model/names.js';
import type { Platform } from '../../../src/model/platform.js';
import { workspacePolicy } from '../../../src/model/policy.js';
import type { Workspace } from '../../../src/model/workspace.js';
import { api, type Answer, type Api } from './api.js';
import { namespaces, platform } from './fixture.js';
import { GOVERNANCE } from '../../support/governance.js';
import { workerLab } from '../worker-lab.js';

const lab = workerLab();

/** In `system:masters`; also impersonates. */
export const admin = api(lab.kubeconfig);

/** The lab's users, each of whom may do everything by RBAC, so that admission alone decides. */
export const users: Readonly<Record<string, Api>> = Object.fromEntries(
  Object.entries(lab.users).map(([name, kubeconfig]) => [name, api(kubeconfig)]),
);

/** The guards of a platform as the chart renders them. */
export const render = (of: Platform): readonly KubeObject[] =>
  rendered((scope) => new Guards(scope, 'guards', { platform: of }));

function rendered(make: (scope: Chart) => unknown): readonly KubeObject[] {
  const chart = new Chart(new App(), 'chart');
  make(chart);
  return chart.toJson() as readonly KubeObject[];
}

const ADMISSION = '/apis/admissionregistration.k8s.io/v1';
const collection = {
  ValidatingAdmissionPolicy: 'policies',
  ValidatingAdmissionPolicyBinding: 'policybindings',
} as const;

const pathOf = ({ kind, metadata }: KubeObject): string =>
  `${ADMISSION}/validatingadmission${collection[kind as keyof typeof collection]}/${metadata.name}`;

const BINDING = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/g-guards-test';

/** Creates the fixture's namespaces, accounts, rights and WorkspacePolicies, and then the guards; waits until they hold. */
export async function install(of: Platform): Promise<void> {
  for (const name of namespaces) {
    await expectOk(admin({ method: 'POST', path: '/api/v1/namespaces', body: namespace(name) }), [201, 409]);
  }
  await installPolicies();
  await apply(BINDING, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'g-guards-test' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [...Object.keys(users).map((name) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name }))],
  });
  for (const [where, names] of accounts) {
    for (const name of names) {
      const path = `/api/v1/namespaces/${where}/serviceaccounts`;
      const body = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: where } };
      await expectOk(admin({ method: 'POST', path, body }), [201, 409]);
    }
  }
  for (const guard of render(of)) await apply(pathOf(guard), guard);
}

/** Deletes every guard, and what else of `install` is not in a namespace of these tests. */
export async function uninstall(): Promise<void> {
  for (const guard of render(platform).toReversed()) await admin({ method: 'DELETE', path: pathOf(guard) });
  await until('the guards are gone', async () => {
    const { status } = await admin({
      method: 'POST',
      path: '/api/v1/namespaces/g-agents/pods?dryRun=All',
      body: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'x' },
        spec: { containers: [{ name: 'x', image: 'x' }] },
      },
    });
    return status === 201;
  });
  await admin({ method: 'DELETE', path: BINDING });
  for (const { metadata } of workspacePolicies) {
    await admin({ method: 'DELETE', path: `${POLICIES}/${metadata.name}` });
  }
}

const accounts: readonly (readonly [string, readonly string[]])[] = [
  ['g-agents', ['sales-bot', 'report-reader', 'intruder', 'agent-dns-g-acme', 'portarium-probe']],
  ['g-agents-shared', ['beta-bot', 'gamma-bot', 'moved-bot', 'agent-dns-g-beta', 'agent-dns-g-gamma']],
  ['g-agents-pending', ['early-bot']],
  ['g-dns', ['coredns']],
  ['g-ingress', ['ingress-gateway']],
  ['g-vault', ['vault']],
  ['portarium-control-plane', ['api-server', 'openfga', 'openfga-migration', 'spire-server']],
  ['portarium-execution', ['worker']],
  ['portarium-observability', ['otel-collector', 'prometheus']],
  ['portarium-spire', ['spire-agent', 'spiffe-csi-driver']],
];

const POLICIES = `/apis/${API_GROUP}/v1alpha1/namespaces/${NAMESPACES.policy}/workspacepolicies`;

const workspace = (id: string, agents: readonly string[], changes: Partial<Workspace> = {}): KubeObject => {
  const placement = { ...platform.workspaces.find((candidate) => candidate.id === id)!, ...changes };
  const config: Workspace = {
    ...placement,
    stack: id,
    level: 'routing',
    allowlist: { workspaceId: id, allowedTools: [{ tool: 'invoice:read', tier: 'Auto' }], defaultAction: 'Deny' },
    ...GOVERNANCE,
    agents: agents.map((name) => ({ name, type: 'custom-go', risk: 'low', image: 'x', replicas: 1, listens: [] })),
    systemsOfRecord: [],
    approvers: ['bob', 'carol'],
    dns: { clusterIP: '10.96.53.1' },
  };
  return {
    apiVersion: `${API_GROUP}/v1alpha1`,
    kind: 'WorkspacePolicy',
    metadata: { name: id, namespace: NAMESPACES.policy },
    spec: workspacePolicy(platform, config),
  };
};

/** `g-pending` has none. */
const workspacePolicies = [
  workspace('g-acme', ['sales-bot', 'report-reader']),
  workspace('g-beta', ['beta-bot']),
  workspace('g-gamma', ['gamma-bot']),
  workspace('g-moved', ['moved-bot'], { namespace: 'g-agents' }),
];

async function installPolicies(): Promise<void> {
  const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  for (const body of rendered((scope) => new WorkspacePolicyDefinition(scope, 'definition'))) {
    await expectOk(admin({ method: 'POST', path: crds, body }), [201, 409]);
  }
  await until('WorkspacePolicy is served', async () => (await admin({ method: 'GET', path: POLICIES })).status === 200);
  for (const body of workspacePolicies) {
    await expectOk(admin({ method: 'POST', path: POLICIES, body }), [201, 409]);
  }
}

const namespace = (name: string): object => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

const apply = (path: string, body: object): Promise<Answer> =>
  expectOk(
    admin({
      method: 'PATCH',
      path: `${path}?fieldManager=guards-test&force=true`,
      body,
      type: 'application/apply-patch+yaml',
    }),
    [200, 201],
  );

async function expectOk(answer: Promise<Answer>, allowed: readonly number[]): Promise<Answer> {
  const { status, message, ...rest } = await answer;
  if (!allowed.includes(status)) throw new Error(`${status}: ${message}`);
  return { status, message, ...rest };
}

/** Polls for at most 20 s. */
export async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited 20 s until ${what}`);
    await sleep(100);
  }
}

/** Repeats a request until the answer is as awaited, at most 20 s, and gives the last one: guards take a moment to hold. */
export async function settled(send: () => Promise<Answer>, awaited: (answer: Answer) => boolean): Promise<Answer> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const answer = await send();
    if (awaited(answer) || performance.now() > deadline) return answer;
    await sleep(100);
  }
}
