import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLab, type Lab } from '../../../lab/cluster.js';
import { labUsers, type LabUser } from '../../../lab/users.js';
import { ApiError } from '../../../src/bridge/api-error.js';
import { applyStack, type ApplyResult } from '../../../src/bridge/apply.js';
import { Cluster, type LiveObject } from '../../../src/bridge/cluster.js';
import { differences } from '../../../src/bridge/compare.js';
import { destroyStack } from '../../../src/bridge/destroy.js';
import { renderPlatform } from '../../../src/charts/render.js';
import { loadStacks } from '../../../src/config/load.js';
import { isPatch, keyOf, type KubeObject } from '../../../src/model/kube-object.js';
import { GROUPS } from '../../../src/model/names.js';
import { SPIRE_GROUP } from '../../../src/model/spire.js';
import { api, type Api } from '../guards/api.js';

/** The committed platform stack on a real API server: nothing of SPIRE runs there, but every object of it is admitted. */

const { platform } = loadStacks({ dir: 'stacks' });
const objects = renderPlatform(platform);
const isSpires = ({ apiVersion, kind, metadata }: KubeObject): boolean =>
  /spire|spiffe/.test(metadata.name) || apiVersion.startsWith(`${SPIRE_GROUP}/`) || kind === 'PodMonitor';
const spires = objects.filter((object) => isSpires(object) && !isPatch(object));
const find = (kind: string, name: string): KubeObject =>
  spires.find((object) => object.kind === kind && object.metadata.name === name)!;
const WEBHOOK = find('ValidatingWebhookConfiguration', 'portarium-spire-webhook');
const SERVER = 'system:serviceaccount:portarium-control-plane:spire-server';
const AGENT = 'system:serviceaccount:portarium-spire:spire-agent';
const DRIVER = 'system:serviceaccount:portarium-spire:spiffe-csi-driver';

/** Who deploys a platform for the first time: its deployer, who is also a cluster admin. */
const ADMIN: LabUser = { name: 'platform-admin', groups: ['system:masters', GROUPS.platformDeployers] };

/** By RBAC mallory may write registrations, so that admission alone refuses her. */
const RBAC = 'rbac.authorization.k8s.io';
const RIGHTS: readonly KubeObject[] = [
  {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRole',
    metadata: { name: 'mallory' },
    rules: [{ apiGroups: [SPIRE_GROUP], resources: ['*'], verbs: ['create', 'patch', 'delete', 'get'] }],
  },
  {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: 'mallory' },
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: 'mallory' },
    subjects: [{ apiGroup: RBAC, kind: 'User', name: 'mallory' }],
  },
];

let lab: Lab;
let raw: Api;
const clusters: Cluster[] = [];
async function as(user?: LabUser['name']): Promise<Cluster> {
  const cluster = await Cluster.connect({ kubeconfig: user === undefined ? lab.kubeconfig : lab.kubeconfigFor(user) });
  clusters.push(cluster);
  return cluster;
}
const up = async (): Promise<ApplyResult> => applyStack(await as('platform-admin'), platform.stack, objects);

let first: ApplyResult;
beforeAll(async () => {
  lab = await startLab({ users: [...labUsers, ADMIN] });
  raw = api(lab.kubeconfig);
  first = await up();
  for (const object of RIGHTS) await (await as()).apply(object);
});
afterAll(async () => {
  for (const cluster of clusters) cluster.close();
  await lab?.stop();
});

const words = async (attempt: Promise<unknown>): Promise<string> => {
  try {
    await attempt;
    return '';
  } catch (error) {
    if (error instanceof ApiError) return error.message;
    throw error;
  }
};

