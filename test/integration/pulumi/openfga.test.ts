import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parseDocument } from 'yaml';
import { createAuthority } from '../../../lab/authority.js';
import { startOpenFga, type LabOpenFga } from '../../../lab/openfga.js';
import { destroyStack, previewStack, refreshStack, upStack } from '../../../src/bridge/automation.js';
import { applyNow } from '../../../src/cli/engine.js';
import { loadStack } from '../../../src/config/load.js';
import { packageRoot } from '../../../src/bridge/pulumi-project.js';
import { MODEL_HASH } from '../../../src/model/authorization/model.js';
import { publishedOf, publishedRef, type PublishedModel } from '../../../src/model/authorization/published.js';
import { keyOf } from '../../../src/model/authorization/tuple.js';
import { OpenFgaServer, TOKEN_VARIABLE } from '../../../src/openfga/server.js';
import { readSlice } from '../../../src/openfga/tuples.js';
import { isThere, NEEDS, startBench, type Bench } from './fixture.js';

const quiet = { json: false, line: () => undefined, result: () => undefined, progress: () => undefined };

describe.skipIf(!isThere)(`OpenFGA as Pulumi's resources ${NEEDS}`, { timeout: 900_000 }, () => {
  let bench: Bench;
  let lab: LabOpenFga;
  let server: OpenFgaServer;
  beforeAll(async () => {
    const authority = await createAuthority();
    const tls = await authority.issue({ ips: ['127.0.0.1'] });
    [bench, lab] = await Promise.all([startBench(), startOpenFga({ tls })]);
    const api = { url: lab.url, certificateAuthority: authority.certificate };
    server = await OpenFgaServer.connect({ ...api, token: lab.token });
    edit('platform', ['portarium:openfga', 'api'], api);
  }, 300_000);
  afterAll(async () => {
    server?.close();
    vi.unstubAllEnvs();
    await lab?.stop();
    await bench?.end();
  });

  const options = (stack: string): Parameters<typeof upStack>[0] => {
    const { env, ...rest } = bench.options(stack);
    return { ...rest, env: { ...env, [TOKEN_VARIABLE]: lab.token } };
  };
  const edit = (stack: string, path: readonly string[], value: unknown): void => {
    const file = join(bench.stacksDir, `Pulumi.${stack}.yaml`);
    const document = parseDocument(readFileSync(file, 'utf8'));
    document.setIn(['config', ...path], document.createNode(value));
    writeFileSync(file, document.toString());
  };
  const published = async (): Promise<PublishedModel> =>
    publishedOf(await (await bench.cluster('admin')).get(publishedRef(MODEL_HASH)));
  const slice = async (): Promise<readonly string[]> => {
    const { storeId } = await published();
    return (await readSlice(server, storeId, 'ws-acme', [])).map(keyOf).sort();
  };
  const DANA = 'workspace:ws-acme#admin@user:u-dana';

  test('the platform’s stack makes store and model and publishes where they are, once', async () => {
    const { changes } = await upStack(options('platform'));
    expect(changes['create']).toBeGreaterThan(2);
    const { storeId } = await published();
    expect(storeId).toMatch(/^[0-9A-Z]{26}$/);
    let shown = '';
    const again = await previewStack({ ...options('platform'), onOutput: (text) => (shown += text) });
    expect(again.changes['create'], shown).toBeUndefined();
    expect(shown).not.toMatch(/dynamic\/openfga/);
  });

  test('a workspace’s stack makes its tuples, and repairs what was written by hand', async () => {
    await upStack(options('ws-acme'));
    expect(await slice()).toContain(DANA);
    expect((await previewStack(options('ws-acme'))).changes['update']).toBeUndefined();
    const { storeId } = await published();
    const stray = { user: 'user:mallory', relation: 'admin', object: 'workspace:ws-acme' };
    await server.ask('write', (client) => client.write({ writes: [stray] }, { storeId }));
    expect((await previewStack(options('ws-acme'))).changes['update']).toBe(1);
    expect((await upStack(options('ws-acme'))).changes['update']).toBe(1);
    expect(await slice()).not.toContain('workspace:ws-acme#admin@user:mallory');
  });

  test('a refresh takes what is live into the state, and the key into none', async () => {
    await refreshStack(options('ws-acme'));
    const state = await bench.pulumi('ws-acme', 'stack', 'export');
    expect(state).toContain('pulumi-nodejs:dynamic/openfga:TupleSet');
    expect(state).toContain(DANA);
    expect(state).not.toContain(lab.token);
    // What the engine will run on deletion is no copy of the program, and no path of this machine: the next deployment
    // may be of another version, elsewhere.
    const { deployment } = JSON.parse(state) as {
      deployment: { resources: { type: string; inputs?: { __provider?: string } }[] };
    };
    const provider = deployment.resources.find(({ type }) => type.endsWith(':TupleSet'))?.inputs?.__provider ?? '';
    expect(provider).toContain('pulumi-openfga-provider.js');
    expect(provider).not.toContain(packageRoot());
    expect(provider.length).toBeLessThan(5000);
  });

  test('a change of roles is an update, and a destroy takes the tuples away', async () => {
    edit('ws-acme', ['portarium:access', 'admins'], ['u-erin']);
    await upStack(options('ws-acme'));
    expect(await slice()).toContain('workspace:ws-acme#admin@user:u-erin');
    expect(await slice()).not.toContain(DANA);
    await destroyStack(options('ws-acme'));
    expect(await slice()).toEqual([]);
  });

  test('apply brings the tuples as well, and stops before its objects while OpenFGA is down', async () => {
    vi.stubEnv(TOKEN_VARIABLE, lab.token);
    const config = loadStack('ws-acme', { dir: bench.stacksDir });
    const cluster = await bench.cluster('ws-acme-deployer');
    const { authorization } = await applyNow(cluster, config, quiet);
    expect(authorization.changes.map(({ action }) => action)).toContain('create');
    expect(await slice()).toContain('workspace:ws-acme#admin@user:u-erin');
    expect((await applyNow(cluster, config, quiet)).authorization.changes).toEqual([]);
    await lab.stop();
    let asked = 0;
    await expect(applyNow(cluster, config, quiet, { onChange: () => (asked += 1) })).rejects.toThrow(/does not answer/);
    expect(asked).toBe(0);
  });
});
