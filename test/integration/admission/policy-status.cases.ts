import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { Cluster } from '../../../src/bridge/cluster.js';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { policyOf, workspace } from './fixture.js';
import { admin, outcome, users } from './install.js';
import { workerLab } from '../worker-lab.js';

const ACCOUNT = { name: 'api-server', namespace: 'portarium-control-plane' } as const;
const policy = policyOf(workspace('ws-globex', 'routing'));
const row = (replica: string, hash = 'a') => ({
  replica,
  hash: hash.repeat(64),
  time: '2026-11-22T10:00:00Z',
});

const pod = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: ACCOUNT.namespace },
  spec: { serviceAccountName: ACCOUNT.name, containers: [{ name: 'api', image: 'registry.example.com/api:1' }] },
});

/** ws-globex has a policy; the tokens are the API server's own. */
export function policyStatusCases(): void {
  describe('which policy a replica of the front has loaded', () => {
    const dir = mkdtempSync(join(tmpdir(), 'status-'));
    const clusters: Cluster[] = [];
    let first: Cluster;
    let unbound: Cluster;

    async function connectAs(boundTo?: string): Promise<Cluster> {
      const uid = boundTo === undefined ? undefined : (await admin.get(pod(boundTo))).metadata.uid;
      const body = {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { ...(uid && { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: boundTo, uid } }) },
      };
      const ref = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: ACCOUNT };
      const { status } = (await admin.subresource('POST', ref, 'token', { body })) as { status: { token: string } };
      const config = parse(readFileSync(workerLab().kubeconfig, 'utf8')) as { users: object[] };
      const path = join(dir, `${boundTo ?? 'unbound'}.yaml`);
      const token = config.users.map((entry) => ({ ...entry, user: { token: status.token } }));
      writeFileSync(path, stringify({ ...config, users: token }), { mode: 0o600 });
      const cluster = await Cluster.connect({ kubeconfig: path });
      clusters.push(cluster);
      return cluster;
    }

    async function put(as: Cluster, observed: readonly object[], dryRun = true): Promise<string> {
      const live = await admin.get(policy);
      const body = { ...live, status: { observed } };
      return outcome(as.subresource('PUT', policy, 'status', { body, ...(dryRun && { query: { dryRun: 'All' } }) }));
    }

    beforeAll(async () => {
      await admin.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: ACCOUNT });
      await admin.apply({
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name: 'a-status-test' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
        subjects: [{ kind: 'ServiceAccount', ...ACCOUNT }],
      });
      await admin.apply(pod('api-server-0'));
      first = await connectAs('api-server-0');
      unbound = await connectAs();
    });
    afterAll(async () => {
      for (const cluster of clusters) cluster.close();
      rmSync(dir, { recursive: true, force: true });
      await admin.delete(pod('api-server-0'));
      await admin.delete({
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name: 'a-status-test' },
      });
    });

    it('is said by the authorizer’s account, and nobody else', async () => {
      expect(await put(first, [row('api-server-0')])).toBe('');
      for (const as of [admin, users['platform-deployer'], users['ws-globex-deployer'], users.breakglass]) {
        expect(await put(as, [row('api-server-0')])).toContain(
          'Only the front’s authorizer (service account api-server in portarium-control-plane) says which policy',
        );
      }
    });

    it('is said by each replica for itself, where the token says which it is', async () => {
      expect(await put(unbound, [row('api-server-0'), row('api-server-1')], false)).toBe('');
      const words = 'The replica api-server-0 says only for itself which policy it has loaded';
      expect(await put(first, [row('api-server-0', 'b'), row('api-server-1')])).toBe('');
      expect(await put(first, [row('api-server-0')])).toBe('');
      expect(await put(first, [row('api-server-0'), row('api-server-1', 'b')])).toContain(words);
      expect(await put(first, [row('api-server-0'), row('api-server-1'), row('api-server-2')])).toContain(words);
    });
  });
}
