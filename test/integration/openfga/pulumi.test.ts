import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { createAuthority } from '../../../lab/authority.js';
import { startOpenFga, type LabOpenFga } from '../../../lab/openfga.js';
import { destroyStack, previewStack, refreshStack, upStack } from '../../../src/bridge/automation.js';
import { packageRoot } from '../../../src/bridge/pulumi-project.js';
import { MODEL_HASH } from '../../../src/model/authorization/model.js';
import { publishedOf, publishedRef, type PublishedModel } from '../../../src/model/authorization/published.js';
import { keyOf } from '../../../src/model/authorization/tuple.js';
import { OpenFgaServer, TOKEN_VARIABLE } from '../../../src/openfga/server.js';
import { readSlice } from '../../../src/openfga/tuples.js';
import { isThere, NEEDS, startBench, type Bench } from '../pulumi/fixture.js';

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
    expect(await previewStack(options('platform'))).toMatchObject({ changes: { same: changes['create'] } });
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
    // Nor a path of this machine: the next deployment may run on another.
    expect(state).not.toContain(packageRoot());
  });

  test('a change of roles is an update, and a destroy takes the tuples away', async () => {
    edit('ws-acme', ['portarium:access', 'admins'], ['u-erin']);
    await upStack(options('ws-acme'));
    expect(await slice()).toContain('workspace:ws-acme#admin@user:u-erin');
    expect(await slice()).not.toContain(DANA);
    await destroyStack(options('ws-acme'));
    expect(await slice()).toEqual([]);
  });
});
