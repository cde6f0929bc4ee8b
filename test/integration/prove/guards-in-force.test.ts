import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { guardsInForce } from '../../../src/prove/claims/admissible-guards.js';
import { proveWriteAccess } from '../../../src/prove/claims/write-access.js';
import { GUARDS, PLACES, RENDERED } from '../../prove/claims/stack.js';
import { api } from '../guards/api.js';
import { workerLab } from '../worker-lab.js';

const admin = api(workerLab().kubeconfig);
const ADMISSION = '/apis/admissionregistration.k8s.io/v1';
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const COLLECTION: Readonly<Record<string, string>> = {
  ValidatingAdmissionPolicy: 'validatingadmissionpolicies',
  ValidatingAdmissionPolicyBinding: 'validatingadmissionpolicybindings',
};

/** What a real API server says, without that anything is written. */
describe('on a real API server', () => {
  it('guards come back as they were rendered, so that all are in force', async () => {
    const live: KubeObject[] = [];
    for (const object of RENDERED.filter(({ kind }) => kind in COLLECTION)) {
      const path = `${ADMISSION}/${COLLECTION[object.kind]}?dryRun=All`;
      const { status, body } = await admin({ method: 'POST', path, body: object });
      expect([object.metadata.name, status]).toEqual([object.metadata.name, 201]);
      live.push(body as KubeObject);
    }
    expect([...guardsInForce(RENDERED, live)].sort()).toEqual([...GUARDS].sort());
  });

  it('its own roles and bindings give nobody but the control plane what claim W protects', async () => {
    const objects: KubeObject[] = [];
    for (const kind of ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding']) {
      const { body } = await admin({ method: 'GET', path: `${RBAC}/${kind.toLowerCase()}s` });
      const { items } = body as { items: readonly KubeObject[] };
      objects.push(...items.map((item) => ({ ...item, apiVersion: 'rbac.authorization.k8s.io/v1', kind })));
    }
    const own = objects.filter(({ metadata }) => metadata.labels?.['kubernetes.io/bootstrapping'] === 'rbac-defaults');
    expect(own.length).toBeGreaterThan(100);
    const verdict = proveWriteAccess({ ...PLACES, objects: own, complete: true, guards: new Set() });
    expect(verdict).toMatchObject({ verdict: 'proved', counterExamples: [], reasons: [] });
  });
});
