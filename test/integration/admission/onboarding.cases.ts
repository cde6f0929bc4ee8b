import { beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { API_VERSION, NAMESPACES } from '../../../src/model/names.js';
import { admin, dryDelete, outcome, users } from './install.js';

const onboarding = (pending: readonly string[], name = 'front', namespace: string = NAMESPACES.policy): KubeObject => ({
  apiVersion: API_VERSION,
  kind: 'Onboarding',
  metadata: { name, namespace },
  spec: { pending },
});
const by = users['platform-deployer'];
const applied = (pending: readonly string[], as = by): Promise<string> =>
  outcome(as.apply(onboarding(pending), { dryRun: true }));

export function onboardingCases(): void {
  describe('the Onboarding', () => {
    const ids = Array.from({ length: 898 }, (_, index) => `ws-${index}`);
    beforeAll(async () => {
      await by.apply(onboarding(['ws-globex', 'ws-pending', ...ids]));
    });

    it('only shrinks', async () => {
      expect(await applied(['ws-pending', ...ids])).toBe('');
      expect(await applied([])).toBe('');
      await by.apply(onboarding(['ws-pending', 'ws-globex']));
      for (const longer of [['ws-globex', 'ws-pending', 'ws-acme'], ['ws-acme'], ['ws-0']]) {
        expect(await applied(longer)).toContain('only shrinks: a workspace that is not on it any more needs a');
      }
    });

    it('is the platform’s to write', async () => {
      expect(await applied(['ws-pending'], users.breakglass)).toBe('');
      for (const as of [users['ws-acme-deployer'], users.mallory, users.dana, admin]) {
        expect(await applied(['ws-pending'], as)).toContain(
          'Only the groups portarium:platform-deployers and portarium:break-glass may say which workspaces',
        );
      }
    });

    it('is one, in portarium-policy', async () => {
      const second = onboarding(['ws-acme'], 'second');
      expect(await outcome(by.create(second, { dryRun: true }))).toContain('metadata.name must be front');
      const elsewhere = onboarding(['ws-acme'], 'front', 'a-agents');
      expect(await outcome(by.create(elsewhere, { dryRun: true }))).toContain(
        'lives in the namespace portarium-policy',
      );
    });

    it('is not deleted, but by break-glass', async () => {
      for (const name of ['platform-deployer', 'admin'] as const) {
        expect(await dryDelete(name, onboarding([]))).toContain('The Onboarding is not deleted');
      }
      expect(await dryDelete('breakglass', onboarding([]))).toBe('');
    });
  });
}
