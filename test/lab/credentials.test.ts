import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeCredentials, writeKubeconfig } from '../../lab/credentials.js';
import { labUsers } from '../../lab/users.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portarium-credentials-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the credentials of a lab', () => {
  it('give each user a token of its own, with its groups', () => {
    const credentials = writeCredentials(folder, labUsers);
    const rows = readFileSync(credentials.tokenFile, 'utf8').trim().split('\n');
    expect(rows).toContain(`${credentials.token('bob')},"bob","bob","portarium:approvers"`);
    expect(rows).toContain(`${credentials.token('mallory')},"mallory","mallory"`);
    expect(rows).toContain(
      `${credentials.token('ws-acme-deployer')},"ws-acme-deployer","ws-acme-deployer","portarium:deployers,portarium:deployers:ws-acme"`,
    );
    expect(new Set(rows.map((row) => row.split(',')[0])).size).toBe(rows.length);
  });

  it('let only the members of system:masters that the lab itself needs be such', () => {
    const rows = readFileSync(writeCredentials(folder, labUsers).tokenFile, 'utf8').trim().split('\n');
    expect(rows.filter((row) => row.includes('system:masters')).map((row) => row.split('"')[1])).toEqual([
      'system:kwok',
      'lab-admin',
    ]);
  });

  it('are readable by their owner only', () => {
    const { tokenFile, serviceAccountKey } = writeCredentials(folder, []);
    expect([tokenFile, serviceAccountKey].map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600]);
  });

  it('refuse two users of one name, and a token for an unknown one', () => {
    expect(() => writeCredentials(folder, [labUsers[0]!, labUsers[0]!])).toThrow(
      'two users of the lab have the same name',
    );
    expect(() => writeCredentials(folder, []).token('eve')).toThrow('no user of the lab is named eve; known: ');
  });

  it('make a kubeconfig that verifies the server', () => {
    const path = writeKubeconfig(join(folder, 'kubeconfig'), {
      server: 'https://127.0.0.1:1',
      certificate: 'certificate',
      user: 'bob',
      token: 'secret',
    });
    const config = new KubeConfig();
    config.loadFromFile(path);
    expect(config.getCurrentCluster()).toMatchObject({
      server: 'https://127.0.0.1:1',
      caData: Buffer.from('certificate').toString('base64'),
      skipTLSVerify: false,
    });
    expect(config.getCurrentUser()).toMatchObject({ name: 'bob', token: 'secret' });
  });
});