describe('every object of SPIRE', () => {
  it('is admitted, and live exactly as rendered', async () => {
    const admin = await as();
    expect(first.created).toEqual(expect.arrayContaining(spires.map(keyOf)));
    for (const object of spires)
      expect([keyOf(object), differences(object, await admin.get(object))]).toEqual([keyOf(object), []]);
  });

  it('comes in an order in which it works: what the controller manager looks up, the servers, the agents, who gets what', () => {
    const created = first.changes.map(({ key }) => key);
    const at = (key: RegExp): number[] => created.flatMap((each, index) => (key.test(each) ? [index] : []));
    const order = [/ValidatingWebhookConfiguration/, /^StatefulSet/, /^DaemonSet/, /^Cluster(SPIFFEID|StaticEntry)/];
    order.slice(1).forEach((later, index) => {
      expect(Math.max(...at(order[index]!)), String(later)).toBeLessThan(Math.min(...at(later)));
    });
  });

  it('has pods that come up under the Pod Security level of their namespace and the guards', async () => {
    const admin = await as();
    const ready = async (kind: string, name: string): Promise<number> => {
      const { status } = (await admin.get(find(kind, name))) as unknown as {
        status: { readyReplicas?: number; numberReady?: number };
      };
      return status.readyReplicas ?? status.numberReady ?? 0;
    };
    await expect.poll(() => ready('StatefulSet', 'spire-server'), { timeout: 20_000 }).toBe(2);
    await expect.poll(() => ready('DaemonSet', 'spire-agent'), { timeout: 20_000 }).toBe(2);
    await expect.poll(() => ready('DaemonSet', 'spiffe-csi-driver'), { timeout: 20_000 }).toBe(2);
  });

  it('is refused in a namespace of any other level: agents and driver need the host', async () => {
    const admin = await as();
    for (const name of ['spire-agent', 'spiffe-csi-driver']) {
      const { template } = find('DaemonSet', name)['spec'] as { template: { metadata: object; spec: object } };
      const pod = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'candidate', namespace: 'portarium-observability' },
        spec: { ...template.spec, serviceAccountName: 'prometheus' },
      };
      expect(await words(admin.create(pod, { dryRun: true }))).toContain('violates PodSecurity "restricted');
    }
  });

  it('does not change when nothing does', async () => {
    const again = await up();
    expect(again.unchanged).toHaveLength(objects.filter((object) => !isPatch(object)).length);
  });
});

describe('every object of OpenFGA', () => {
  const isOpenFgas = ({ metadata }: KubeObject): boolean => metadata.name.startsWith('openfga');
  const openfgas = objects.filter(isOpenFgas);
  const isJob = ({ kind }: KubeObject): boolean => kind === 'Job';
  const statusOf = async (object: KubeObject): Promise<Readonly<Record<string, unknown>>> =>
    ((await (await as()).get(object))['status'] ?? {}) as Readonly<Record<string, unknown>>;

  it('is admitted, and live exactly as rendered', async () => {
    const admin = await as();
    expect(openfgas.map(({ kind }) => kind).sort()).toEqual([
      'Deployment',
      'Job',
      'NetworkPolicy',
      'NetworkPolicy',
      'PodDisruptionBudget',
      'PodMonitor',
      'Service',
      'ServiceAccount',
      'ServiceAccount',
    ]);
    expect(first.created).toEqual(expect.arrayContaining(openfgas.map(keyOf)));
    for (const object of openfgas)
      expect([keyOf(object), differences(object, await admin.get(object))]).toEqual([keyOf(object), []]);
  });

  it('has pods that come up under restricted and the guards, and the migration ends', async () => {
    const server = openfgas.find(({ kind }) => kind === 'Deployment')!;
    await expect.poll(async () => (await statusOf(server))['readyReplicas'], { timeout: 20_000 }).toBe(3);
    const migration = openfgas.find(isJob)!;
    await expect.poll(async () => (await statusOf(migration))['succeeded'], { timeout: 20_000 }).toBe(1);
  });

  it('lets nobody but the platform’s own accounts be its pods', async () => {
    for (const object of openfgas.filter((each) => isJob(each) || each.kind === 'Deployment')) {
      const { template } = object['spec'] as { template: { metadata: object; spec: object } };
      const pod = (serviceAccountName: string) => ({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { ...template.metadata, name: 'candidate', namespace: 'portarium-control-plane' },
        spec: { ...template.spec, serviceAccountName },
      });
      const admin = await as();
      expect(await words(admin.create(pod('default'), { dryRun: true }))).toContain('portarium-guard-peer-labels');
      const { serviceAccountName } = template.spec as { serviceAccountName: string };
      expect(await words(admin.create(pod(serviceAccountName), { dryRun: true }))).toBe('');
    }
  });

  it('of a new version has a migration of its own, in the place of the one before', async () => {
    const image = 'docker.io/openfga/openfga:v1.99.0';
    const next = renderPlatform({ ...platform, openfga: { ...platform.openfga, image } });
    const [old, own] = [openfgas, next].map((each) => keyOf(each.find(isJob)!)) as [string, string];
    const { created, pruned } = await applyStack(await as('platform-admin'), platform.stack, next);
    expect([created, pruned]).toEqual([[own], [old]]);
    const back = await up();
    expect([back.created, back.pruned]).toEqual([[old], [own]]);
  });
});

