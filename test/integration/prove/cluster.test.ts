import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Kept } from '../../../src/model/kept.js';
import type { ClaimName, ClaimVerdict } from '../../../src/prove/claims/claim.js';
import type { Proof } from '../../../src/prove/claims/prove.js';
import type { ProofResult } from '../../../src/prove/index.js';
import { enforce } from '../../cli/run.js';
import { deploy, type Deployed } from '../verify/fixture.js';

describe('prove --cluster, on a real API server', () => {
  const kept = mkdtempSync(join(tmpdir(), 'portarium-proofs-'));
  let deployed: Deployed;
  beforeAll(async () => (deployed = await deploy()), 120_000);
  afterAll(async () => {
    rmSync(kept, { recursive: true });
    await deployed?.end();
  });

  async function prove(
    ...more: readonly string[]
  ): Promise<{ readonly code: number; readonly claim: (name: ClaimName) => ClaimVerdict }> {
    const { kubeconfig } = deployed.lab;
    const stack = ['--stack', 'ws-acme', '--level', 'enforced'];
    const args = ['--cluster', '--kubeconfig', kubeconfig, '--out', kept, '--json', ...more];
    const { code, stdout } = await enforce('prove', ...stack, ...args);
    const { proofs } = JSON.parse(stdout) as { proofs: [Proof] };
    return { code, claim: (name) => proofs[0].claims.find(({ claim }) => claim === name)! };
  }

  it('finds the stacks as deployed without a hole, and says what a cluster without a network layer leaves open', async () => {
    const { code, claim } = await prove();
    expect(claim('P')).toMatchObject({ verdict: 'inconclusive', counterExamples: [] });
    expect(claim('P').reasons).toEqual([expect.stringMatching(/No DaemonSet is one of the network layers known here/)]);
    expect(['I', 'D', 'W'].map((name) => claim(name as ClaimName).verdict)).toEqual(['proved', 'proved', 'proved']);
    // Secrets are listed; what Vault gives to agents somebody else has to say.
    expect(claim('C').reasons).toEqual([expect.stringMatching(/^Vault’s policies for agents were not read/)]);
    expect(code).toBe(10);
    const [file] = readdirSync(kept);
    const { result } = JSON.parse(readFileSync(join(kept, file!), 'utf8')) as Kept<ProofResult>;
    const { server } = deployed.admin;
    expect(result).toMatchObject({ server, by: 'lab-admin', level: 'enforced', source: { kind: 'cluster' } });
    expect(result.claims[1]!.evidence).toEqual([
      `${result.source.objects} objects as they were live, sha256 ${result.source.sha256}`,
      expect.stringMatching(/^the names and types of \d+ Secrets, as they were live$/),
    ]);
  });

  it('proves zero bypass where a network layer is known and somebody read Vault', async () => {
    const { admin, lab } = deployed;
    // What an installation of Cilium leaves in the API; that it enforces is what the proof takes from it.
    const labels = { 'k8s-app': 'cilium' };
    const metadata = { name: 'cilium', namespace: 'kube-system', labels };
    const containers = [{ name: 'cilium-agent', image: 'quay.io/cilium/cilium:v1.20.2' }];
    const settings = { 'enable-policy': 'default', 'enable-k8s-cluster-network-policy': 'true' };
    const installed = [
      await admin.create({
        apiVersion: 'apps/v1',
        kind: 'DaemonSet',
        metadata,
        spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
      }),
      await admin.create({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { ...metadata, name: 'cilium-config' },
        data: settings,
      }),
    ].map(({ object }) => object);
    const vault = join(kept, 'vault.yaml');
    writeFileSync(vault, 'source: dana, vault policy read\ngrants: []\n');
    try {
      const ready = async () => ((await admin.get(installed[0]!))['status'] as { numberReady?: number }).numberReady;
      await expect.poll(ready, { timeout: 20_000 }).toBe(2);
      const { code, claim } = await prove('--vault-evidence', vault);
      const found = ['I', 'P', 'D', 'C', 'W'].map((name) => claim(name as ClaimName));
      expect(found.flatMap(({ reasons, counterExamples }) => [...reasons, ...counterExamples])).toEqual([]);
      expect(found.map(({ verdict }) => verdict)).toEqual(Array(5).fill('proved'));
      expect(code).toBe(0);
      const stack = ['--stack', 'ws-acme', '--level', 'enforced'];
      const args = ['--cluster', '--kubeconfig', lab.kubeconfig, '--vault-evidence', vault];
      expect((await enforce('prove', ...stack, ...args)).stdout).toMatch(/zero bypass/i);
    } finally {
      for (const object of installed) await admin.delete(object);
    }
  });

  it('finds who was given the right to write network policies, and a Secret that any agent could mount', async () => {
    const { admin } = deployed;
    const rbac = 'rbac.authorization.k8s.io';
    const binding = await admin.create({
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'helpful' },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'User', name: 'mallory', apiGroup: rbac }],
    });
    const secret = await admin.create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'hubspot', namespace: 'portarium-agents' },
      stringData: { key: 'x' },
    });
    try {
      const { code, claim } = await prove();
      expect(code).toBe(5);
      expect(claim('W').verdict).toBe('refuted');
      expect(JSON.stringify(claim('W').counterExamples)).toContain('mallory');
      expect(claim('C').reasons).toContainEqual(
        expect.stringMatching(/^the Secret portarium-agents\/hubspot \(Opaque\)/),
      );
    } finally {
      await admin.delete(binding.object);
      await admin.delete(secret.object);
    }
  });
});
