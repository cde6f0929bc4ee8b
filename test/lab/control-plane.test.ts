import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apiServer, controllerManager, etcd, kwok, scheduler, tryReadCertificate } from '../../lab/control-plane.js';
import { writeCredentials } from '../../lab/credentials.js';
import { controlPlane } from '../../lab/servers.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portarium-control-plane-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function commandLines(): Record<string, readonly string[]> {
  const binaries = Object.fromEntries(
    controlPlane.map((name) => [name, { name, path: `/bin/${name}`, from: 'PATH' as const }]),
  );
  const files = { folder, binaries, credentials: writeCredentials(folder, []), port: 6443 };
  const specs = [
    etcd(files),
    apiServer(files),
    controllerManager(files, 'k', true),
    scheduler(files, 'k'),
    kwok(files, 'k', 's'),
  ];
  return Object.fromEntries(specs.map(({ name, args }) => [name, args ?? []]));
}

describe('the command lines of the control plane', () => {
  it('let only the API server listen, and only on loopback', () => {
    const lines = commandLines();
    expect(lines['kube-apiserver']).toEqual(expect.arrayContaining(['--bind-address=127.0.0.1', '--secure-port=6443']));
    expect(lines['kube-controller-manager']).toContain('--secure-port=0');
    expect(lines['kube-scheduler']).toContain('--secure-port=0');
    expect(lines['kwok']?.filter((flag) => flag.startsWith('--server-address'))).toEqual([]);
    const urls = (lines['etcd'] ?? []).filter((flag) => flag.includes('urls') || flag.includes('cluster'));
    expect(urls).toHaveLength(5);
    for (const flag of urls) expect(flag).toContain(`unix://${folder}`);
  });

  it('authorize by roles and verify who asks', () => {
    const flags = commandLines()['kube-apiserver'];
    expect(flags).toEqual(
      expect.arrayContaining([
        '--authorization-mode=Node,RBAC',
        '--enable-admission-plugins=NodeRestriction',
        `--token-auth-file=${join(folder, 'tokens.csv')}`,
      ]),
    );
  });
});

describe('the certificate', () => {
  it('is read only once the key, which is written after it, is there', () => {
    expect(tryReadCertificate(folder)).toBeUndefined();
    writeFileSync(join(folder, 'apiserver.crt'), 'half');
    expect(tryReadCertificate(folder)).toBeUndefined();
    writeFileSync(join(folder, 'apiserver.crt'), 'whole');
    writeFileSync(join(folder, 'apiserver.key'), 'key');
    expect(tryReadCertificate(folder)).toBe('whole');
  });
});
