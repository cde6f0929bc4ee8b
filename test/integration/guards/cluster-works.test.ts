import { App, Chart } from 'cdk8s';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject, ObjectMeta } from '../../../src/model/kube-object.js';
import { podSecurityLabels } from '../../../src/constructs/guards/pod-security.js';
import { SpireAgent } from '../../../src/constructs/spire/agent.js';
import { SpireCsiDriver } from '../../../src/constructs/spire/csi-driver.js';
import { workload } from './cases/workloads.js';
import { create, pathOf } from './cases/case.js';
import { agentLabels, agentPod, platform, UNPRIVILEGED } from './fixture.js';
import { admin, install, settled, uninstall, until, users } from './setup.js';

const labels = agentLabels('g-acme', 'sales-bot');
const deployment = {
  ...workload('Deployment', { metadata: { labels: { app: 'x', ...labels } }, spec: agentPod()['spec'] as object }),
};
const spire = new Chart(new App(), 'spire');
new SpireAgent(spire, 'agent', platform);
new SpireCsiDriver(spire, 'driver', platform);
const daemonSets = (spire.toJson() as readonly KubeObject[]).filter(({ kind }) => kind === 'DaemonSet');
const deployments = pathOf('Deployment', 'g-agents');
const pods = pathOf('Pod', 'g-agents');

interface LivePod extends KubeObject {
  readonly metadata: ObjectMeta & { readonly uid: string };
  readonly spec: { readonly nodeName: string };
}

const podsOfDeployment = async (): Promise<readonly LivePod[]> =>
  (await admin({ method: 'GET', path: `${pods}?labelSelector=app%3Dx` })).body.items as readonly LivePod[];

