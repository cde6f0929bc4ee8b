import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { authorizationModelCases } from './authorization-model.cases.js';
import { ciliumShapeCases } from './cilium-shape.cases.js';
import { clockCases } from './clock.cases.js';
import { clusterWideCases } from './cluster-wide.cases.js';
import { platform, policyOf, workspace } from './fixture.js';
import { admin, ADMITTED, admission, approve, install, settled, uninstall, until, users } from './install.js';
import { onboardingCases } from './onboarding.cases.js';
import { policyStatusCases } from './policy-status.cases.js';
import { policyApprovalCases } from './policy-approval.cases.js';
import { foreignKindsCases } from './foreign-kinds.cases.js';
import { guardsModeCases } from './guards-mode.cases.js';
import { networkFrontCases } from './network-front.cases.js';
import { networkOpensCases } from './network-opens.cases.js';
import { networkOwnerCases } from './network-owner.cases.js';
import { networkShapeCases } from './network-shape.cases.js';
import { renderedCases } from './rendered.cases.js';
import { relaxationCases } from './relaxation.cases.js';
import { workspacePolicyCases } from './workspace-policy.cases.js';

beforeAll(async () => {
  await install();
  for (const [by, of] of [
    ['ws-acme-deployer', workspace('ws-acme', 'identity')],
    ['ws-globex-deployer', workspace('ws-globex', 'routing')],
    ['platform-deployer', workspace('ws-initech', 'routing')],
  ] as const) {
    if (of.id !== 'ws-globex') await approve(of);
    expect(await settled(() => users[by].apply(policyOf(of)), ADMITTED)).toBe('');
  }
});
afterAll(uninstall);

describe('every policy', () => {
  const policies = admission(platform).filter(({ kind }) => kind === 'ValidatingAdmissionPolicy');

  it.each(policies.map((policy) => [policy.metadata.name, policy] as const))(
    '%s has no type error',
    async (_, policy) => {
      let status: { typeChecking?: { expressionWarnings?: unknown[] } } | undefined;
      await until('types are checked', async () => {
        const live = await admin.get(policy);
        status = live['status'] as typeof status;
        return status?.typeChecking !== undefined;
      });
      expect(status?.typeChecking?.expressionWarnings ?? []).toEqual([]);
    },
  );

  it('is stored exactly as rendered', async () => {
    for (const object of admission(platform)) {
      const live: KubeObject = await admin.get(object);
      expect(live['spec']).toEqual(object['spec']);
    }
  });
});

relaxationCases();
workspacePolicyCases();
authorizationModelCases();
policyApprovalCases();
policyStatusCases();
onboardingCases();
networkOwnerCases();
networkShapeCases();
ciliumShapeCases();
clusterWideCases();
foreignKindsCases();
networkFrontCases();
networkOpensCases();
clockCases();
renderedCases();
guardsModeCases();
