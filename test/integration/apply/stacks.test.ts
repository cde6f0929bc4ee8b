import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startLab, type Lab } from '../../../lab/cluster.js';
import { labUsers } from '../../../lab/users.js';
import { applyStack, type ApplyResult } from '../../../src/bridge/apply.js';
import { Cluster } from '../../../src/bridge/cluster.js';
import { connection } from '../../../src/bridge/cluster-connection.js';
import { partsOf } from '../../../src/bridge/compare-patch.js';
import { statusOf } from '../../../src/bridge/status.js';
import { patchStates } from '../../../src/bridge/patch-states.js';
import { standIns } from '../../../src/cli/demo/stand-ins.js';
import { isPatch, keyOf, type KubeObject } from '../../../src/model/kube-object.js';
import { crashing } from './faults.js';
import { planHash, UNNAMED } from '../../../src/bridge/live-facts.js';
import { preflight } from '../../../src/bridge/preflight.js';
import { approveRelaxation, endRelaxation, requestRelaxation } from '../../../src/bridge/relaxations.js';
import { renderStack } from '../../../src/bridge/render.js';
import { loadStack, type Stack } from '../../../src/config/load.js';
import { LEVELS, relaxedBy, type Control, type Level } from '../../../src/model/levels.js';
import { LABELS } from '../../../src/model/names.js';
import type { Workspace } from '../../../src/model/workspace.js';
import { approveStack } from '../../support/approve.js';

/** A lab of its own: stacks have fixed names, and their guards hold for everybody. */
let lab: Lab;
const clusters: Cluster[] = [];
beforeAll(async () => {
  lab = await startLab({ users: labUsers, typeChecking: false });
});
afterAll(async () => {
  for (const cluster of clusters) cluster.close();
  await lab?.stop();
});

async function as(user?: string): Promise<Cluster> {
  const cluster = await Cluster.connect({ kubeconfig: user === undefined ? lab.kubeconfig : lab.kubeconfigFor(user) });
  clusters.push(cluster);
  return cluster;
}

const dir = 'stacks';
const acme = (level: Level, more: Partial<Workspace> = {}): Extract<Stack, { kind: 'workspace' }> => {
  const stack = loadStack('ws-acme', { dir, level });
  if (stack.kind !== 'workspace') throw new Error('ws-acme is no workspace');
  return { ...stack, workspace: { ...stack.workspace, ...more } };
};

async function up(cluster: Cluster, stack: Stack): Promise<ApplyResult> {
  const name = stack.kind === 'platform' ? stack.platform.stack : stack.workspace.stack;
  const { objects } = await preflight(cluster, stack);
  return applyStack(cluster, name, objects);
}

const relaxing = (controls: readonly Control[], relaxation?: string): Partial<Workspace> => ({
  relaxing: { controls, as: 'rollback 1', ...(relaxation !== undefined && { relaxation }) },
});

