import { App, Chart } from 'cdk8s';
import { setTimeout as sleep } from 'node:timers/promises';

import { ApiError, isNotFound } from '../../../src/bridge/api-error.js';
import { Cluster } from '../../../src/bridge/cluster.js';
import { approvePolicy } from '../../../src/bridge/policy-approvals.js';
import { AuthorizationModelAdmission } from '../../../src/constructs/admission/authorization-model-admission.js';
import { NetworkObjectAdmission } from '../../../src/constructs/admission/network-object-admission.js';
import { OnboardingAdmission } from '../../../src/constructs/admission/onboarding-admission.js';
import { PolicyApprovalAdmission } from '../../../src/constructs/admission/policy-approval-admission.js';
import { RelaxationAdmission } from '../../../src/constructs/admission/relaxation-admission.js';
import { WorkspacePolicyAdmission } from '../../../src/constructs/admission/workspace-policy-admission.js';
import { CustomResources } from '../../../src/constructs/custom-resources/custom-resources.js';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { API_VERSION, NAMESPACES } from '../../../src/model/names.js';
import type { Platform } from '../../../src/model/platform.js';
import { workspacePolicy } from '../../../src/model/policy.js';
import type { Workspace } from '../../../src/model/workspace.js';
import { api, type Answer } from '../guards/api.js';
import { agentNamespaces, networkPolicy, platform, relaxation } from './fixture.js';
import { workerLab } from '../worker-lab.js';

const lab = workerLab();

/** In `system:masters`. */
export const admin = await Cluster.connect({ kubeconfig: lab.kubeconfig });

export type User =
  | 'platform-deployer'
  | 'ws-acme-deployer'
  | 'ws-globex-deployer'
  | 'alice'
  | 'bob'
  | 'carol'
  | 'dana'
  | 'breakglass'
  | 'mallory';

export type Name = User | 'admin';

/** The lab's users, each of whom may do everything by RBAC, so that admission alone decides. */
export const users = Object.fromEntries(
  await Promise.all(
    Object.entries(lab.users).map(async ([name, kubeconfig]) => [name, await Cluster.connect({ kubeconfig })] as const),
  ),
) as Readonly<Record<User, Cluster>>;

const rendered = (build: (chart: Chart) => void): readonly KubeObject[] => {
  const chart = new Chart(new App(), 'admission', { labels: { 'portarium.io/stack': 'platform' } });
  build(chart);
  return chart.toJson() as readonly KubeObject[];
};

export const definitions = rendered((chart) => new CustomResources(chart, 'custom-resources'));

export const admission = (of: Platform): readonly KubeObject[] =>
  rendered((chart) => {
    new RelaxationAdmission(chart, 'relaxations', { platform: of });
    new WorkspacePolicyAdmission(chart, 'workspace-policies', { platform: of });
    new PolicyApprovalAdmission(chart, 'policy-approvals', { platform: of });
    new OnboardingAdmission(chart, 'onboarding');
    new AuthorizationModelAdmission(chart, 'authorization-models');
    new NetworkObjectAdmission(chart, 'network', { platform: of });
  });

const RIGHTS: KubeObject = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: 'a-admission-test' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
  subjects: Object.keys(lab.users).map((name) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name })),
};

const namespace = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

const KINDS = ['WorkspacePolicy', 'Relaxation', 'PolicyApproval', 'Onboarding'];

/** Applies everything and waits until the last policies are seen to refuse. */
export async function install(of: Platform = platform): Promise<void> {
  for (const name of [...agentNamespaces, ...Object.values(NAMESPACES)]) await admin.apply(namespace(name));
  await admin.apply(RIGHTS);
  for (const object of definitions) await admin.apply(object);
  await until('the custom resources are served', async () => {
    const found = await Promise.all(
      KINDS.map((kind) => admin.list({ apiVersion: API_VERSION, kind }).catch(() => undefined)),
    );
    return found.every((list) => list !== undefined) && (await served());
  });
  for (const object of admission(of)) await admin.apply(object);
  await until('admission holds', async () => {
    const elsewhere = await outcome(users.alice.create(relaxation({ name: 'probe', by: 'mallory' }), { dryRun: true }));
    const foreign = await outcome(users.mallory.create(networkPolicy(), { dryRun: true }));
    const loose = await outcome(
      users['platform-deployer'].create(networkPolicy({ spec: { egress: [{}] } }), { dryRun: true }),
    );
    return elsewhere !== '' && (of.guards === 'audit' || (foreign !== '' && loose !== ''));
  });
}

