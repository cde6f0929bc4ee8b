import { App, Chart } from 'cdk8s';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AgentDns } from '../../../src/constructs/agent-dns.js';
import { AgentWorkload } from '../../../src/constructs/agent-workload.js';
import { Front } from '../../../src/constructs/front.js';
import { WorkerSidecar } from '../../../src/constructs/worker-sidecar.js';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { modesAt } from '../../../src/model/levels.js';
import { deployersOf, GROUPS, LABELS } from '../../../src/model/names.js';
import type { Workspace } from '../../../src/model/workspace.js';
import { GOVERNANCE } from '../../support/governance.js';
import { create } from './cases/case.js';
import { ACME, agentPod, platform, UNPRIVILEGED } from './fixture.js';
import { admin, install, settled, uninstall, users } from './setup.js';

/** What this program itself renders passes every guard, and so do the Deployments of others that it patches. */

const workspace: Workspace = {
  ...ACME,
  stack: ACME.id,
  level: 'enforced',
  allowlist: { workspaceId: ACME.id, allowedTools: [{ tool: 'invoice:read', tier: 'Auto' }], defaultAction: 'Deny' },
  ...GOVERNANCE,
  agents: [
    { name: 'sales-bot', type: 'custom-go', risk: 'low', image: 'x', replicas: 1, listens: ['gateway', 'metrics'] },
  ],
  systemsOfRecord: [],
  approvers: ['bob'],
  dns: { clusterIP: '10.96.53.1' },
};
const [agent] = workspace.agents;

const chart = new Chart(new App(), 'workspace');
new AgentDns(chart, 'dns', { platform, workspace, modes: modesAt('enforced') });
new AgentWorkload(chart, 'agent', { platform, workspace, agent: agent!, egress: 'closed' });
const objects = chart.toJson() as readonly KubeObject[];

interface Templated extends KubeObject {
  readonly spec: { readonly template: { readonly metadata: object; readonly spec: object } };
}
const deployments = objects.filter(({ kind }) => kind === 'Deployment') as unknown as readonly Templated[];
const services = objects.filter(({ kind }) => kind === 'Service');

const platformChart = new Chart(new App(), 'platform');
new Front(platformChart, 'front', platform);
new WorkerSidecar(platformChart, 'worker', platform);
const ofPlatform = platformChart.toJson() as readonly KubeObject[];
/** The pods of Deployments of others, once patched. */
const patched = (ofPlatform.filter(({ kind }) => kind === 'Deployment') as unknown as readonly Templated[]).map(
  ({ metadata: { name, namespace }, spec: { template } }) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...template.metadata,
      name: 'candidate',
      namespace: namespace!,
      labels: { [LABELS.component]: name },
    },
    spec: {
      ...template.spec,
      serviceAccountName: name,
      automountServiceAccountToken: false,
      containers: [{ name: 'main', image: 'x', ...UNPRIVILEGED }],
    },
  }),
);

const podOf = ({ metadata, spec: { template } }: Templated): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'candidate', namespace: metadata.namespace!, ...template.metadata },
  spec: template.spec,
});

beforeAll(async () => {
  await install(platform);
  // Each guard is in force in its own time, and one that is not yet would admit anything.
  for (const bare of [
    agentPod({ labels: {} }),
    ...patched.map((pod) => ({ ...pod, spec: { ...pod.spec, initContainers: [] } })),
  ]) {
    await settled(
      () => users['mallory']!(create(bare)),
      ({ status }) => status === 403,
    );
  }
});
afterAll(uninstall);

const ownFiles = objects.filter(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.endsWith('-envoy'));

it.each([...deployments, ...deployments.map(podOf), ...services].map((object) => [object.kind, object] as const))(
  'a rendered %s is admitted',
  async (_, object) => {
    const { namespace } = object.metadata;
    // The name is another's where the object itself is live.
    const candidate = { ...object, metadata: { ...object.metadata, name: 'candidate', namespace: namespace! } };
    const spec = object.kind === 'Service' ? { ...(object['spec'] as object), clusterIP: undefined } : object['spec'];
    expect(await users['ws-acme-deployer']!(create({ ...candidate, spec }))).toMatchObject({
      status: 201,
      warnings: [],
    });
  },
);

it.each(patched.map((pod) => [pod.metadata.labels[LABELS.component], pod] as const))(
  'a pod of %s that mounts no token of its account is admitted once patched',
  async (_, pod) => {
    expect(await users['mallory']!(create(pod))).toMatchObject({ status: 201, warnings: [] });
  },
);

it.each([
  ...ownFiles.map((object) => [object, deployersOf(ACME.id)] as const),
  ...ofPlatform.filter(({ kind }) => kind === 'ConfigMap').map((object) => [object, GROUPS.platformDeployers] as const),
])('files of a sidecar are admitted from their deployers', async (object, group) => {
  const as = { user: 'somebody', groups: ['system:masters', group] };
  expect(await admin({ ...create(object), as })).toMatchObject({ status: 201, warnings: [] });
});

it('there are workloads of agents and of DNS, with their files, and two that are patched', () => {
  expect(deployments.map(({ metadata }) => metadata.name).sort()).toEqual(['agent-dns-g-acme', 'sales-bot']);
  expect(services.length).toBeGreaterThan(0);
  expect(patched.map(({ metadata }) => metadata.labels[LABELS.component])).toEqual(['api-server', 'worker']);
  expect(ownFiles.map(({ metadata }) => metadata.name)).toEqual(['sales-bot-envoy']);
});
