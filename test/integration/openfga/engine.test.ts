import { App, Chart } from 'cdk8s';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  grantTuples,
  LEFT_ALONE,
  planAuthorization,
  planRevocation,
  publishModel,
  revokeTuples,
} from '../../../src/bridge/authorization.js';
import { storeStatus } from '../../../src/bridge/authorization-sweep.js';
import { Cluster } from '../../../src/bridge/cluster.js';
import { AuthorizationModelDefinition } from '../../../src/constructs/custom-resources/authorization-model-definition.js';
import { MODEL_HASH } from '../../../src/model/authorization/model.js';
import { publishedOf, publishedRef } from '../../../src/model/authorization/published.js';
import { workspaceTuples } from '../../../src/model/authorization/tuples.js';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { API_VERSION, NAMESPACES } from '../../../src/model/names.js';
import type { Platform } from '../../../src/model/platform.js';
import type { Workspace } from '../../../src/model/workspace.js';
import { TOKEN_VARIABLE } from '../../../src/openfga/server.js';
import { ACME, GLOBEX, PLATFORM } from '../../model/examples.js';
import { store, useOpenFga } from './fixture.js';
import { workerLab } from '../worker-lab.js';

const fga = useOpenFga();
let cluster: Cluster;
let count = 0;
let platform: Platform;

const definition = (): KubeObject => {
  const chart = new Chart(new App(), 'test');
  new AuthorizationModelDefinition(chart, 'definition');
  return chart.toJson()[0] as KubeObject;
};
const until = async (condition: () => Promise<boolean>): Promise<void> => {
  for (let tries = 0; !(await condition()); tries += 1) {
    if (tries > 200) throw new Error('waited in vain');
    await sleep(100);
  }
};
const published = async () => {
  const live = await cluster.tryGet(publishedRef(MODEL_HASH));
  return live && publishedOf(live);
};
const forget = async (): Promise<void> => {
  const live = await cluster.tryGet(publishedRef(MODEL_HASH));
  if (live) await cluster.delete(live);
};

beforeAll(async () => {
  cluster = await Cluster.connect({ kubeconfig: workerLab().kubeconfig });
  await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACES.policy } });
  await cluster.apply(definition());
  await until(async () => (await cluster.tryResource(API_VERSION, 'AuthorizationModel')) !== undefined);
  await until(() =>
    cluster.list({ apiVersion: API_VERSION, kind: 'AuthorizationModel' }).then(
      () => true,
      () => false,
    ),
  );
});
afterAll(async () => {
  await cluster.delete(definition());
  cluster.close();
  vi.unstubAllEnvs();
});
beforeEach(async () => {
  await forget();
  count += 1;
  vi.stubEnv(TOKEN_VARIABLE, fga.lab.token);
  platform = { ...PLATFORM, openfga: { ...PLATFORM.openfga, storeName: `engine-${count}`, api: { url: fga.lab.url } } };
});

const acme = (more: Partial<Workspace> = {}) =>
  ({ kind: 'workspace', platform, workspace: { ...ACME, ...more } }) as const;
const actions = (changes: readonly { readonly key: string; readonly action: string }[]) =>
  changes.map(({ key, action }) => `${action} ${key}`);

describe('the platform’s stack', () => {
  test('makes store and model, publishes where they are, and nothing the second time', async () => {
    const planned = await planAuthorization(cluster, { kind: 'platform', platform });
    const { changes } = await publishModel(cluster, platform);
    expect(actions(changes)).toEqual([
      `create OpenFGA store engine-${count}`,
      `create OpenFGA model ${MODEL_HASH}`,
      `create AuthorizationModel.enforcement.portarium.io portarium-policy/${MODEL_HASH}`,
    ]);
    expect(planned.changes).toEqual(changes);
    expect(await published()).toMatchObject({ hash: MODEL_HASH });
    const again = await publishModel(cluster, platform);
    expect(again.changes.map(({ action }) => action)).toEqual(['unchanged', 'unchanged', 'unchanged']);
    expect((await planAuthorization(cluster, { kind: 'platform', platform })).changes).toEqual(again.changes);
  });

  test('refuses to go on where the cluster names another store', async () => {
    await publishModel(cluster, platform);
    const other = { ...platform, openfga: { ...platform.openfga, storeName: 'another' } };
    await expect(publishModel(cluster, other)).rejects.toThrow(
      /names store \w+, but "another" at http:.* is \w+: this is not the OpenFGA that the front asks, or its database is another/,
    );
  });
});