describe('rights', () => {
  async function mayI(
    user: string,
    attributes: {
      verb: string;
      group?: string;
      resource: string;
      subresource?: string;
      namespace?: string;
      name?: string;
    },
  ): Promise<boolean> {
    const { body } = await raw({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: { user, groups: ['system:serviceaccounts', 'system:authenticated'], resourceAttributes: attributes },
      },
    });
    return (body as { status: { allowed: boolean } }).status.allowed;
  }

  const bundle = { resource: 'configmaps', namespace: 'portarium-spire', name: 'spire-bundle' };
  const webhook = {
    group: 'admissionregistration.k8s.io',
    resource: 'validatingwebhookconfigurations',
    name: 'portarium-spire-webhook',
  };
  it.each([
    [AGENT, { verb: 'get', resource: 'nodes', subresource: 'pods' }],
    [SERVER, { verb: 'create', group: 'authentication.k8s.io', resource: 'tokenreviews' }],
    [SERVER, { verb: 'get', resource: 'pods', namespace: 'portarium-spire' }],
    [SERVER, { verb: 'get', resource: 'nodes' }],
    [SERVER, { verb: 'list', resource: 'pods' }],
    [SERVER, { verb: 'create', ...bundle }],
    [SERVER, { verb: 'patch', ...bundle }],
    [SERVER, { verb: 'patch', ...webhook }],
    [SERVER, { verb: 'update', group: SPIRE_GROUP, resource: 'clusterspiffeids', subresource: 'status' }],
    [
      SERVER,
      {
        verb: 'update',
        group: 'coordination.k8s.io',
        resource: 'leases',
        namespace: 'portarium-control-plane',
        name: 'spire-controller-manager',
      },
    ],
  ])('%s may %o', async (user, attributes) => {
    expect(await mayI(user, attributes)).toBe(true);
  });

  it.each([
    [AGENT, { verb: 'create', resource: 'pods', subresource: 'exec', namespace: 'portarium-agents' }],
    [AGENT, { verb: 'get', resource: 'nodes', subresource: 'proxy' }],
    [AGENT, { verb: 'get', resource: 'pods', namespace: 'portarium-agents' }],
    [AGENT, { verb: 'get', resource: 'secrets', namespace: 'portarium-spire' }],
    [AGENT, { verb: 'patch', ...bundle }],
    [AGENT, { verb: 'create', group: 'authentication.k8s.io', resource: 'tokenreviews' }],
    [SERVER, { verb: 'create', resource: 'pods', subresource: 'exec', namespace: 'portarium-agents' }],
    [SERVER, { verb: 'get', resource: 'secrets', namespace: 'portarium-control-plane' }],
    [SERVER, { verb: 'patch', ...bundle, name: 'other' }],
    [SERVER, { verb: 'patch', ...bundle, namespace: 'portarium-control-plane' }],
    [SERVER, { verb: 'patch', ...webhook, name: 'other' }],
    [SERVER, { verb: 'create', group: SPIRE_GROUP, resource: 'clusterspiffeids' }],
    [SERVER, { verb: 'delete', group: SPIRE_GROUP, resource: 'clusterstaticentries' }],
    [SERVER, { verb: 'create', resource: 'serviceaccounts', subresource: 'token', namespace: 'portarium-spire' }],
    [DRIVER, { verb: 'get', resource: 'pods', namespace: 'portarium-spire' }],
    [DRIVER, { verb: 'get', resource: 'secrets', namespace: 'portarium-spire' }],
  ])('%s may not %o', async (user, attributes) => {
    expect(await mayI(user, attributes)).toBe(false);
  });
});

