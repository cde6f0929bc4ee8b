import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cluster } from '../../../src/bridge/cluster.js';
import type { Report } from '../../../src/report/index.js';
import { enforce, type Ran } from '../../cli/run.js';
import type { Deployed } from '../verify/fixture.js';

let dir: string;
const path = (name: string): string => join(dir, name);
const key = (): readonly string[] => ['--signing-key', path('key.pem')];
const reportIn = (out: string): Report => JSON.parse(readFileSync(path(`${out}/report.json`), 'utf8')) as Report;

const ofLive = (deployed: Deployed, command: string, ...more: readonly string[]): Promise<Ran> =>
  enforce(command, '--stack', 'ws-acme', '--stacks', deployed.stacks, '--kubeconfig', deployed.lab.kubeconfig, ...more);

const report = (deployed: Deployed, evidence: string, out: string): Promise<Ran> =>
  ofLive(deployed, 'report', '--evidence', path(evidence), '--out', path(out), '--pdf', 'none', ...key());

/** Proves and verifies what is live, and keeps both, signed. */
async function keepEvidence(deployed: Deployed, evidence: string): Promise<void> {
  await ofLive(deployed, 'prove', '--cluster', '--out', path(evidence), ...key());
  await ofLive(deployed, 'verify', '--skip-probes', '--out', path(evidence), ...key());
}

function inFolder(): void {
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'report-live-'));
    const { privateKey } = generateKeyPairSync('ed25519');
    writeFileSync(path('key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    writeFileSync(path('public.pem'), createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }));
  });
  afterAll(() => rmSync(dir, { recursive: true }));
}

/** The command on what is as it was deployed. */
export function reportCases(deployed: () => Deployed): void {
  describe('enforce report', () => {
    inFolder();

    test('says of a cluster as deployed what is so, what nobody has shown, and nothing worse', async () => {
      await keepEvidence(deployed(), 'evidence');
      expect((await report(deployed(), 'evidence', 'clean')).code).toBe(10);
      const made = reportIn('clean');
      expect(made.reasons.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
      expect(made.evidence.map(({ kind, accepted, signature }) => [kind, accepted, signature])).toEqual([
        ['enforce prove', true, 'valid'],
        ['enforce verify', true, 'valid'],
      ]);
      const { observed } = made;
      expect(observed?.policy).toMatchObject({ reachedLevel: 'enforced', policyHash: made.subject.policyHash });
      expect(observed?.approvals).toMatchObject([{ approvedBy: 'dana', current: true, live: true }]);
      expect(observed?.unread).toEqual([]);
      const verdicts = Object.fromEntries(made.sections.map(({ id, verdict }) => [id, verdict]));
      expect(verdicts).toMatchObject({ drift: 'pass', approvals: 'pass', exceptions: 'pass', gate: 'inconclusive' });
    });

    test('can be verified without the cluster', async () => {
      const { code, stdout } = await enforce('report', 'verify', path('clean'), '--public-key', path('public.pem'));
      expect(stdout).toContain('the verdict follows from the evidence and from what the cluster said');
      expect(code).toBe(0);
    });
  });
}

/** The command on a cluster in which somebody can put a policy of their own. */
export function bypassReportCases(deployed: () => Deployed, breakGlass: () => Cluster): void {
  describe('enforce report', () => {
    inFolder();
    const stranger = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'debug', namespace: 'portarium-agents' },
    };

    test('says on its first page which bypass was planted, by what was seen and by the proof', async () => {
      await breakGlass().create({ ...stranger, spec: { podSelector: {}, policyTypes: ['Egress'], egress: [{}] } });
      try {
        await keepEvidence(deployed(), 'planted');
        const { code, stdout } = await report(deployed(), 'planted', 'bypass');
        expect(code).toBe(5);
        expect(stdout).toContain('There is a way around the control plane');
        const page = readFileSync(path('bypass/report.html'), 'utf8');
        const first = page.slice(page.indexOf('<main>'), page.indexOf('<nav'));
        expect(first).toContain('There is a way around the control plane: the proof is refuted by a counter-example.');
        expect(first).toContain('NetworkPolicy portarium-agents/debug');
        expect(reportIn('bypass').sections.find(({ id }) => id === 'drift')).toMatchObject({ verdict: 'fail' });
      } finally {
        await breakGlass().delete(stranger);
      }
    });
  });
}
