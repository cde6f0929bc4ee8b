import { App, Chart } from 'cdk8s';
import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isNotFound } from '../../../src/bridge/api-error.js';
import { Cluster } from '../../../src/bridge/cluster.js';
import { CustomResources } from '../../../src/constructs/custom-resources/custom-resources.js';
import { authorizerContainer } from '../../../src/constructs/envoy/sidecar.js';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { NAMESPACES } from '../../../src/model/names.js';
import { MODEL_HASH } from '../../../src/model/authorization/model.js';
import { AGENT, BEARER, CONFIG, modelObject, policyObject, specOf, token } from '../../authorizer/fixture.js';
import { ACME } from '../../model/examples.js';
import { maySandbox, SANDBOX_USER, sandboxed } from '../../support/sandbox.js';
import { startAuthorizer, type Authorizer } from './authorizer.js';
import { startPermitting, type Permitting } from './permitting.js';
import { workerLab } from '../worker-lab.js';

/** The image's one file as its container runs it: under its user, on a read-only root, without anything beside it. */

const { kubeconfig } = workerLab();
const chart = new Chart(new App(), 'definitions', { labels: { 'portarium.io/stack': 'platform' } });
new CustomResources(chart, 'custom-resources');
const definitions = chart.toJson() as readonly KubeObject[];
const [, ...flags] = authorizerContainer('registry.example.com/authorizer:1').command!;
const valid = { exp: Math.floor(Date.now() / 1000) + 3600 };

let admin: Cluster;
let outside: string;
let run: string;
let bundle: string;
let authorizer: Authorizer;
let permitting: Permitting;
const sandboxes: { remove(): void }[] = [];

/** Node with these arguments where nothing is but Node, the bundle and the folder of its sockets. */
function node(...args: readonly string[]): readonly string[] {
  const files = { '/usr/local/bin/node': process.execPath, '/app/authorizer.js': bundle };
  const sandbox = sandboxed({ files, writable: [run] }, ['/usr/local/bin/node', ...args]);
  sandboxes.push(sandbox);
  return sandbox.command;
}
const said = (script: string): string => {
  const [command = '', ...args] = node('-e', script);
  const { stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  return `${stdout}${stderr}`.trim();
};

/** Applies it once its kind is served. */
async function applied(object: KubeObject): Promise<void> {
  for (const deadline = Date.now() + 20_000; ; await sleep(100)) {
    try {
      return void (await admin.apply(object));
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

describe.skipIf(!maySandbox)('[needs root] the authorizer’s bundle', () => {
  beforeAll(async () => {
    outside = mkdtempSync(join(tmpdir(), 'bundle-'));
    [run, bundle] = [join(outside, 'run'), join(outside, 'authorizer.js')];
    mkdirSync(run);
    copyFileSync(kubeconfig, join(run, 'kubeconfig'));
    for (const path of [run, join(run, 'kubeconfig')]) chownSync(path, SANDBOX_USER, SANDBOX_USER);
    execFileSync(process.execPath, ['ci/bundle-authorizer.js', '--outfile', bundle]);
    admin = await Cluster.connect({ kubeconfig });
    await admin.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACES.policy } });
    for (const object of definitions) await admin.apply(object);
    await applied(policyObject(specOf(ACME, 'identity')));
    await applied(modelObject(MODEL_HASH));
    permitting = await startPermitting(join(run, 'token'));
    const config = { ...CONFIG, graceSeconds: 0, openfga: permitting.config };
    authorizer = startAuthorizer(run, join(run, 'kubeconfig'), config, node(...flags));
  });
  afterAll(async () => {
    await authorizer?.close();
    await permitting?.stop();
    for (const sandbox of sandboxes) sandbox.remove();
    for (const object of definitions) await admin.delete(object);
    for (const object of definitions) while (!(await admin.get(object).then(() => false, isNotFound))) await sleep(100);
    admin.close();
    rmSync(outside, { recursive: true, force: true });
  });

  test('is one file', () => {
    expect(readdirSync(outside).sort()).toEqual(['authorizer.js', 'run']);
    expect(flags.at(-1)).toBe('/app/authorizer.js');
  });

  test('runs where nothing else is, and nothing can be written but its sockets', () => {
    expect(said('console.log(process.getuid(), process.getgid(), process.getgroups().join())')).toBe(
      '65532 65532 65532',
    );
    for (const path of ['/app/other.js', '/tmp/other', '/lib/other']) {
      expect(said(`fs.writeFileSync(${JSON.stringify(path)}, '')`)).toMatch(/EROFS|EACCES/);
    }
    expect(said(`fs.writeFileSync(${JSON.stringify(join(run, 'probe'))}, ''); console.log('written')`)).toBe('written');
    expect(said("require('@grpc/grpc-js')")).toContain("Cannot find module '@grpc/grpc-js'");
    expect(said('console.log(fs.readdirSync("/").join())')).toMatch(/^app,dev,lib(,lib64)?,proc,tmp,usr$/);
  });

  test('is alive, becomes ready, and decides as Envoy asks', async () => {
    await expect
      .poll(() => authorizer.get('/live').catch(() => undefined), { timeout: 30_000 })
      .toMatchObject({ status: 200 });
    await expect.poll(() => authorizer.get('/ready'), { timeout: 30_000 }).toMatchObject({ status: 200 });
    expect(await authorizer.status({ ...AGENT, token: token(valid) })).toBe(200);
    expect(await authorizer.status({ ...BEARER, token: token(valid) })).toBe(403);
    expect((await authorizer.get('/metrics')).body).toMatch(
      /^portarium_policy_decisions_total\{.*decision="deny"\} 1$/m,
    );
    expect(authorizer.records).toHaveLength(2);
  });

  test('ends when it is told to, with nothing said that is no line of JSON', async () => {
    authorizer.process.kill('SIGTERM');
    expect(await authorizer.ended).toBe(0);
    for (const line of authorizer.log) expect(JSON.parse(line)).toHaveProperty('level');
  });
});