describe('registrations', () => {
  const sound = {
    className: 'portarium',
    spiffeIDTemplate: 'spiffe://{{ .TrustDomain }}/ns/{{ .PodMeta.Namespace }}/sa/{{ .PodSpec.ServiceAccountName }}',
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } },
    podSelector: { matchLabels: { app: 'till' } },
    workloadSelectorTemplates: ['k8s:container-name:envoy'],
  };
  const entry = {
    className: 'portarium',
    spiffeID: 'spiffe://portarium.io/ns/shop/sa/till',
    parentID: 'spiffe://portarium.io/spire/agent/k8s_psat/portarium/5dbb7b21-65fe-11e9-b1b0-0800277ac80f',
    selectors: ['k8s:ns:shop'],
  };
  const federation = {
    className: 'portarium',
    trustDomain: 'partner.example',
    bundleEndpointURL: 'https://partner.example/bundle',
    bundleEndpointProfile: { type: 'https_web' },
  };
  const object = (kind: string, spec: object): KubeObject => ({
    apiVersion: `${SPIRE_GROUP}/v1alpha1`,
    kind,
    metadata: { name: 'candidate' },
    spec,
  });
  const by = async (user: LabUser['name'], candidate: KubeObject): Promise<string> =>
    words((await as(user)).create(candidate, { dryRun: true }));

  it.each([
    ['ClusterSPIFFEID', sound],
    ['ClusterStaticEntry', entry],
  ])('%s are the platform’s deployers’', async (kind, spec) => {
    expect(await by('platform-admin', object(kind, spec))).toBe('');
    expect(await by('mallory', object(kind, spec))).toContain(
      'only portarium:platform-deployers and portarium:break-glass write them.',
    );
  });

  it.each([
    [
      'of another template',
      'ClusterSPIFFEID',
      { ...sound, spiffeIDTemplate: 'spiffe://portarium.io/ns/portarium-execution/sa/worker' },
    ],
    ['of any namespace', 'ClusterSPIFFEID', { ...sound, namespaceSelector: { matchLabels: { team: 'shop' } } }],
    ['without a namespace', 'ClusterSPIFFEID', { ...sound, namespaceSelector: undefined }],
    ['of every pod', 'ClusterSPIFFEID', { ...sound, podSelector: {} }],
    ['of every container', 'ClusterSPIFFEID', { ...sound, workloadSelectorTemplates: undefined }],
    ['with the authority of an admin', 'ClusterSPIFFEID', { ...sound, admin: true }],
    ['with the authority of a server', 'ClusterSPIFFEID', { ...sound, downstream: true }],
    ['with JWT-SVIDs', 'ClusterSPIFFEID', { ...sound, jwtTtl: '5m' }],
    ['that believes others', 'ClusterSPIFFEID', { ...sound, federatesWith: ['partner.example'] }],
    [
      'as an agent of a workspace',
      'ClusterStaticEntry',
      { ...entry, spiffeID: 'spiffe://portarium.io/ns/portarium-agents/sa/sales-bot' },
    ],
    [
      'as the front',
      'ClusterStaticEntry',
      { ...entry, spiffeID: 'spiffe://portarium.io/ns/portarium-control-plane/sa/api-server' },
    ],
    [
      'of another trust domain',
      'ClusterStaticEntry',
      { ...entry, spiffeID: 'spiffe://portarium.io.evil/ns/shop/sa/till' },
    ],
    ['of every process', 'ClusterStaticEntry', { ...entry, selectors: [] }],
    ['in a store', 'ClusterStaticEntry', { ...entry, storeSVID: true }],
    ['as an admin', 'ClusterStaticEntry', { ...entry, admin: true }],
    ['of another’s word', 'ClusterFederatedTrustDomain', federation],
  ])('%s are refused to everybody: a %s', async (_what, kind, spec) => {
    expect(await by('platform-admin', object(kind, spec))).toContain(
      "ValidatingAdmissionPolicy 'portarium-spire-registrations'",
    );
  });

  it('of another class are another controller manager’s', async () => {
    expect(
      await by('platform-admin', object('ClusterFederatedTrustDomain', { ...federation, className: 'other' })),
    ).toBe('');
    expect(await by('platform-admin', object('ClusterSPIFFEID', { ...sound, className: undefined, admin: true }))).toBe(
      '',
    );
  });

  it('are not taken from the platform by a change of their class', async () => {
    const admin = await as();
    const live = find('ClusterSPIFFEID', 'portarium-worker');
    const change = { spec: { className: 'other' } };
    const moved = (await as('mallory')).mergePatch(live, change, { dryRun: true });
    expect(await words(moved)).toContain("ValidatingAdmissionPolicy 'portarium-spire-registrations'");
    expect(
      await words(admin.mergePatch(live, { metadata: { annotations: { note: 'x' } } }, { dryRun: true })),
    ).toContain('only portarium:platform-deployers');
  });

  it('have an admission policy without a type error', async () => {
    const admin = await as();
    const policy = objects.find(({ metadata }) => metadata.name === 'portarium-spire-registrations')!;
    type Status = { typeChecking?: { expressionWarnings?: unknown[] } } | undefined;
    const status = async (): Promise<Status> => (await admin.get(policy))['status'] as Status;
    await expect.poll(async () => (await status())?.typeChecking, { timeout: 20_000 }).toBeDefined();
    expect((await status())?.typeChecking?.expressionWarnings ?? []).toEqual([]);
  });
});

