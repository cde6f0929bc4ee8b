import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parsePacket } from '../../src/cli/prove/explain.js';
import { tryDoubt } from '../../src/model/kept.js';
import type { Proof } from '../../src/prove/claims/prove.js';
import type { ProofResult } from '../../src/prove/index.js';
import { enforce } from './run.js';

const DENY = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: bots}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
`;
const RESTRICTED = `---
apiVersion: v1
kind: Namespace
metadata: {name: bots, labels: {pod-security.kubernetes.io/enforce: restricted}}
`;
const ALLOW = `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: allow, namespace: bots}
spec:
  podSelector: {matchLabels: {app: bot}}
  policyTypes: [Egress]
  egress:
  - to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: gateway}}, podSelector: {matchLabels: {app: gateway}}}]
    ports: [{port: 443}]
`;
const INTENT = `namespaces: [bots]
edges:
  - id: bots to the gateway
    from: { namespace: bots, labels: { app: bot } }
    to: { namespace: gateway, labels: { app: gateway } }
    ports: [TCP/443]
    forwards: { does: false, why: it decides every call }
`;

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'portarium-prove-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const proofOf = (stdout: string): Proof => (JSON.parse(stdout) as { proofs: [Proof] }).proofs[0];

describe('prove --manifests', () => {
  it('proves a folder against an intent, and refutes it when an edge is closed', async () => {
    const manifests = file('bots.yaml', DENY + RESTRICTED + ALLOW);
    const intent = file('intent.yml', INTENT);
    const args = ['prove', '--manifests', manifests, '--intent', intent, '--claims', 'P,D', '--json'];
    const { code, stdout } = await enforce(...args);
    expect(proofOf(stdout).claims.map(({ claim, verdict }) => [claim, verdict])).toEqual([
      ['P', 'proved'],
      ['D', 'proved'],
    ]);
    expect(code).toBe(0);
    file('bots.yaml', DENY + RESTRICTED);
    const closed = await enforce(...args);
    expect(closed.code).toBe(5);
    expect(proofOf(closed.stdout).claims[0]!.counterExamples.map(({ cause }) => cause)).toEqual(['closed-edge']);
  });

  it('is inconclusive, not proved, where nothing in it is an agent’s', async () => {
    const { code, stdout } = await enforce('prove', '--manifests', file('bots.yaml', DENY));
    expect(code).toBe(10);
    expect(stdout).toContain('? there is no namespace of agents');
  });

  it.each([
    ['half a document', 'kind: NetworkPolicy\nmetadata: {name: x', /^error: .*broken\.yaml:\d/],
    [
      'an unknown field',
      DENY.replace('policyTypes', 'policyType'),
      /broken\.yaml:4: NetworkPolicy bots\/deny: spec: unknown field "policyType"/,
    ],
    [
      'a CIDR that is none',
      ALLOW.replace(
        'namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: gateway}}, podSelector: {matchLabels: {app: gateway}}',
        'ipBlock: {cidr: 10.0.0.0/33}',
      ),
      /spec\.egress\[0\]\.to\[0\]\.ipBlock\.cidr: "10\.0\.0\.0\/33" is not a CIDR/,
    ],
  ])('refuses %s, with file, line and field', async (_, text, message) => {
    const { code, stderr } = await enforce('prove', '--manifests', file('broken.yaml', text));
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });

  it('has a kind that it does not know make the answer inconclusive, by name', async () => {
    const other = `---\napiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata: {name: allow-all}\nspec: {}\n`;
    const intent = file('intent.yml', INTENT);
    const manifests = file('bots.yaml', DENY + RESTRICTED + ALLOW + other);
    const { code, stdout } = await enforce('prove', '--manifests', manifests, '--intent', intent, '--claims', 'P');
    expect(code).toBe(10);
    expect(stdout).toContain('? GlobalNetworkPolicy allow-all: projectcalico.org/v3 is not evaluated');
  });
});

describe('prove --stack --manifests', () => {
  it('judges a folder by the stack’s intent, and takes nothing in it for all that a cluster has', async () => {
    for (const [stack, ...level] of [['platform'], ['ws-acme', '--level', 'enforced'], ['ws-globex']] as const) {
      await enforce('render', '--stack', stack, ...level, '--out', join(folder, stack));
    }
    const { code, stdout } = await enforce(
      ...['prove', '--stack', 'ws-acme', '--level', 'enforced', '--manifests', folder, '--json'],
    );
    const verdicts = proofOf(stdout).claims.map(({ claim, verdict }) => `${claim} ${verdict}`);
    expect(verdicts).toEqual(['P proved', 'C inconclusive', 'I proved', 'D proved', 'W inconclusive']);
    expect(code).toBe(10);
  });
});

describe('prove --vault-evidence', () => {
  const prove = (text: string) =>
    enforce(
      ...['prove', '--stack', 'ws-acme', '--level', 'enforced', '--claims', 'C', '--json'],
      ...['--vault-evidence', file('vault.yml', text)],
    );

  it('leaves nothing of Vault open, or names what agents may read there', async () => {
    const none = proofOf((await prove('source: dana\ngrants: []\n')).stdout).claims[0]!;
    expect(none.reasons).toEqual([expect.stringMatching(/^the Secrets in portarium-agents were not listed/)]);
    const grant = '{ account: portarium-agents/sales-bot, policy: crm, path: secret/data/crm, capabilities: [read] }';
    const { code, stdout } = await prove(`source: dana\ngrants: [${grant}]\n`);
    expect(code).toBe(5);
    expect(proofOf(stdout).claims[0]!.counterExamples[0]!.summary).toContain('secret/data/crm');
  });

  it('refuses evidence that it does not understand, at its line', async () => {
    const { code, stderr } = await prove('source: dana\ngrants:\n  - account: sales-bot\n');
    expect(code).toBe(2);
    expect(stderr).toMatch(/vault\.yml:3: grants\[0\]\.account: Not an account/);
  });
});

describe('prove --out', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const keyFile = (): string => file('key.pem', privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
  const kept = (): readonly string[] => readdirSync(join(folder, 'kept')).sort();

  it('keeps a signed proof of every workspace’s stack, whole and with what it was made from', async () => {
    const vault = file('vault.yml', 'source: dana\ngrants: []\n');
    const args = ['--out', join(folder, 'kept'), '--signing-key', keyFile(), '--vault-evidence', vault, '--json'];
    const { code, stdout, stderr } = await enforce('prove', ...args);
    expect(code).toBe(10);
    expect(stderr).toMatch(/kept in .*prove-ws-acme-.*\.json, signed: sha256 [0-9a-f]{64}/);
    expect(kept()).toEqual([expect.stringMatching(/^prove-ws-acme-/), expect.stringMatching(/^prove-ws-globex-/)]);
    const text = readFileSync(join(folder, 'kept', kept()[0]!), 'utf8');
    expect(tryDoubt(text, publicKey.export({ format: 'pem', type: 'spki' }).toString())).toBeUndefined();
    const { result } = JSON.parse(text) as { result: ProofResult };
    const { verdict, zeroBypass, reach, claims, level } = proofOf(stdout);
    expect(result).toMatchObject({
      ...{ kind: 'enforce prove', version: 1, stack: 'ws-acme', workspaceId: 'ws-acme' },
      ...{ level, verdict, zeroBypass, reach, claims, source: { kind: 'stacks' } },
    });
    expect(result).not.toHaveProperty('server');
    expect(result.claims.map(({ claim, claimedFrom }) => `${claim} ${claimedFrom}`)).toEqual([
      'P routing',
      'C enforced',
      'I identity',
      'D enforced',
      'W authz',
    ]);
    const read = `${result.source.objects} objects as the stacks render them, sha256 ${result.source.sha256}`;
    expect(result.claims[0]!.evidence).toEqual([read]);
    expect(Date.parse(result.from)).toBeLessThanOrEqual(Date.parse(result.until));
  });

  it.each([
    [['--signing-key', 'x'], '--signing-key signs what is kept. Give --out DIR too.'],
    [['--out', 'x', '--claims', 'P'], '--out keeps whole proofs. Leave out --claims.'],
    [['--out', 'x', '--explain', 'agent'], '--out keeps whole proofs. Leave out --explain.'],
    [['--out', 'x', '--manifests', 'y'], '--out keeps the proof of a stack. Name it with --stack NAME.'],
    [['--out', 'x', '--cluster'], '--out keeps the proof of a stack. Name it with --stack NAME.'],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await enforce('prove', ...args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe('prove', () => {
  it('answers as a table for reports', async () => {
    const { stdout } = await enforce('prove', '--manifests', file('bots.yaml', DENY), '--markdown');
    expect(stdout).toMatch(/^### .*bots\.yaml: inconclusive\n\n\| \| claim \| verdict \| why \|/);
  });

  it.each([
    [['--manifests', 'x', '--cluster'], /two sources/],
    [['--manifests', 'no-such-folder'], /there is no such folder/],
    [['--stack', 'platform'], /platform’s stack/],
    [['--claims', 'Q'], /Allowed: P, C, I, D, W/],
    [['--intent', 'x'], /--intent needs --manifests or --cluster/],
    [['--explain', 'sales-bot'], /--explain takes agent <name> to/],
    [['--explain', 'agent', 'sales-bo', 'to', '8.8.8.8:53\/udp'], /Did you mean "sales-bot"\?/],
    [['--explain', 'agent', 'sales-bot', 'to', '8.8.8.8'], /is no packet/],
  ])('refuses %j', async (args, message) => {
    const { code, stderr, stdout } = await enforce('prove', ...args);
    expect(code).toBe(2);
    expect(stderr + stdout).toMatch(message);
  });

  it('walks one packet’s verdict, by tier, rule and field', async () => {
    const { code, stdout } = await enforce('prove', '--explain', 'agent', 'sales-bot', 'to', '8.8.8.8:53/udp');
    expect(code).toBe(0);
    expect(stdout).toBe(
      'portarium-agents/sales-bot[Deployment] to 8.8.8.8: denied\n' +
        'egress: denied by ClusterNetworkPolicy portarium-agents-never spec.egress[1] (Admin, Deny)\n',
    );
  });
});

describe('a packet', () => {
  it.each([
    ['8.8.8.8:53/udp', { destination: '8.8.8.8', protocol: 'UDP', port: 53 }],
    ['[2001:db8::1]:443/TCP', { destination: '2001:db8::1', protocol: 'TCP', port: 443 }],
    ['shop/web:80/tcp', { destination: { namespace: 'shop', name: 'web' }, protocol: 'TCP', port: 80 }],
    ['8.8.8.8/icmp', { destination: '8.8.8.8', protocol: 'other' }],
  ])('%s', (text, packet) => {
    expect(parsePacket(text)).toEqual(packet);
  });
});
