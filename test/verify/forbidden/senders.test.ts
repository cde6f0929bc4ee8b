import { describe, expect, it } from 'vitest';
import { Cluster } from '../../../src/bridge/cluster.js';
import { Unsendable } from '../../../src/verify/forbidden/request.js';
import { sendersOf } from '../../../src/verify/forbidden/senders.js';
import { fakeApi } from '../../bridge/fake-api.js';

const REVIEWS = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
const me = (username: string, groups: readonly string[] = []) => ({
  body: { status: { userInfo: { username, groups } } },
});
const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'n' } };

describe('a cluster admin', () => {
  const admin = () =>
    fakeApi(({ path, method }) =>
      path === REVIEWS ? me('portarium:verify', ['system:masters']) : method === 'POST' ? { status: 201 } : undefined,
    );

  it('sends in the name of portarium:verify, whom RBAC refuses nothing, and in no other group', async () => {
    const api = admin();
    const senders = await sendersOf(new Cluster(api));
    await senders.of().create(map, { dryRun: true });
    expect(api.requests.at(-1)!.headers).toEqual({
      'Impersonate-User': 'portarium:verify',
      'Impersonate-Group': ['system:masters'],
    });
    expect(senders.onlyOwn).toBeUndefined();
  });

  it('sends as another principal where a request takes that', async () => {
    const api = admin();
    const senders = await sendersOf(new Cluster(api));
    await senders.of({ user: 'who', groups: ['portarium:approvers'] }).create(map, { dryRun: true });
    expect(api.requests.at(-1)!.headers).toEqual({
      'Impersonate-User': 'who',
      'Impersonate-Group': ['system:masters', 'portarium:approvers'],
    });
  });
});

describe('who may not impersonate', () => {
  const api = fakeApi(({ path, method }) => {
    if (path === REVIEWS) return { status: 403, body: { message: 'cannot impersonate resource "users"' } };
    return method === 'POST' ? { status: 201 } : undefined;
  });

  it('sends in their own name', async () => {
    const senders = await sendersOf(new Cluster(api));
    await senders.of().create(map, { dryRun: true });
    expect(api.requests.at(-1)!.headers).toBeUndefined();
    expect(senders.onlyOwn).toContain('cannot impersonate');
  });

  it.each([me('alice', ['system:masters']), me('portarium:verify')])(
    'is who another’s name makes no other of (%#)',
    async (answer) => {
      const deaf = fakeApi(({ path }) => (path === REVIEWS ? answer : undefined));
      expect((await sendersOf(new Cluster(deaf))).onlyOwn).toContain('all the same');
    },
  );

  it('does not send what takes another’s groups, and says which', async () => {
    const senders = await sendersOf(new Cluster(api));
    expect(() => senders.of({ groups: ['portarium:platform-deployers'] })).toThrow(Unsendable);
    expect(() => senders.of({ groups: ['portarium:platform-deployers'] })).toThrow(
      'it must be sent as a member of portarium:platform-deployers, and the caller may not impersonate one (cluster admins may)',
    );
  });
});