describe('the webhook', () => {
  const bundlesOf = (live: LiveObject): readonly unknown[] =>
    (live['webhooks'] as { clientConfig: { caBundle?: string } }[]).map(({ clientConfig }) => clientConfig.caBundle);
  /** A certificate, which the API server wants there. */
  const bundle = Buffer.from(platform.front.certificateAuthority).toString('base64');

  it('keeps the caBundle that the controller manager puts there, through applies and repairs', async () => {
    const admin = await as();
    const { webhooks } = (await admin.get(WEBHOOK)) as unknown as { webhooks: { name: string }[] };
    const body = {
      webhooks: webhooks.map(({ name }) => ({ name, clientConfig: { caBundle: bundle } })),
    };
    const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/portarium-spire-webhook';
    const type = 'application/strategic-merge-patch+json';
    const patched = await raw({ method: 'PATCH', path, body, type, as: { user: SERVER, groups: [] } });
    expect([patched.status, patched.message]).toEqual([200, '']);
    const settled = await up();
    expect(settled.unchanged).toContain(keyOf(WEBHOOK));
    expect(bundlesOf(await admin.get(WEBHOOK))).toEqual([bundle, bundle]);

    // Somebody narrows it, so that it judges nothing any more.
    const narrowed = webhooks.map(({ name }) => ({ name, objectSelector: { matchLabels: { never: 'there' } } }));
    expect((await raw({ method: 'PATCH', path, body: { webhooks: narrowed }, type })).status).toBe(200);
    const repaired = await up();
    expect([...repaired.updated, ...repaired.repaired]).toEqual([keyOf(WEBHOOK)]);
    const live = await admin.get(WEBHOOK);
    expect(differences(WEBHOOK, live)).toEqual([]);
    expect(bundlesOf(live)).toEqual([bundle, bundle]);
  });
});

it('a destroy takes registrations before servers, and leaves the driver that mounts volumes of running pods', async () => {
  const { deleted, kept } = await destroyStack(await as('platform-admin'), platform.stack, objects);
  const last = (key: RegExp): number => Math.max(...deleted.flatMap((each, index) => (key.test(each) ? [index] : [])));
  const firstOf = (key: RegExp): number => deleted.findIndex((each) => key.test(each));
  expect(last(/^Cluster(SPIFFEID|StaticEntry)/)).toBeLessThan(firstOf(/^DaemonSet/));
  expect(last(/^DaemonSet/)).toBeLessThan(firstOf(/^StatefulSet/));
  expect(kept).toEqual(
    expect.arrayContaining([
      'CSIDriver.storage.k8s.io csi.spiffe.io',
      'DaemonSet.apps portarium-spire/spiffe-csi-driver',
      'ServiceAccount portarium-spire/spiffe-csi-driver',
      'CustomResourceDefinition.apiextensions.k8s.io clusterspiffeids.spire.spiffe.io',
    ]),
  );
});
