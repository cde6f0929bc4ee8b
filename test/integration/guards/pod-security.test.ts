import { afterAll, beforeAll, expect, it } from 'vitest';
import { podSecurityLabels } from '../../../src/constructs/guards/pod-security.js';
import { create } from './cases/case.js';
import { pod } from './fixture.js';
import { admin, settled } from './setup.js';

const spaces = {
  'g-security-deny': podSecurityLabels('restricted', 'deny'),
  'g-security-audit': podSecurityLabels('restricted', 'audit'),
  'g-security-spire': podSecurityLabels('privileged', 'deny'),
};

const restricted = {
  spec: { securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } } },
  container: { securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } },
};
const onHost = { spec: { hostNetwork: true, volumes: [{ name: 'root', hostPath: { path: '/' } }] } };

beforeAll(async () => {
  for (const [name, labels] of Object.entries(spaces)) {
    const path = '/api/v1/namespaces';
    await admin({ method: 'POST', path, body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } } });
    await settled(
      () => admin(create(pod({ namespace: name, ...restricted }))),
      ({ status }) => status === 201,
    );
  }
});
afterAll(async () => {
  for (const name of Object.keys(spaces)) await admin({ method: 'DELETE', path: `/api/v1/namespaces/${name}` });
});

it('deny: a pod on the host is refused, a restricted one is not', async () => {
  const namespace = 'g-security-deny';
  expect((await admin(create(pod({ namespace, ...onHost })))).message).toMatch(
    /violates PodSecurity "restricted:v1.36"/,
  );
  expect(await admin(create(pod({ namespace, ...restricted })))).toMatchObject({ status: 201, warnings: [] });
});

it('audit: the same pod is admitted with a warning', async () => {
  const answer = await admin(create(pod({ namespace: 'g-security-audit', ...onHost })));
  expect(answer.status).toBe(201);
  expect(answer.warnings.join()).toContain('would violate PodSecurity "restricted:latest"');
});

it('privileged: the same pod is admitted', async () => {
  expect(await admin(create(pod({ namespace: 'g-security-spire', ...onHost })))).toMatchObject({
    status: 201,
    warnings: [],
  });
});
