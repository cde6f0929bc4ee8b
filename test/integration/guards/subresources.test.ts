import { afterAll, beforeAll, expect, it } from 'vitest';
import { pathOf } from './cases/case.js';
import { OUTSIDE, pod } from './fixture.js';
import { admin, settled, until } from './setup.js';

/** What guards and policies rest on: which subresources write labels, and whose `kubernetes.io/metadata.name` is. */

const path = `${pathOf('Pod', OUTSIDE)}/written`;
/** kwok's nodes support no resizing; a pod that waits for a node may be resized. */
const waiting = `${pathOf('Pod', OUTSIDE)}/waiting`;
const namespacePath = '/api/v1/namespaces/g-subresources';
const labelled = { metadata: { labels: { written: 'yes' } } };

const created = (collection: string, body: object) =>
  settled(
    () => admin({ method: 'POST', path: collection, body }),
    ({ status }) => status === 201 || status === 409,
  );

beforeAll(async () => {
  for (const name of [OUTSIDE, 'g-subresources']) {
    await created('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  await created(pathOf('Pod', OUTSIDE), pod({ namespace: OUTSIDE, name: 'written' }));
  const nodeSelector = { 'kubernetes.io/hostname': 'nowhere' };
  await created(pathOf('Pod', OUTSIDE), pod({ namespace: OUTSIDE, name: 'waiting', spec: { nodeSelector } }));
  await until('the pod runs', async () => (await admin({ method: 'GET', path })).body.status.phase === 'Running');
});
afterAll(async () => {
  for (const pod of [path, waiting]) await admin({ method: 'DELETE', path: pod });
});

const patched = (subresource: string, pod = path) =>
  admin({ method: 'PATCH', path: `${pod}/${subresource}?dryRun=All`, body: labelled });

it('pods/status writes labels', async () => {
  expect((await patched('status')).body.metadata.labels.written).toBe('yes');
});

it('pods/ephemeralcontainers leaves labels as they are', async () => {
  const { status, body } = await patched('ephemeralcontainers');
  expect(status).toBe(200);
  expect(body.metadata.labels).toBeUndefined();
});

it('pods/resize leaves labels as they are', async () => {
  const { status, body, message } = await patched('resize', waiting);
  expect(message).toBe('');
  expect(status).toBe(200);
  expect(body.metadata.labels).toBeUndefined();
});

it('namespaces/status and namespaces/finalize write labels', async () => {
  const { body } = await admin({ method: 'PATCH', path: `${namespacePath}/status?dryRun=All`, body: labelled });
  expect(body.metadata.labels.written).toBe('yes');
  const finalized = await admin({
    method: 'PUT',
    path: `${namespacePath}/finalize?dryRun=All`,
    body: {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'g-subresources', ...labelled.metadata },
      spec: { finalizers: ['kubernetes'] },
    },
  });
  expect(finalized.body.metadata.labels.written).toBe('yes');
});

it('nobody gives a namespace the name of another by its label, or takes the label away', async () => {
  const name = (value: string | null) => ({ metadata: { labels: { 'kubernetes.io/metadata.name': value } } });
  const written = (value: string | null) =>
    admin({ method: 'PATCH', path: `${namespacePath}?dryRun=All`, body: name(value) });
  for (const value of ['portarium-control-plane', null]) {
    const { body } = await written(value);
    expect(body.metadata.labels['kubernetes.io/metadata.name']).toBe('g-subresources');
  }
  const path = '/api/v1/namespaces?dryRun=All';
  const impostor = { ...name('portarium-control-plane').metadata, name: 'g-impostor' };
  const { body } = await admin({
    method: 'POST',
    path,
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: impostor },
  });
  expect(body.metadata.labels['kubernetes.io/metadata.name']).toBe('g-impostor');
});