const openings = async (cluster: Cluster) =>
  cluster.list(
    { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' },
    { labels: `${LABELS.opens},${LABELS.workspace}=ws-acme` },
  );
const HELM = { fieldManager: 'helm' };
/** A workload that has an init container of its own. */
const withInit = (object: KubeObject): KubeObject => {
  const changed = structuredClone(object) as KubeObject & {
    spec: { replicas: number; template: { spec: { initContainers?: object[] } } };
  };
  changed.spec.replicas = 0;
  changed.spec.template.spec.initContainers = [{ name: 'migrate', image: 'registry.example.com/migrate:1' }];
  return changed;
};
const inFront = async (cluster: Cluster) =>
  (await openings(cluster))
    .filter(({ metadata }) => metadata.namespace === 'portarium-control-plane')
    .map(({ metadata }) => metadata.name);

describe('the stacks of this repository, on a real API server', () => {
  test('platform first, by a deployer who is cluster admin this once; then every object is as rendered', async () => {
    const admin = await as();
    // Guards hold for admins too, from the moment they exist, so the first deployment needs both.
    const once = await admin.create({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'first-deployment' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'User', name: 'platform-deployer' }],
    });
    const deployer = await as('platform-deployer');
    const platform = loadStack('platform', { dir });
    const first = await up(deployer, platform);
    expect(first.created.length).toBeGreaterThan(50);
    expect(first.notes.join()).toContain('guards take a moment');
    await admin.delete(once.object);
    const again = await up(deployer, platform);
    expect(again).toMatchObject({ created: [], updated: [], repaired: [], pruned: [], kept: [] });
  });

  test('the control plane’s workloads get their sidecars once they are there, lose them again, and get them back', async () => {
    const [admin, deployer] = await Promise.all([as(), as('platform-deployer')]);
    const { platform } = loadStack('platform', { dir });
    const rendered = renderStack({ kind: 'platform', platform });
    const patches = rendered.filter(isPatch);
    const keys = patches.map(keyOf).sort();
    const states = async () =>
      Object.fromEntries((await patchStates(deployer, platform)).map(({ key, state }) => [key, state]));
    const all = (state: string) => Object.fromEntries(keys.map((key) => [key, state]));
    // Both are written at the same time.
    const either = expect.toSatisfy((found: string[]) => found.toSorted().join() === keys.join()) as unknown;
    expect(keys).toEqual([
      'Deployment.apps portarium-control-plane/api-server',
      'Deployment.apps portarium-execution/worker',
    ]);
    const before = await up(deployer, { kind: 'platform', platform });
    expect(before).toMatchObject({ absent: either, created: [], updated: [] });
    expect(before.notes).toHaveLength(keys.length);
    expect(await states()).toEqual(all('absent'));

    const wanted = new Set(keys);
    const owners = standIns(platform).filter((object) => wanted.has(keyOf(object)));
    const alone = await Promise.all(owners.map(async (object) => (await admin.apply(withInit(object), HELM)).object));
    expect(await states()).toEqual(all('not as rendered'));
    expect(await up(deployer, { kind: 'platform', platform })).toMatchObject({ absent: [], updated: either });
    expect(await states()).toEqual(all('in place'));
    expect(await up(deployer, { kind: 'platform', platform })).toMatchObject({ updated: [], repaired: [] });
    for (const patch of patches) {
      const ours = partsOf(patch, 'initContainers').map(({ name }) => name);
      const live = await admin.get(patch);
      expect(partsOf(live, 'initContainers').map(({ name }) => name)).toEqual([...ours, 'migrate']);
    }

    const bare = rendered.filter((object) => !isPatch(object));
    expect(await applyStack(deployer, platform.stack, bare)).toMatchObject({ released: either, pruned: [], notes: [] });
    for (const object of alone) expect((await admin.get(object))['spec']).toEqual(object['spec']);
    expect(await up(deployer, { kind: 'platform', platform })).toMatchObject({ updated: either });
  });

  test('a workspace climbs every level by its own deployer, each step in under two seconds and once only', async () => {
    const deployer = await as('ws-acme-deployer');
    await approveStack(await as('dana'), 'ws-acme');
    for (const level of LEVELS) {
      const result = await up(deployer, acme(level));
      expect(result.ms, level).toBeLessThan(2000);
      const again = await up(deployer, acme(level));
      expect(again, level).toMatchObject({ created: [], updated: [], repaired: [], pruned: [], kept: [] });
      const bearer = level === 'routing' || level === 'authz' ? ['api-server-ws-acme-open-mtls'] : [];
      expect(await inFront(deployer), level).toEqual(bearer);
    }
    expect(await openings(deployer)).toEqual([]);
    await expect(up(deployer, acme('identity'))).rejects.toThrow(
      /has reached level "enforced", and enforcement.level says "identity".*enforce rollback --stack ws-acme/,
    );
  });

  test('mTLS counts as enforced only while the front has its sidecars, and its replicas say so', async () => {
    const [admin, deployer] = await Promise.all([as(), as('platform-deployer')]);
    const config = acme('enforced');
    const mtls = async () => (await statusOf(deployer, config)).controls.mtls;
    const front = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'api-server', namespace: 'portarium-control-plane' },
    };
    // Nothing runs in the lab's pods, so that no replica acknowledges anything.
    const unacknowledged = {
      mode: 'enforce',
      verdict: 'inconclusive',
      note: expect.stringMatching(/replica.*acknowledged/),
    };
    expect(await mtls()).toMatchObject(unacknowledged);
    await admin.mergePatch(front, { spec: { template: { spec: { initContainers: [] } } } });
    expect(await mtls()).toMatchObject({
      verdict: 'inconclusive',
      note: 'the sidecars of Deployment.apps portarium-control-plane/api-server are not as rendered',
    });
    await up(deployer, { kind: 'platform', platform: config.platform });
    expect(await mtls()).toMatchObject(unacknowledged);
  });

  test('a rollback needs an approved Relaxation for this plan, opens, and closes again', async () => {
    const [deployer, alice, bob] = await Promise.all([as('ws-acme-deployer'), as('alice'), as('bob')]);
    const controls = relaxedBy('enforced', 'allowlist');
    const wanted = acme('enforced', relaxing(controls));
    await expect(up(deployer, wanted)).rejects.toThrow(
      'No Relaxation covers egress of workspace "ws-acme". The config says: rollback 1. To come back, remove the key (enforce rollback --stack ws-acme --undo); to ask for a Relaxation: enforce rollback --stack ws-acme --to 1',
    );
    const hash = planHash(renderStack(acme('enforced', relaxing(controls, UNNAMED))));
    const request = { workspaceId: 'ws-acme', controls, reason: 'the front is down', ticket: 'INC-1' };
    const longest = await requestRelaxation(alice, { ...request, planHash: hash, minutes: 240 });
    expect((await endRelaxation(alice, longest.name)).endedBy).toBe('alice');
    await expect(requestRelaxation(alice, { ...request, planHash: hash, minutes: 241 })).rejects.toThrow('240 minutes');
    const { name } = await requestRelaxation(alice, { ...request, planHash: hash });
    await expect(up(deployer, wanted)).rejects.toThrow(`Relaxation ${name} is not approved yet.`);
    await expect(approveRelaxation(alice, name)).rejects.toThrow(/requester|approver/);
    const approved = await approveRelaxation(bob, name);
    expect(approved).toMatchObject({ requestedBy: 'alice', approvedBy: 'bob', state: 'approved', controls });

    const other = acme('enforced', { ...relaxing(controls, name), systemsOfRecord: [] });
    await expect(up(deployer, other)).rejects.toThrow(`Relaxation ${name} was approved for another plan`);
    const opened = await up(deployer, wanted);
    expect(opened.ms).toBeLessThan(2000);
    expect((await openings(deployer)).map(({ metadata }) => metadata.labels?.[LABELS.relaxation])).toContain(name);
    expect(await up(deployer, wanted)).toMatchObject({ created: [], updated: [], repaired: [], pruned: [] });

    await endRelaxation(alice, name);
    await expect(up(deployer, wanted)).rejects.toThrow(`Relaxation ${name} has been ended.`);
    const closed = await up(deployer, acme('enforced'));
    expect(closed.pruned.length).toBeGreaterThan(0);
    expect(await openings(deployer)).toEqual([]);
    const agents = await deployer.list({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'portarium-agents' });
    expect(JSON.stringify(agents)).toContain(`closed-after-${name}`);
  });

  test(
    'stopped at any write between open and closed, the next apply ends as the config says',
    { timeout: 180_000 },
    async () => {
      const [alice, bob] = await Promise.all([as('alice'), as('bob')]);
      const real = await connection({ kubeconfig: lab.kubeconfigFor('ws-acme-deployer') });
      // Runbook level 3: egress and mtls, so objects in both namespaces.
      const controls = relaxedBy('enforced', 'authz');
      const hash = planHash(renderStack(acme('enforced', relaxing(controls, UNNAMED))));
      const request = {
        workspaceId: 'ws-acme',
        controls,
        planHash: hash,
        reason: 'a drill, as announced',
        ticket: 'CHG-2',
      };
      const { name } = await requestRelaxation(alice, request);
      await approveRelaxation(bob, name);
      const deployer = new Cluster(real);
      const open = acme('enforced', relaxing(controls, name));
      const closed = acme('enforced');
      for (const [from, to, bearer] of [
        [closed, open, [`api-server-ws-acme-open-mtls-${name}`]],
        [open, closed, []],
      ] as const) {
        let n = 1;
        for (let stopped = true; stopped; n += 1) {
          await up(deployer, from);
          const broken = new Cluster(crashing(real, n, n % 2 === 0 ? 'before' : 'after'));
          stopped = await up(broken, to).then(
            () => false,
            (error: unknown) => {
              expect(error).toMatchObject({ name: 'ApplyStopped' });
              return true;
            },
          );
          await up(deployer, to);
          expect(await inFront(deployer)).toEqual(bearer);
          expect((await openings(deployer)).length > 0).toBe(bearer.length > 0);
        }
        expect(await up(deployer, to)).toMatchObject({ created: [], updated: [], repaired: [], pruned: [] });
        expect(n).toBeGreaterThan(4);
      }
      real.close();
    },
  );

  test('with Cilium’s policies beside NetworkPolicy, every object is as rendered too', async () => {
    const platformDeployer = await as('platform-deployer');
    const { platform } = acme('enforced');
    const cilium = { ...platform, network: { cilium: true, clusterNetworkPolicy: true } };
    const first = await up(platformDeployer, { kind: 'platform', platform: cilium });
    expect(first.created.join()).toContain('Cilium');
    const unchanged = { created: [], updated: [], repaired: [], pruned: [] };
    expect(await up(platformDeployer, { kind: 'platform', platform: cilium })).toMatchObject(unchanged);
    const deployer = await as('ws-acme-deployer');
    const workspace = { ...acme('enforced'), platform: cilium };
    expect((await up(deployer, workspace)).created.join()).toContain('CiliumNetworkPolicy');
    expect(await up(deployer, workspace)).toMatchObject(unchanged);
  });
});