const served = async (): Promise<boolean> =>
  (await Promise.all(KINDS.map((kind) => admin.tryResource(API_VERSION, kind)))).every((found) => found !== undefined);

/** Lets Dana approve what the workspace's agents may do, at any level. */
export const approve = (of: Workspace): Promise<unknown> =>
  approvePolicy(users.dana, {
    policy: workspacePolicy(platform, of),
    reason: 'the agents need these tools',
    ticket: 'CHG-1',
  });

/** Takes away what would be in other tests' way: the policies first, since they keep the rest. */
export async function uninstall(): Promise<void> {
  const ours = admission(platform).toReversed();
  for (const object of ours) await admin.delete(object);
  await until('admission no longer holds', async () => {
    const foreign = await outcome(users.mallory.create(networkPolicy(), { dryRun: true }));
    const request = await outcome(users.alice.create(relaxation({ name: 'probe', by: 'mallory' }), { dryRun: true }));
    return foreign === '' && request === '';
  });
  for (const kind of ['NetworkPolicy', 'CiliumNetworkPolicy']) {
    const apiVersion = kind === 'NetworkPolicy' ? 'networking.k8s.io/v1' : 'cilium.io/v2';
    for (const name of [...agentNamespaces, ...Object.values(NAMESPACES)]) {
      for (const object of await admin.list({ apiVersion, kind, namespace: name })) await admin.delete(object);
    }
  }
  for (const object of definitions) await admin.delete(object);
  await until('the custom resources are gone', async () =>
    (await Promise.all(definitions.map((object) => admin.get(object).then(() => false, isNotFound)))).every(Boolean),
  );
  await admin.delete(RIGHTS);
}

/** Polls for at most 30 s: policies, their parameters and CRDs take a moment to be seen by admission. */
export async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited 30 s until ${what}`);
    await sleep(100);
  }
}

/** A deletion that is judged and not done: `dryRun` belongs into the body, where there is one. */
export async function dryDelete(by: Name, { apiVersion, kind, metadata }: KubeObject): Promise<string> {
  const { name, namespaced } = (await admin.tryResource(apiVersion, kind))!;
  const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
  const path = `${root}${namespaced ? `/namespaces/${metadata.namespace}` : ''}/${name}/${metadata.name}`;
  const kubeconfig = by === 'admin' ? lab.kubeconfig : lab.users[by]!;
  return refusalOf(await api(kubeconfig)({ method: 'DELETE', path, body: { dryRun: ['All'] } }));
}

/** As `outcome`, of a raw answer. */
export const refusalOf = ({ status, body }: Answer): string => (status < 300 ? '' : JSON.stringify(body));

/**
 * The server's words of refusal, `""` when it was admitted. Where several policies refuse, it tells of one of them, and
 * not always of the same.
 */
export async function outcome(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
    return '';
  } catch (error) {
    if (error instanceof ApiError) return error.message;
    throw error;
  }
}

/** Repeats until the outcome matches (admission sees a changed parameter some milliseconds later) and gives the last. */
export async function settled(attempt: () => Promise<unknown>, wanted: RegExp): Promise<string> {
  // The API server looks for new kinds of parameters every 30 s.
  const deadline = performance.now() + 45_000;
  for (;;) {
    const words = await outcome(attempt());
    if (wanted.test(words) || performance.now() > deadline) return words;
    await sleep(50);
  }
}

export const ADMITTED = /^$/;
