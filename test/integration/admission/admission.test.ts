import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { platform } from './fixture.js';
import { admin, admission, install, uninstall, until } from './install.js';

beforeAll(() => install());
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
