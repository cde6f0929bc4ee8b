import { App, Chart } from 'cdk8s';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AgentDns } from '../../../src/constructs/agent-dns.js';
import { AgentWorkload } from '../../../src/constructs/agent-workload.js';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { modesAt } from '../../../src/model/levels.js';
import type { Workspace } from '../../../src/model/workspace.js';
import { create } from './cases/case.js';
import { ACME, agentPod, platform } from './fixture.js';
import { install, settled, uninstall, users } from './setup.js';

/** What this program itself renders for a workspace passes every guard. */

const workspace: Workspace = {
  ...ACME,
  stack: ACME.id,
  level: 'enforced',
  allowlist: { workspaceId: ACME.id, allowedTools: [{ tool: 'invoice:read', tier: 'Auto' }], defaultAction: 'Deny' },
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

const podOf = ({ metadata, spec: { template } }: Templated): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'candidate', namespace: metadata.namespace!, ...template.metadata },
  spec: template.spec,
});

beforeAll(async () => {
  await install(platform);
  await settled(
    () => users['mallory']!(create(agentPod({ labels: {} }))),
    ({ status }) => status === 403,
  );
});
afterAll(uninstall);

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

it('there are workloads of agents and of DNS', () => {
  expect(deployments.map(({ metadata }) => metadata.name).sort()).toEqual(['agent-dns-g-acme', 'sales-bot']);
  expect(services.length).toBeGreaterThan(0);
});
