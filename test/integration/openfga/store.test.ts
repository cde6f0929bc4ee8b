import { describe, expect, test } from 'vitest';
import { createAuthority } from '../../../lab/authority.js';
import { startOpenFga } from '../../../lab/openfga.js';
import { AUTHORIZATION_MODEL, type AuthorizationModel } from '../../../src/model/authorization/model.js';
import { SUITES } from '../../../src/openfga/checks.js';
import { ensureModel, tryFindModel } from '../../../src/openfga/model.js';
import { OpenFgaFailed, OpenFgaServer } from '../../../src/openfga/server.js';
import { ensureStore, tryFindStore } from '../../../src/openfga/store.js';
import { modelOf, readModules } from '../../support/authorization-model.js';
import { useOpenFga } from './fixture.js';

const fga = useOpenFga();
const suites = SUITES;

const models = async (storeId: string): Promise<number> =>
  (await fga.server.ask('read', (client) => client.readAuthorizationModels({ storeId }))).authorization_models.length;

describe('the store', () => {
  test('is made once, and found by its name among more than one page of others', async () => {
    for (let index = 0; index < 120; index += 1) {
      await fga.server.ask('create', (client) => client.createStore({ name: `other-${index}` }));
    }
    expect(await tryFindStore(fga.server, 'portarium')).toBeUndefined();
    const first = await ensureStore(fga.server, 'portarium');
    expect(first.created).toBe(true);
    expect(await ensureStore(fga.server, 'portarium')).toEqual({ id: first.id, created: false });
  });

  test('is not guessed where two have its name', async () => {
    const ids = [];
    for (let index = 0; index < 2; index += 1) {
      ids.push((await fga.server.ask('create', (client) => client.createStore({ name: 'twin' }))).id);
    }
    const error = await ensureStore(fga.server, 'twin').catch((failure: unknown) => failure as Error);
    expect(error).toBeInstanceOf(OpenFgaFailed);
    expect((error as Error).message).toMatch(
      /has 2 stores named "twin": \w+, \w+\. OpenFGA does not keep names unique/,
    );
    for (const id of ids) expect((error as Error).message).toContain(id);
  });
});

describe('the model', () => {
  test('is written once: the server gives back the same meaning', async () => {
    const { id: storeId } = await ensureStore(fga.server, 'models');
    const first = await ensureModel(fga.server, storeId, AUTHORIZATION_MODEL, suites);
    expect(first.written).toBe(true);
    expect(await ensureModel(fga.server, storeId, AUTHORIZATION_MODEL, suites)).toEqual({
      id: first.id,
      written: false,
    });
    expect(await models(storeId)).toBe(1);
  });

  test('is found behind newer ones, and every other meaning is another model', async () => {
    const { id: storeId } = await ensureStore(fga.server, 'history');
    const first = await ensureModel(fga.server, storeId, AUTHORIZATION_MODEL, suites);
    const modules = readModules();
    const wider = modelOf({
      ...modules,
      'core.fga': modules['core.fga']!.replace('auditor: [user]', 'auditor: [user, agent]'),
    });
    expect(await tryFindModel(fga.server, storeId, wider)).toBeUndefined();
    const second = await ensureModel(fga.server, storeId, wider, suites);
    expect(second.id).not.toBe(first.id);
    expect(await tryFindModel(fga.server, storeId, AUTHORIZATION_MODEL)).toBe(first.id);
    expect(await tryFindModel(fga.server, storeId, wider)).toBe(second.id);
  });

  test('that answers one of its own checks wrongly gets no id', async () => {
    const { id: storeId } = await ensureStore(fga.server, 'wrong');
    const modules = readModules();
    const open = modelOf({ ...modules, 'core.fga': modules['core.fga']!.replace(' but not suspended', '') });
    await expect(ensureModel(fga.server, storeId, open, suites)).rejects.toThrow(
      /answers \d+ of the model’s own checks wrongly, so model \w+ is not published:\n {2}portarium: user:~admin-a member workspace:~sus must be false, and is: true/,
    );
    // Nor the second time, when it is there already.
    await expect(ensureModel(fga.server, storeId, open, suites)).rejects.toThrow(/is not published/);
  });

  test('that the server refuses is an error that says why', async () => {
    const { id: storeId } = await ensureStore(fga.server, 'refused');
    const broken = { ...AUTHORIZATION_MODEL, type_definitions: [{ type: 'a' }, { type: 'a' }] } as AuthorizationModel;
    await expect(ensureModel(fga.server, storeId, broken, suites)).rejects.toThrow(
      /could not write the model: .*duplicate/,
    );
  });
});

describe('the server', () => {
  test('that refuses the key says which variable to set, and no key', async () => {
    const stranger = await OpenFgaServer.connect({ url: fga.lab.url, token: 'a-wrong-key' });
    const error = await tryFindStore(stranger, 'portarium').catch((failure: unknown) => failure as OpenFgaFailed);
    expect(error).toMatchObject({
      status: 401,
      message: `OpenFGA at ${fga.lab.url} could not list its stores: it does not take the key (401). Set OPENFGA_API_TOKEN to one of its preshared keys.`,
    });
    expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain('a-wrong-key');
    stranger.close();
  });

  test('that is not there says so', async () => {
    const gone = await OpenFgaServer.connect({ url: 'http://127.0.0.1:9', token: 'x' });
    await expect(tryFindStore(gone, 'portarium')).rejects.toThrow(
      /^OpenFGA at http:\/\/127.0.0.1:9 could not list its stores: it does not answer \(.*ECONNREFUSED.*\). Check openfga.api of the platform’s config.$/,
    );
  });

  test('without a key is not called', async () => {
    await expect(OpenFgaServer.connect({ url: fga.lab.url, token: '' })).rejects.toThrow(
      /^no key for OpenFGA at .*: set OPENFGA_API_TOKEN/,
    );
  });

  test('is trusted by the authority of the config alone', async () => {
    const authority = await createAuthority();
    const lab = await startOpenFga({ tls: await authority.issue({ ips: ['127.0.0.1'] }) });
    try {
      const connect = (certificateAuthority: string): Promise<OpenFgaServer> =>
        OpenFgaServer.connect({ url: lab.url, token: lab.token, certificateAuthority });
      expect(await tryFindStore(await connect(authority.certificate), 'portarium')).toBeUndefined();
      const other = (await createAuthority()).certificate;
      await expect(tryFindStore(await connect(other), 'portarium')).rejects.toThrow(/does not answer \(.*certificate/);
    } finally {
      await lab.stop();
    }
  });
});