beforeAll(async () => {
  await install(platform);
  // SPIRE brings it. Without it no node gets a token for a pod that mounts its socket (NodeRestriction).
  const driver = { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', metadata: { name: 'csi.spiffe.io' }, spec: {} };
  const { status } = await admin({ method: 'POST', path: '/apis/storage.k8s.io/v1/csidrivers', body: driver });
  expect([201, 409]).toContain(status);
  await settled(
    () => users['mallory']!(create(agentPod({ labels: {} }))),
    ({ status }) => status === 403,
  );
});

afterAll(async () => {
  await admin({ method: 'DELETE', path: `${deployments}/candidate` });
  await admin({ method: 'DELETE', path: `${pathOf('Service', 'g-agents')}/candidate` });
  await uninstall();
});

describe('under the guards', () => {
  it('a Deployment of an agent comes up, is scaled and rolled', async () => {
    expect(await users['mallory']!({ method: 'POST', path: deployments, body: deployment })).toMatchObject({
      status: 201,
    });
    const ready = (count: number) =>
      until(`${count} replicas are ready`, async () => {
        const { status, metadata } = (await admin({ method: 'GET', path: `${deployments}/candidate` })).body;
        return (
          status.observedGeneration === metadata.generation &&
          status.readyReplicas === count &&
          status.replicas === count &&
          status.updatedReplicas === count
        );
      });
    await ready(1);
    await admin({ method: 'PATCH', path: `${deployments}/candidate`, body: { spec: { replicas: 2 } } });
    await ready(2);
    const annotations = {
      'kubectl.kubernetes.io/restartedAt': '2026-11-22T00:00:00Z',
      'portarium.io/egress': 'closed',
    };
    await admin({
      method: 'PATCH',
      path: `${deployments}/candidate`,
      body: { spec: { template: { metadata: { annotations } } } },
    });
    await ready(2);
  });

  it('a Service gets its EndpointSlice and Endpoints from the controllers', async () => {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'candidate', namespace: 'g-agents' },
      spec: { selector: { app: 'x' }, ports: [{ port: 80, targetPort: 18789 }] },
    };
    const path = pathOf('Service', 'g-agents');
    expect(await users['mallory']!({ method: 'POST', path, body: service })).toMatchObject({ status: 201 });
    await until('the slice holds both pods', async () => {
      const slices = `${pathOf('EndpointSlice', 'g-agents')}?labelSelector=kubernetes.io/service-name%3Dcandidate`;
      const { items } = (await admin({ method: 'GET', path: slices })).body;
      return items[0]?.endpoints?.length === 2;
    });
    await until('the Endpoints hold both pods', async () => {
      const { body } = await admin({ method: 'GET', path: `${pathOf('Endpoints', 'g-agents')}/candidate` });
      return body.subsets?.[0]?.addresses?.length === 2;
    });
  });

  it('the namespace of a new workspace comes and goes with the platform deployer', async () => {
    const deployer = users['platform-deployer']!;
    const metadata = { name: 'g-agents-unborn', labels: podSecurityLabels('restricted', 'deny') };
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata };
    expect(await deployer({ method: 'POST', path: '/api/v1/namespaces', body })).toMatchObject({ status: 201 });
    const path = '/api/v1/namespaces/g-agents-unborn';
    expect(await deployer({ method: 'DELETE', path })).toMatchObject({ status: 200 });
    await until('the namespace is gone', async () => (await admin({ method: 'GET', path })).status === 404);
  });

  it.each(daemonSets.map((body) => [body.metadata.name, body] as const))(
    '%s comes up on the host of every node',
    async (name, body) => {
      const path = pathOf('DaemonSet', 'portarium-spire');
      expect(await users['platform-deployer']!({ method: 'POST', path, body })).toMatchObject({ status: 201 });
      await until('both nodes have one', async () => {
        const { status } = (await admin({ method: 'GET', path: `${path}/${name}` })).body;
        return status.numberReady === 2;
      });
      const as = { user: 'deployer', groups: ['system:masters', 'portarium:platform-deployers'] };
      expect(await admin({ method: 'DELETE', path: `${path}/${name}`, as })).toMatchObject({ status: 200 });
    },
  );

  it('a node gets a token for a pod that runs there', async () => {
    const [pod] = await podsOfDeployment();
    const request = {
      method: 'POST',
      path: '/api/v1/namespaces/g-agents/serviceaccounts/sales-bot/token',
      body: {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: {
          audiences: ['vault'],
          boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: pod!.metadata.name, uid: pod!.metadata.uid },
        },
      },
    } as const;
    const node = { user: `system:node:${pod!.spec.nodeName}`, groups: ['system:nodes', 'system:masters'] };
    const stranger = { user: node.user, groups: ['system:masters'] };
    expect(await admin({ ...request, as: node })).toMatchObject({ status: 201, message: '' });
    expect((await admin({ ...request, as: stranger })).message).toContain("'portarium-guard-token-requests'");
  });

  it('a copy of a running pod passes, once its node and name are taken out', async () => {
    const [live] = await podsOfDeployment();
    const { labels: kept = {}, annotations = {} } = live!.metadata;
    const copy = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'sweep', namespace: 'g-agents', labels: kept, annotations },
      spec: { ...live!.spec, nodeName: undefined },
    };
    expect(await users['ws-acme-deployer']!(create(copy))).toMatchObject({ status: 201, warnings: [] });
    const foreign = { ...copy, spec: { ...copy.spec, serviceAccountName: 'report-reader' } };
    expect((await users['ws-acme-deployer']!(create(foreign))).message).toContain("'portarium-guard-agent-pods'");
  });

  it('no agent starts in a workspace without a WorkspacePolicy', async () => {
    const early = agentPod({
      namespace: 'g-agents-pending',
      labels: agentLabels('g-pending', 'early-bot'),
      account: 'early-bot',
    });
    expect((await users['mallory']!(create(early))).message).toContain(
      "'portarium-guard-agent-accounts' with binding 'portarium-guard-agent-accounts-g-pending' denied request: " +
        'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction',
    );
  });

  it('there is never a second container named envoy: the API server has no two of a name', async () => {
    const second = agentPod({ spec: { initContainers: [{ name: 'envoy', image: 'x', ...UNPRIVILEGED }] } });
    expect(await users['mallory']!(create(second))).toMatchObject({
      status: 422,
      message: expect.stringContaining('spec.initContainers[2].name: Duplicate value: "envoy"') as string,
    });
    const main = agentPod({ container: { name: 'envoy' } });
    expect(await users['mallory']!(create(main))).toMatchObject({
      status: 422,
      message: expect.stringContaining('spec.initContainers[0].name: Duplicate value: "envoy"') as string,
    });
  });

  it('a pod from before the guards may be changed, but gets no other init container', async () => {
    await uninstall();
    const older = agentPod({
      name: 'older',
      sidecars: () => ({ initContainers: [{ name: 'before', image: 'x' }], volumes: [] }),
    });
    expect(await admin({ method: 'POST', path: pods, body: older })).toMatchObject({ status: 201 });
    await install(platform);
    const change = (body: object) =>
      admin({
        method: 'PATCH',
        path: `${pods}/older?dryRun=All`,
        type: 'application/strategic-merge-patch+json',
        body,
      });
    const refused = await settled(
      () => change({ spec: { initContainers: [{ name: 'before', image: 'y' }] } }),
      ({ status }) => status === 403,
    );
    expect(refused.message).toContain("'portarium-guard-sidecar-agents'");
    expect(await change({ metadata: { labels: { team: 'sales' } } })).toMatchObject({ status: 200, message: '' });
    expect(await change({ spec: { containers: [{ name: 'main', image: 'y' }] } })).toMatchObject({ status: 200 });
    await admin({ method: 'DELETE', path: `${pods}/older` });
  });

  it.each(['Deployment', 'CronJob'])(
    'a %s from before the guards goes on, but is given no other template that is refused',
    async (kind) => {
      await uninstall();
      const path = pathOf(kind, 'g-agents');
      const older = workload(kind, { metadata: { labels: { app: 'x' } }, spec: agentPod()['spec'] as object });
      const idle = kind === 'CronJob' ? { suspend: true } : { replicas: 0 };
      const body = {
        ...older,
        metadata: { name: 'older', namespace: 'g-agents' },
        spec: { ...(older['spec'] as object), ...idle },
      };
      expect(await admin({ method: 'POST', path, body })).toMatchObject({ status: 201 });
      await install(platform);
      const change = (spec: object) =>
        admin({
          method: 'PATCH',
          path: `${path}/older?dryRun=All`,
          type: 'application/strategic-merge-patch+json',
          body: { spec },
        });
      const template = { template: { spec: { terminationGracePeriodSeconds: 1 } } };
      const refused = await settled(
        () => change(kind === 'CronJob' ? { jobTemplate: { spec: template } } : template),
        ({ status }) => status === 403,
      );
      expect(refused.message).toContain("'portarium-guard-workloads'");
      expect(await change(kind === 'CronJob' ? { suspend: false } : { replicas: 1 })).toMatchObject({ status: 200 });
      await admin({ method: 'DELETE', path: `${path}/older` });
    },
  );
});
