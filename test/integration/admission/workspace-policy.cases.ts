import { beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { LEVELS, modesAt } from '../../../src/model/levels.js';
import { LABELS, NAMESPACES } from '../../../src/model/names.js';
import { api } from '../guards/api.js';
import { policyOf, workspace } from './fixture.js';
import { admin, ADMITTED, approve, definitions, dryDelete, outcome, refusalOf, settled, users } from './install.js';
import { workerLab } from '../worker-lab.js';

const DRY = { dryRun: true } as const;
type Spec = Record<string, unknown>;
const withSpec = (object: KubeObject, changes: Spec): KubeObject => {
  const spec = { ...(object['spec'] as Spec), ...changes };
  const labels = { ...object.metadata.labels, [LABELS.level]: spec['reachedLevel'] as string };
  return { ...object, metadata: { ...object.metadata, labels }, spec };
};

const pending = policyOf(workspace('ws-pending', 'routing'));
const created = (changes: Spec): Promise<string> =>
  outcome(users['platform-deployer'].create(withSpec(pending, changes), { dryRun: true }));

const applied = (level: (typeof LEVELS)[number], changes: Spec = {}): Promise<string> =>
  outcome(users['ws-acme-deployer'].apply(withSpec(policyOf(workspace('ws-acme', level)), changes), { dryRun: true }));

export function workspacePolicyCases(): void {
  describe('a WorkspacePolicy', () => {
    beforeAll(async () => {
      await approve(workspace('ws-pending', 'routing'));
      await settled(() => users['platform-deployer'].create(policyOf(workspace('ws-pending', 'authz')), DRY), ADMITTED);
    });

    it('is written by the workspace’s deployers, the platform’s and break-glass, and nobody else', async () => {
      const policy = policyOf(workspace('ws-acme', 'identity'));
      for (const by of ['ws-acme-deployer', 'platform-deployer', 'breakglass'] as const) {
        expect(await outcome(users[by].apply(policy, { dryRun: true }))).toBe('');
      }
      for (const by of [users['ws-globex-deployer'], users.mallory, users.bob, admin]) {
        expect(await outcome(by.apply(policy, { dryRun: true }))).toContain(
          'Only the groups portarium:deployers:ws-acme, portarium:platform-deployers and portarium:break-glass may write the WorkspacePolicy ws-acme.',
        );
      }
    });

    it('is for a workspace of the platform, in its namespace, in portarium-policy', async () => {
      expect(await created({})).toBe('');
      expect(await created({ namespace: 'a-agents' })).toContain(
        'The platform stack does not place a workspace ws-pending in a-agents.',
      );
      const other = withSpec(
        { ...pending, metadata: { ...pending.metadata, name: 'ws-other' } },
        { workspaceId: 'ws-other' },
      );
      expect(await outcome(users['platform-deployer'].create(other, { dryRun: true }))).toContain(
        'does not place a workspace ws-other in a-pending',
      );
      const elsewhere = { ...pending, metadata: { ...pending.metadata, namespace: 'a-pending' } };
      expect(await outcome(users['platform-deployer'].create(elsewhere, { dryRun: true }))).toContain(
        'WorkspacePolicies live in the namespace portarium-policy',
      );
    });

    it('has the name of its workspace', async () => {
      expect(await created({ workspaceId: 'ws-acme', namespace: 'a-agents' })).toContain(
        'metadata.name must be spec.workspaceId',
      );
    });

    it.each(LEVELS)('has the modes of its level: %s', async (level) => {
      expect(await created({ reachedLevel: level, modes: modesAt(level) })).toBe('');
      for (const other of LEVELS) {
        if (other === level) continue;
        expect(await created({ reachedLevel: level, modes: modesAt(other) })).toContain(
          'must be the preset of reachedLevel',
        );
      }
    });

    it('rises and never falls', async () => {
      const live = await admin.get(policyOf(workspace('ws-acme', 'routing')));
      expect(live['spec']).toMatchObject({ reachedLevel: 'identity' });
      expect(await applied('identity')).toBe('');
      expect(await applied('enforced')).toBe('');
      expect(await applied('authz')).toContain('reachedLevel only rises. To go back for a while, ask for a Relaxation');
      expect(await applied('routing')).toContain('reachedLevel only rises');
    });

    it('keeps its workspace and namespace', async () => {
      expect(await applied('identity', { namespace: 'a-shared' })).toContain('namespace cannot be changed');
      expect(await applied('identity', { workspaceId: 'ws-globex' })).toContain('workspaceId cannot be changed');
    });

    it('binds each agent to the identity of its own name', async () => {
      const agent = {
        name: 'bot',
        serviceAccount: 'bot',
        spiffeId: 'spiffe://portarium.io/ns/a-pending/sa/bot',
        risk: 'low',
      };
      expect(await created({ agents: [agent] })).toBe('');
      const words = 'Each agent has the service account of its own name';
      expect(await created({ agents: [{ ...agent, serviceAccount: 'other' }] })).toContain(words);
      expect(await created({ agents: [{ ...agent, spiffeId: 'spiffe://portarium.io/ns/a-agents/sa/bot' }] })).toContain(
        words,
      );
      expect(
        await created({ agents: [{ ...agent, spiffeId: 'spiffe://portarium.io/ns/a-pending/sa/robot' }] }),
      ).toContain(words);
      expect(await created({ agents: [agent, agent] })).toContain('Duplicate value');
    });

    it.each([
      ['a tool twice', { allowedTools: [1, 2].map(() => ({ tool: 'a:b', tier: 'Auto' })) }, 'Duplicate value'],
      ['an unknown tier', { allowedTools: [{ tool: 'a:b', tier: 'Free' }] }, 'Unsupported value'],
      ['another default than Deny', { defaultAction: 'Allow' }, 'Unsupported value'],
      [
        'DNS to the world',
        { systemsOfRecord: [{ host: 'dns.example.com', ports: [53] }] },
        'port 53 to the world is never opened',
      ],
      [
        'a wildcard host',
        { systemsOfRecord: [{ host: '*.example.com', ports: [443] }] },
        'spec.systemsOfRecord[0].host',
      ],
      ['a pipeline as approver', { approvers: ['system:serviceaccount:ci:robot'] }, 'a pipeline cannot approve'],
      ['a hash that is none', { policyHash: 'abc' }, 'spec.policyHash'],
    ])('is refused with %s', async (_, changes, words) => {
      expect(await created(changes)).toContain(words);
    });

    it('is not deleted, but by break-glass', async () => {
      const policy = policyOf(workspace('ws-acme', 'identity'));
      for (const by of ['ws-acme-deployer', 'platform-deployer', 'admin'] as const) {
        expect(await dryDelete(by, policy)).toContain(
          'A WorkspacePolicy is not deleted: with it the level that was reached would be forgotten.',
        );
      }
      expect(await dryDelete('breakglass', policy)).toBe('');
    });

    it('does not go with its CRD or its namespace', async () => {
      for (const definition of definitions) {
        expect(await dryDelete('admin', definition)).toContain('This CRD is not deleted');
        expect(await dryDelete('breakglass', definition)).toBe('');
      }
      const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACES.policy } };
      expect(await dryDelete('admin', namespace)).toContain('The namespace portarium-policy is not deleted');
      expect(await dryDelete('breakglass', namespace)).toBe('');
    });

    it('does not go with all of its kind, or with all CRDs', async () => {
      const all = async (path: string): Promise<string> =>
        refusalOf(await api(workerLab().kubeconfig)({ method: 'DELETE', path, body: { dryRun: ['All'] } }));
      const policies = `/apis/enforcement.portarium.io/v1alpha1/namespaces/${NAMESPACES.policy}/workspacepolicies`;
      expect(await all(policies)).toContain('A WorkspacePolicy is not deleted');
      const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
      for (const { metadata } of definitions) {
        expect(await all(`${crds}?fieldSelector=metadata.name=${metadata.name}`)).toContain('This CRD is not deleted');
      }
    });

    it('is not loosened by way of its CRD, which only the platform’s deployers change', async () => {
      const [definition] = definitions;
      const loosened = { metadata: { labels: { a: 'b' } }, spec: { names: { shortNames: ['wsp'] } } };
      expect(await outcome(users.mallory.mergePatch(definition!, loosened, { dryRun: true }))).toContain(
        'may change this CRD: its rules hold that a reached level never falls',
      );
      expect(
        await outcome(
          users.mallory.mergePatch(definition!, { metadata: { annotations: { a: 'b' } } }, { dryRun: true }),
        ),
      ).toBe('');
      expect(await outcome(users['platform-deployer'].mergePatch(definition!, loosened, { dryRun: true }))).toBe('');
    });

    it('says per replica which policy is observed, apart from its spec', async () => {
      const observed = [{ replica: 'api-server-0', hash: 'a'.repeat(64), time: '2026-11-22T10:00:00Z' }];
      const policy = policyOf(workspace('ws-acme', 'identity'));
      const live = await users['ws-acme-deployer'].mergePatch(policy, { status: { observed } }, { dryRun: true });
      expect(live.object['status']).toBeUndefined();
    });
  });
}