describe('a workspace’s stack', () => {
  test('waits for the model that it pins', async () => {
    await expect(grantTuples(cluster, acme())).rejects.toThrow(
      `the authorization model ${MODEL_HASH.slice(0, 12)}… of this version is not published in the cluster. Deploy the platform’s stack of this version first`,
    );
    const { notes } = await planAuthorization(cluster, acme());
    expect(notes).toEqual([`there is no store "engine-${count}" yet: deploy the platform’s stack first.`]);
  });

  test('plans its tuples, makes them, changes what changes, and takes them all away', async () => {
    await publishModel(cluster, platform);
    const credentials = [{ id: 'hubspot', notBefore: '2026-01-01T00:00:00Z', expiresAt: '2026-02-01T00:00:00Z' }];
    const before = acme({ credentials, access: { ...ACME.access, admins: ['u-dana'] } });
    const planned = await planAuthorization(cluster, before);
    expect(planned.changes).toHaveLength(workspaceTuples(platform, before.workspace).length);
    expect(actions(planned.changes)).toContain('create OpenFGA tuple workspace:ws-acme#admin@user:u-dana');
    expect((await grantTuples(cluster, before)).changes).toEqual(planned.changes);
    expect((await planAuthorization(cluster, before)).changes).toEqual([]);

    const after = acme({
      credentials: [{ ...credentials[0]!, expiresAt: '2026-03-01T00:00:00Z' }],
      access: { ...ACME.access, operators: ['u-dana'] },
    });
    const { changes } = await planAuthorization(cluster, after);
    expect(changes).toEqual([
      {
        key: 'OpenFGA tuple credential:ws-acme/hubspot#lease@workload:portarium.io/ns/portarium-execution/sa/worker',
        action: 'update',
        fields: [
          {
            path: 'condition.context.expires_at',
            before: '2026-02-01T00:00:00Z',
            after: '2026-03-01T00:00:00Z',
          },
        ],
      },
      { key: 'OpenFGA tuple workspace:ws-acme#admin@user:u-dana', action: 'delete', fields: [] },
      { key: 'OpenFGA tuple workspace:ws-acme#operator@user:u-dana', action: 'create', fields: [] },
    ]);
    await grantTuples(cluster, after);
    expect((await grantTuples(cluster, after)).changes).toEqual([]);

    const all = await planRevocation(after);
    expect(all.changes.every(({ action }) => action === 'delete')).toBe(true);
    expect((await revokeTuples(cluster, after)).changes).toEqual(all.changes);
    expect((await planRevocation(after)).changes).toEqual([]);
  });
});

describe('a tuple that no set may have', () => {
  const VIOLATION = /^workspace:ws-globex#operator@agent:ws-acme\/sales-bot reaches into another workspace\.$/;

  test('written by hand is named by every plan and update, and by the status', async () => {
    await publishModel(cluster, platform);
    expect((await grantTuples(cluster, acme())).notes).toEqual([]);
    expect(await storeStatus(platform)).toEqual({ violations: [] });
    const { storeId, modelId } = (await published())!;
    const foreign = { user: 'agent:ws-acme/sales-bot', relation: 'operator', object: 'workspace:ws-globex' };
    await store(fga.server, { storeId, modelId }, [foreign]);

    const named = [expect.stringMatching(/^what no tuples may say is in the store: workspace:ws-globex#operator@/)];
    expect((await planAuthorization(cluster, acme())).notes).toEqual(named);
    expect((await planAuthorization(cluster, { kind: 'platform', platform })).notes).toEqual(named);
    expect((await grantTuples(cluster, acme())).notes).toEqual(named);
    expect((await publishModel(cluster, platform)).notes).toEqual(named);
    expect(await storeStatus(platform)).toEqual({ violations: [expect.stringMatching(VIOLATION)] });

    // Its own workspace's stack takes it away, and then it is gone from all of them.
    await revokeTuples(cluster, { ...acme(), workspace: GLOBEX });
    expect((await planAuthorization(cluster, acme())).notes).toEqual([]);
    expect(await storeStatus(platform)).toEqual({ violations: [] });
  });

  test('cannot be ruled out where the store cannot be read, and the status says so', async () => {
    expect(await storeStatus(platform)).toEqual({
      violations: [],
      unread: `there is no store "engine-${count}" at ${fga.lab.url}.`,
    });
    const away = { ...platform, openfga: { ...platform.openfga, api: { url: 'http://127.0.0.1:9' } } };
    expect(await storeStatus(away)).toEqual({
      violations: [],
      unread: expect.stringMatching(/could not list its stores: it does not answer/) as string,
    });
    expect(await storeStatus(PLATFORM)).toEqual({ violations: [] });
  });
});

describe('without OpenFGA', () => {
  test('that the config names, one line says so', async () => {
    const without = { ...PLATFORM };
    expect(await publishModel(cluster, without)).toEqual({ changes: [], notes: [LEFT_ALONE] });
    expect(await grantTuples(cluster, { ...acme(), platform: without })).toEqual({ changes: [], notes: [LEFT_ALONE] });
    expect(await planAuthorization(cluster, { kind: 'platform', platform: without })).toEqual({
      changes: [],
      notes: [LEFT_ALONE],
    });
  });

  test('that answers, a plan says why it did not compare, and nothing is granted', async () => {
    platform = { ...platform, openfga: { ...platform.openfga, api: { url: 'http://127.0.0.1:9' } } };
    const { changes, notes } = await planAuthorization(cluster, acme());
    expect(changes).toEqual([]);
    expect(notes).toEqual([expect.stringMatching(/^not compared: OpenFGA at http:\/\/127\.0\.0\.1:9 could not list/)]);
    await expect(publishModel(cluster, platform)).rejects.toThrow(/does not answer/);
  });
});
