import { beforeAll, describe, expect, it } from 'vitest';
import { LABELS, NAMESPACES } from '../../../src/model/names.js';
import { networkPolicy, openEgress, openFront, platform, policyOf, relaxation, workspace } from './fixture.js';
import { admin, ADMITTED, dryDelete, install, outcome, settled, until, users } from './install.js';

export function guardsModeCases(): void {
  describe('with the platform’s guards at audit', () => {
    beforeAll(() => install({ ...platform, guards: 'audit' }));

    it('network objects are warned of and admitted', async () => {
      const foreign = networkPolicy({ spec: { egress: [{}] } });
      await until('the warnings come', async () => {
        const attempt = users.mallory.create(foreign, { dryRun: true });
        return (await outcome(attempt)) === '' && (await attempt).warnings.length >= 2;
      });
      const { warnings } = await users.mallory.create(foreign, { dryRun: true });
      expect(warnings.join('\n')).toContain('Only the groups portarium:deployers:ws-acme');
      expect(warnings.join('\n')).toContain('Each egress rule must name its peers');
    });

    it('what opens is admitted too, with or without a policy of the workspace', async () => {
      const { namespace } = platform.workspaces.find(({ id }) => id === 'ws-pending')!;
      const opens = openEgress({ namespace, workspace: 'ws-pending', labels: { [LABELS.relaxation]: 'none' } });
      expect(await settled(() => users['platform-deployer'].create(opens, { dryRun: true }), ADMITTED)).toBe('');
    });

    it('a workspace may not rise above routing, but stay where it is', async () => {
      const pending = policyOf(workspace('ws-pending', 'enforced'));
      const by = users['platform-deployer'];
      expect(await settled(() => by.create(pending, { dryRun: true }), /audit/)).toContain(
        'A workspace may not rise above routing while the platform’s guards are "audit".',
      );
      expect(await outcome(by.create(policyOf(workspace('ws-pending', 'routing')), { dryRun: true }))).toBe('');
      expect(await outcome(by.apply(policyOf(workspace('ws-acme', 'identity')), { dryRun: true }))).toBe('');
      expect(await outcome(by.apply(policyOf(workspace('ws-acme', 'allowlist')), { dryRun: true }))).toContain(
        'may not rise above routing',
      );
    });

    it('beside the control plane a workspace’s deployers may write no more than ever', async () => {
      const by = users['ws-globex-deployer'];
      const own = networkPolicy({ namespace: NAMESPACES.controlPlane, workspace: 'ws-globex' });
      expect(await settled(() => by.create(own, { dryRun: true }), /./)).toContain('and nothing else');
      const wide = openFront({ spec: { ingress: [{}] } });
      expect(await outcome(by.create(wide, { dryRun: true }))).toContain('must name its peers');
    });

    it('Relaxations and policies are refused as ever', async () => {
      const foreign = relaxation({ name: 'audit', by: 'bob' });
      expect(await outcome(users.alice.create(foreign, { dryRun: true }))).toContain('requestedBy must be');
      expect(await dryDelete('admin', policyOf(workspace('ws-acme', 'identity')))).toContain('is not deleted');
    });
  });

  describe('a network policy from before', () => {
    const legacy = {
      ...networkPolicy({ name: 'legacy', spec: { podSelector: {}, egress: [{}] } }),
      metadata: { name: 'legacy', namespace: 'a-agents' },
    };

    it('is neither adopted nor changed, but the platform’s deployers may delete it', async () => {
      expect(await settled(() => users.mallory.create(legacy), ADMITTED)).toBe('');
      await install();
      const by = users['platform-deployer'];
      const adopted = { metadata: { labels: { [LABELS.stack]: 'ws-acme', [LABELS.workspace]: 'ws-acme' } } };
      expect(await outcome(by.mergePatch(legacy, adopted))).toContain('cannot be changed');
      const other = { spec: { egress: [{ ports: [{ port: 443 }] }] } };
      expect(await outcome(by.mergePatch(legacy, other))).toContain('Each egress rule must name its peers');
      expect(await dryDelete('ws-acme-deployer', legacy)).toContain('Only the groups portarium:platform-deployers');
      await by.delete(legacy, { propagation: 'Foreground' });
      await until('it is gone', async () => (await admin.tryGet(legacy)) === undefined);
    });
  });

  describe('a namespace that is being deleted', () => {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a-pending' } };
    const labels = { [LABELS.keep]: 'baseline' };
    const baseline = networkPolicy({ namespace: 'a-pending', workspace: 'ws-pending', name: 'baseline', labels });

    it('takes its baseline along, which nobody else may delete', async () => {
      await install();
      await users['platform-deployer'].apply(baseline);
      const path = { ...baseline, kind: 'NetworkPolicy' };
      expect(await outcome(users['platform-deployer'].delete(path))).toContain('The deny baseline is never deleted');
      await admin.delete(namespace);
      await until('the namespace is gone', async () => (await admin.tryGet(namespace)) === undefined);
    });
  });
}
