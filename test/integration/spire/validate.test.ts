import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadStacks } from '../../../src/config/load.js';
import type { Platform } from '../../../src/model/platform.js';
import type { Spire } from '../../../src/model/spire.js';
import { PLATFORM } from '../../model/examples.js';
import { ask, isThere, NEEDS } from './binaries.js';
import { configsOf, type Configs } from './rendered.js';

/** SPIRE's own programs judge what is rendered, with the configuration of every plugin in it; nothing is started. */

const { platform: sample } = loadStacks({ dir: 'stacks' });
const spire = (changes: Partial<Spire>): Platform => ({ ...PLATFORM, spire: { ...PLATFORM.spire, ...changes } });
const postgres = {
  type: 'postgres',
  host: 'db.databases.svc.cluster.local',
  port: 5432,
  database: 'spire',
  user: 'spire',
  passwordSecret: 'db',
  caSecret: 'db-ca',
} as const;
const arn = 'arn:aws:acm-pca:eu-central-1:123456789012:certificate-authority/1';

const variants: readonly (readonly [string, Platform])[] = [
  ['the committed stack', sample],
  ['the defaults', PLATFORM],
  ['a server in a namespace of its own', spire({ namespace: 'portarium-spire-server' })],
  ['keys in a KMS', spire({ datastore: postgres, keyManager: { type: 'aws_kms', region: 'eu-central-1' } })],
  ['an upstream CA in a Secret', spire({ upstreamAuthority: { type: 'disk', secret: 'ca', selfSigned: false } })],
  [
    'cert-manager as the upstream CA',
    spire({ upstreamAuthority: { type: 'cert-manager', issuerName: 'root', issuerKind: 'ClusterIssuer' } }),
  ],
  [
    'Vault as the upstream CA',
    spire({
      upstreamAuthority: {
        type: 'vault',
        address: 'https://vault.vault.svc.cluster.local:8200',
        pkiMount: 'pki',
        authMount: 'kubernetes',
        role: 'spire-server',
        caSecret: 'vault-ca',
      },
    }),
  ],
  [
    'AWS as the upstream CA',
    spire({ upstreamAuthority: { type: 'aws_pca', region: 'eu-central-1', certificateAuthorityArn: arn } }),
  ],
  [
    'the kubelets’ own CA, by node name',
    spire({ kubelet: { access: 'nodes/pods', address: 'nodeName', caConfigMap: 'kubelets' } }),
  ],
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'spire-validate-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function judge(program: 'server' | 'agent', config: object): Promise<string> {
  const path = join(folder, `${program}.conf`);
  writeFileSync(path, JSON.stringify(config));
  const { failed, text } = await ask(program, 'validate', '-config', path);
  return `${failed ? 'refused' : 'accepted'}: ${text}`;
}

describe.skipIf(!isThere)(`${NEEDS} SPIRE’s own programs`, () => {
  it.each(variants)('accept the configuration of %s', async (_what, platform) => {
    const { server, agent } = configsOf(platform);
    expect(await judge('server', server)).toBe('accepted: SPIRE server configuration file is valid.');
    expect(await judge('agent', agent)).toBe('accepted: SPIRE agent configuration file is valid.');
  });

  const faults: readonly (readonly [string, 'server' | 'agent', (configs: Configs) => object, string])[] = [
    [
      'a key that does not exist',
      'server',
      ({ server }) => ({ ...server, server: { ...server.server, disable_jwt: true } }),
      'unknown configuration detected',
    ],
    [
      'a lifetime that is none',
      'server',
      ({ server }) => ({ ...server, server: { ...server.server, ca_ttl: '1d' } }),
      'could not parse default CA ttl "1d"',
    ],
    [
      'a type of plugin that does not exist',
      'server',
      ({ server }) => ({ ...server, plugins: { ...server.plugins, BundleManager: [{ any: { plugin_data: {} } }] } }),
      'unsupported plugin type "BundleManager"',
    ],
    [
      'attestation that lets nobody in',
      'server',
      ({ server }) => ({
        ...server,
        plugins: {
          ...server.plugins,
          NodeAttestor: [{ k8s_psat: { plugin_data: { clusters: [{ portarium: { audience: ['spire-server'] } }] } } }],
        },
      }),
      'must have at least one service account allowed',
    ],
    [
      'agents without a bundle to start from',
      'agent',
      ({ agent }) => ({
        ...agent,
        agent: Object.fromEntries(Object.entries(agent.agent).filter(([key]) => !key.startsWith('trust_bundle'))),
      }),
      'trust_bundle',
    ],
  ];
  it.each(faults)('refuse %s', async (_what, program, wrong, said) => {
    const answer = await judge(program, wrong(configsOf(PLATFORM)));
    expect(answer).toMatch(/^refused: /);
    expect(answer).toContain(said);
  });
});
