import { beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { LABELS, NAMESPACES } from '../../../src/model/names.js';
import { api } from '../guards/api.js';
import { ciliumPolicy, networkPolicy } from './fixture.js';
import { admin, ADMITTED, dryDelete, outcome, settled, until, users } from './install.js';
import { workerLab } from '../worker-lab.js';

const without = (object: KubeObject, label: string): KubeObject => ({
  ...object,
  metadata: {
    ...object.metadata,
    labels: Object.fromEntries(Object.entries(object.metadata.labels ?? {}).filter(([key]) => key !== label)),
  },
});

const kinds = [
  ['NetworkPolicy', networkPolicy],
  ['CiliumNetworkPolicy', ciliumPolicy],
] as const;

export function networkOwnerCases(): void {
  describe.each(kinds)('a %s among agents', (_, policy) => {
    it('is created by the deployers of its workspace, the platform’s and break-glass only', async () => {
      for (const by of ['ws-acme-deployer', 'platform-deployer', 'breakglass'] as const) {
        expect(await outcome(users[by].create(policy(), { dryRun: true }))).toBe('');
      }
      for (const by of [users['ws-globex-deployer'], users.mallory, users.alice, admin]) {
        expect(await outcome(by.create(policy(), { dryRun: true }))).toContain(
          'Only the groups portarium:deployers:ws-acme, portarium:platform-deployers and portarium:break-glass may write this network policy',
        );
        expect(await outcome(by.apply(policy(), { dryRun: true }))).toContain('Only the groups');
      }
    });

    it('belongs to a workspace of its namespace and to a stack', async () => {
      const by = users['platform-deployer'];
      expect(await outcome(by.create(policy({ workspace: 'ws-globex' }), { dryRun: true }))).toContain(
        'The label portarium.io/workspace=ws-globex names no workspace of the namespace a-agents',
      );
      expect(await outcome(by.create(without(policy(), LABELS.workspace), { dryRun: true }))).toContain(
        'names no workspace of the namespace a-agents',
      );
      expect(await outcome(by.create(without(policy(), LABELS.stack), { dryRun: true }))).toContain(
        'belongs to a stack: set the label portarium.io/stack',
      );
    });

    it('in a shared namespace belongs to one of its workspaces, each with deployers of its own', async () => {
      const of = (workspace: string) => policy({ namespace: 'a-shared', workspace });
      expect(await outcome(users['ws-globex-deployer'].create(of('ws-globex'), { dryRun: true }))).toBe('');
      expect(await outcome(users['platform-deployer'].create(of('ws-initech'), { dryRun: true }))).toBe('');
      expect(await outcome(users['ws-globex-deployer'].create(of('ws-initech'), { dryRun: true }))).toContain(
        'Only the groups portarium:deployers:ws-initech,',
      );
    });
  });

  describe.each(kinds)('a live %s', (_, policy) => {
    const live = policy({ name: 'live' });
    beforeAll(async () => {
      expect(await settled(() => users['ws-acme-deployer'].apply(live), ADMITTED)).toBe('');
    });

    it.each([
      [LABELS.stack, 'other'],
      [LABELS.workspace, 'ws-initech'],
      [LABELS.workspace, null],
      [LABELS.keep, 'policy'],
      [LABELS.opens, 'egress'],
    ])('keeps its label %s (not %s)', async (label, value) => {
      const shared = policy({ name: 'live', namespace: 'a-shared', workspace: 'ws-globex' });
      await users['platform-deployer'].apply(shared);
      const patch = { metadata: { labels: { [label]: value } } };
      for (const by of ['platform-deployer', 'breakglass'] as const) {
        expect(await outcome(users[by].mergePatch(shared, patch, { dryRun: true }))).toMatch(
          /cannot be changed|names no workspace/,
        );
      }
    });

    it('may get other labels and annotations, by its deployers only', async () => {
      const patch = { metadata: { labels: { team: 'a' }, annotations: { note: 'b' } } };
      expect(await outcome(users['ws-acme-deployer'].mergePatch(live, patch, { dryRun: true }))).toBe('');
      expect(await outcome(users.mallory.mergePatch(live, patch, { dryRun: true }))).toContain('Only the groups');
    });

    it('has no finalizers that would keep it after its deletion', async () => {
      const patch = { metadata: { finalizers: ['example.com/hold'] } };
      expect(await outcome(users['ws-acme-deployer'].mergePatch(live, patch, { dryRun: true }))).toContain(
        'A network policy has no finalizers',
      );
    });

    it('is gone after a foreground deletion, in which the garbage collector has a part', async () => {
      await users['ws-acme-deployer'].delete(live, { propagation: 'Foreground' });
      await until('it is gone', async () => (await admin.tryGet(live)) === undefined);
      await users['ws-acme-deployer'].apply(live);
    });

    it('is deleted by its deployers only', async () => {
      for (const by of ['mallory', 'ws-globex-deployer', 'admin'] as const) {
        expect(await dryDelete(by, live)).toContain('Only the groups portarium:deployers:ws-acme');
      }
      expect(await dryDelete('ws-acme-deployer', live)).toBe('');
    });
  });

  describe.each(kinds)('the deny baseline as %s', (kind, policy) => {
    const labels = { [LABELS.keep]: 'baseline' };
    const baseline = policy({ name: 'baseline', labels });
    const subject = kind === 'NetworkPolicy' ? 'podSelector' : 'endpointSelector';
    const open =
      kind === 'NetworkPolicy' ? { spec: { egress: [{}] } } : { spec: { egress: [{ toEntities: ['all'] }] } };
    beforeAll(async () => {
      expect(await settled(() => users['ws-acme-deployer'].apply(baseline), ADMITTED)).toBe('');
    });

    it('is not deleted, but by break-glass', async () => {
      for (const by of ['ws-acme-deployer', 'platform-deployer'] as const) {
        expect(await dryDelete(by, baseline)).toContain('The deny baseline is never deleted');
      }
      expect(await dryDelete('breakglass', baseline)).toBe('');
    });

    it('does not go with its collection', async () => {
      const { name } = (await admin.tryResource(baseline.apiVersion, kind))!;
      const path = `/apis/${baseline.apiVersion}/namespaces/a-agents/${name}?labelSelector=${LABELS.keep}=baseline`;
      const answer = await api(workerLab().users['platform-deployer']!)({ method: 'DELETE', path });
      expect(answer.message).toContain('The deny baseline is never deleted');
    });

    it('is not changed, but applied again as it is', async () => {
      const narrowed = { spec: { [subject]: { matchLabels: { a: 'b' } } } };
      expect(await outcome(users['ws-acme-deployer'].mergePatch(baseline, open))).toMatch(
        /The deny baseline never changes|denies and opens nothing/,
      );
      expect(await outcome(users['ws-acme-deployer'].mergePatch(baseline, narrowed))).toContain(
        'The deny baseline never changes',
      );
      expect(await outcome(users.breakglass.mergePatch(baseline, narrowed, { dryRun: true }))).toBe('');
      expect(await outcome(users['ws-acme-deployer'].apply(baseline))).toBe('');
      const annotated = { metadata: { annotations: { note: 'b' } } };
      expect(await outcome(users['ws-acme-deployer'].mergePatch(baseline, annotated))).toBe('');
    });

    it('opens nothing from the beginning', async () => {
      const wide = policy({ name: 'wide', labels, ...open });
      expect(await outcome(users['ws-acme-deployer'].create(wide, { dryRun: true }))).toContain(
        'denies and opens nothing',
      );
    });
  });

  describe('in the platform’s namespaces', () => {
    const namespace = NAMESPACES.controlPlane;
    it('network policies are written by the platform’s deployers and break-glass only', async () => {
      const policy = networkPolicy({ namespace, workspace: 'ws-acme', spec: { egress: [{}] } });
      expect(await outcome(users['platform-deployer'].create(policy, { dryRun: true }))).toBe('');
      for (const by of [users.mallory, admin]) {
        expect(await outcome(by.create(policy, { dryRun: true }))).toContain(
          "may write network policies in the platform's namespaces",
        );
      }
    });

    it('the deny baseline is kept too', async () => {
      const baseline = networkPolicy({ namespace, name: 'a-baseline', labels: { [LABELS.keep]: 'baseline' } });
      await users['platform-deployer'].apply(baseline);
      expect(await outcome(users['platform-deployer'].delete(baseline))).toContain(
        'The deny baseline is never deleted',
      );
      expect(await outcome(users.breakglass.delete(baseline))).toBe('');
    });
  });
}
