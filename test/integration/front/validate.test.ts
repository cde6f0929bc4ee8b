import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority } from '../../../lab/authority.js';
import { obtain } from '../../../lab/obtain.js';
import { renderPlatform, renderWorkspace } from '../../../src/charts/render.js';
import { loadStacks } from '../../../src/config/load.js';
import type { JsonObject } from '../../../src/constructs/envoy/typed.js';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { flatten } from './flatten.js';

/** Every Envoy configuration in the rendered objects of the committed stacks, as Envoy itself judges it. */
const { platform, workspaces } = loadStacks({ dir: 'stacks' });
const configMaps = [
  platform,
  { ...platform, cluster: { ...platform.cluster, podCidrs: ['10.244.0.0/16', 'fd00::/64'] } },
]
  .flatMap((of) => [...renderPlatform(of), ...workspaces.flatMap((workspace) => renderWorkspace(of, workspace))])
  .filter(({ kind, ...object }) => kind === 'ConfigMap' && 'envoy.json' in dataOf(object as KubeObject));

function dataOf(object: KubeObject): Readonly<Record<string, string>> {
  return (object as unknown as { data?: Record<string, string> }).data ?? {};
}

const filesOf = (object: KubeObject): Readonly<Record<string, JsonObject>> =>
  Object.fromEntries(Object.entries(dataOf(object)).map(([name, text]) => [name, JSON.parse(text) as JsonObject]));

const dir = mkdtempSync(join(tmpdir(), 'portarium-envoy-'));
let envoy = '';

beforeAll(async () => {
  envoy = (await obtain('envoy')).path;
  const { certificate, key } = await (await createAuthority()).issue({ dns: ['x.example.com'] });
  writeFileSync(join(dir, 'tls.crt'), certificate);
  writeFileSync(join(dir, 'tls.key'), key);
});
afterAll(() => rmSync(dir, { recursive: true }));

/** What Envoy says of a configuration; "" when it is taken. */
async function verdict(config: JsonObject): Promise<string> {
  const path = join(dir, 'config.json');
  // Files of the image and of mounts: any that exist.
  const text = JSON.stringify(config)
    .replaceAll('/etc/envoy-tls', dir)
    .replaceAll('/etc/ssl/certs/ca-certificates.crt', join(dir, 'tls.crt'));
  writeFileSync(path, text);
  const args = ['--mode', 'validate', '--log-level', 'critical', '--reject-unknown-dynamic-fields', '-c', path];
  return promisify(execFile)(envoy, args).then(
    () => '',
    (error: unknown) => (error as { stderr: string; stdout: string }).stderr || String(error),
  );
}

describe.each(configMaps.map((object) => [`${object.metadata.namespace}/${object.metadata.name}`, object] as const))(
  'the files of %s',
  (_, object) => {
    it('are taken by Envoy, flattened', async () => {
      expect(await verdict(flatten(filesOf(object)))).toBe('');
    });
  },
);

it('there is one for the front, the workers and each agent', () => {
  const names = new Set(configMaps.map(({ metadata }) => metadata.name));
  expect([...names].sort()).toEqual(
    [
      'api-server-envoy',
      'worker-envoy',
      ...workspaces.flatMap(({ agents }) => agents.map(({ name }) => `${name}-envoy`)),
    ].sort(),
  );
});

it.each([
  ['a misspelt field', '"failure_mode_allow":false', '"failure_mode_alow":false'],
  ['a misspelt field of a filter', '"require_expiration"', '"require_expiraton"'],
  [
    'a misspelt filter',
    'envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication',
    'envoy.extensions.filters.http.jwt_auth.v3.Jwt',
  ],
])('Envoy refuses %s', async (_, from, to) => {
  const files = filesOf(configMaps.find(({ metadata }) => metadata.name === 'api-server-envoy')!);
  const text = JSON.stringify(flatten(files));
  expect(text).toContain(from);
  expect(await verdict(JSON.parse(text.replaceAll(from, to)) as JsonObject)).not.toBe('');
});
