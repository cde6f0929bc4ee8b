import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { RUNBOOK } from '../support/runbook.js';
import { enforce } from './run.js';

const WEB = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web}]}
`;
const DB = `
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {containers: [{name: db}]}
status: {podIP: 10.0.0.7}
`;
const POLICIES = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Egress, Ingress]
  egress:
  - to: [{ipBlock: {cidr: 10.0.0.0/8}}]
    ports: [{port: 5432}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Egress, Ingress]
  ingress:
  - from: [{podSelector: {}}]
`;

/** The Deployment's pod has no address. */
const NOTE = 'note: no rule by ipBlock is counted for 1 pod(s) without an address yet\n';

describe('reach', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'reach-'));
    mkdirSync(join(dir, 'policies'));
    writeFileSync(join(dir, 'web.yml'), WEB);
    writeFileSync(join(dir, 'db.yaml'), DB);
    writeFileSync(join(dir, 'policies', 'all.yaml'), POLICIES);
    writeFileSync(join(dir, 'README.md'), 'not a manifest');
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('lists who reaches whom in a folder, and says how ipBlock was read', async () => {
    const { code, stdout, stderr } = await enforce('reach', '--manifests', dir);
    expect({ code, stderr }).toEqual({ code: 0, stderr: NOTE });
    expect(stdout).toBe(
      [
        'FROM                  TO            PORTS',
        'shop/web[Deployment]  10.0.0.0/8    TCP 5432',
        'shop/web[Deployment]  shop/db[Pod]  TCP 5432',
        '',
        'ipBlock also selects pods: the API leaves it open, and --ipblock-selects-pods=true|false says how to read it',
        '',
      ].join('\n'),
    );
  });

  it('answers as an array of rows, under the other reading too', async () => {
    const { code, stdout } = await enforce('reach', '--manifests', dir, '--ipblock-selects-pods=false', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual([
      { src: 'shop/web[Deployment]', dst: '10.0.0.0/8', connections: [{ protocol: 'TCP', ports: [[5432, 5432]] }] },
    ]);
  });

  it('ends with 10 and names what it could not evaluate', async () => {
    writeFileSync(join(dir, 'values.yaml'), 'replicas: 3\n');
    writeFileSync(
      join(dir, 'other.yaml'),
      'apiVersion: crd.projectcalico.org/v1\nkind: GlobalNetworkPolicy\nmetadata: {name: open}\n',
    );
    const { code, stdout, stderr } = await enforce('reach', '--manifests', dir, '--json');
    expect(code).toBe(10);
    expect(JSON.parse(stdout)).toHaveLength(2);
    expect(stderr).toBe(
      `${NOTE}not evaluated: file ${join(dir, 'values.yaml')}:1 (has neither apiVersion nor kind, so it is not a Kubernetes object)\n` +
        'not evaluated: GlobalNetworkPolicy open (crd.projectcalico.org/v1 is not evaluated)\n',
    );
  });

  it('ends with 1 where an object cannot be read, with file, line and field', async () => {
    writeFileSync(join(dir, 'policies', 'all.yaml'), POLICIES.replace('port: 5432', 'port: "5432"'));
    const { code, stderr } = await enforce('reach', '--manifests', dir);
    expect(code).toBe(1);
    expect(stderr).toContain(
      `${join(dir, 'policies', 'all.yaml')}:10: NetworkPolicy shop/web: spec.egress[0].ports[0].port: "5432" is not a port name`,
    );
  });

  it('ends with 10 for a pod with a second network, which no policy governs', async () => {
    const attached = DB.replace('labels:', 'annotations: {k8s.v1.cni.cncf.io/networks: storage}, labels:');
    writeFileSync(join(dir, 'db.yaml'), attached);
    const { code, stderr } = await enforce('reach', '--manifests', dir);
    expect(stderr).toContain('not evaluated: Pod shop/db (attached to secondary networks');
    expect(code).toBe(10);
  });

  it.each([
    { args: [], says: 'Name a folder with --manifests, or give --cluster' },
    { args: ['--manifests', 'stacks', '--cluster'], says: 'Name a folder with --manifests, or give --cluster' },
    { args: ['--manifests', '/nonexistent'], says: 'there is no such folder or file' },
    { args: ['--manifests', 'src/prove'], says: 'holds no file that ends in .yaml, .yml or .json' },
    { args: ['--manifests', 'stacks', '--ipblock-selects-pods', 'maybe'], says: 'Allowed choices are true, false' },
  ])('ends with 2 for $args', async ({ args, says }) => {
    const { code, stderr } = await enforce('reach', ...args);
    expect(stderr).toContain(says);
    expect(code).toBe(2);
  });

  it('follows links, and not in a circle', async () => {
    symlinkSync(dir, join(dir, 'policies', 'again'));
    symlinkSync(join(dir, 'policies'), join(dir, 'linked'));
    expect((await enforce('reach', '--manifests', dir)).code).toBe(0);
  });

  it('takes a single file: the runbook’s own policies', async () => {
    const file = join(dir, 'runbook.yaml');
    writeFileSync(file, `${stringify(RUNBOOK)}---\n${WEB.replaceAll('shop', 'portarium-agents')}`);
    const { code, stdout } = await enforce('reach', '--manifests', file);
    expect(code).toBe(0);
    expect(stdout).toMatch(/0\.0\.0\.0\/0 +portarium-agents\/web\[Deployment\] +everything/);
  });
});

describe('docs/reach.md', () => {
  const PAGE = 'docs/reach.md';
  const block = (name: string): RegExp => new RegExp(`(?<=<!-- ${name} -->\n\n\`\`\`\\w*\n)[^]*?(?=\`\`\`)`);

  it('shows what the command says about its manifests', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'reach-'));
    try {
      const page = readFileSync(PAGE, 'utf8');
      writeFileSync(join(dir, 'shop.yaml'), block('manifests').exec(page)![0]);
      const text = await enforce('reach', '--manifests', dir);
      const json = await enforce('reach', '--manifests', dir, '--json');
      expect([text.code, json.code]).toEqual([0, 0]);
      const row = (JSON.parse(json.stdout) as { dst: string }[]).find(({ dst }) => dst === 'shop/db[StatefulSet]');
      const wanted = page
        .replace(block('output'), () => text.stderr + text.stdout)
        .replace(block('row'), () => `${JSON.stringify(row)}\n`);
      if (process.env['UPDATE_GOLDEN']) writeFileSync(PAGE, wanted);
      else expect(page, 'UPDATE_GOLDEN=1 npm run test:unit -- test/cli/reach.test.ts').toBe(wanted);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
