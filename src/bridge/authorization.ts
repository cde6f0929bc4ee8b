import type { Stack } from '../config/load.js';
import { AUTHORIZATION_MODEL, MODEL_HASH } from '../model/authorization/model.js';
import { publishedObject, publishedOf, publishedRef, type PublishedModel } from '../model/authorization/published.js';
import type { Tuple } from '../model/authorization/tuple.js';
import { workspaceTuples } from '../model/authorization/tuples.js';
import { keyOf } from '../model/kube-object.js';
import type { Platform } from '../model/platform.js';
import { SUITES, type ModelRef } from '../openfga/checks.js';
import { ensureModel, tryFindModel } from '../openfga/model.js';
import { OpenFgaFailed, OpenFgaServer } from '../openfga/server.js';
import { ensureStore, tryFindStore } from '../openfga/store.js';
import { planTuples, reconcileTuples } from '../openfga/tuples.js';
import { plannedTuple, tupleKey } from './authorization-plan.js';
import { storeViolations } from './authorization-sweep.js';
import type { Cluster } from './cluster.js';
import type { PlannedChange } from './plan.js';

type WorkspaceStack = Extract<Stack, { kind: 'workspace' }>;

/** What an engine did, or would do, to OpenFGA. */
export interface Authorization {
  readonly changes: readonly PlannedChange[];
  /** Each a sentence: why it was left alone, or what comes later. */
  readonly notes: readonly string[];
}

/** The engines were not told where OpenFGA is. */
export const LEFT_ALONE =
  'OpenFGA is left alone: openfga.api is not in the platform’s config, so no model is published and no tuple written.';

const STORE = 'OpenFGA store';
const VIOLATION = 'what no tuples may say is in the store: ';

/**
 * Store and model of the platform's stack: both are made when they are not there, the model's own checks are run against
 * the server, and where it is gets published in the cluster under its hash. Comes after the stack's objects, since
 * these are the server, the kind AuthorizationModel and who may write it. Models are never deleted, so nothing that
 * a workspace pins goes away.
 * Throws OpenFgaFailed and ApiError.
 */
export async function publishModel(cluster: Cluster, platform: Platform): Promise<Authorization> {
  return withServer(platform, async (server) => {
    const { storeName } = platform.openfga;
    const store = await ensureStore(server, storeName);
    const model = await ensureModel(server, store.id, AUTHORIZATION_MODEL, SUITES);
    const wanted: PublishedModel = { hash: MODEL_HASH, storeId: store.id, modelId: model.id };
    const live = await tryPublished(cluster);
    if (live === undefined) await cluster.apply(publishedObject(wanted));
    else assertSame(live, wanted, server, storeName);
    return {
      changes: [
        created(`${STORE} ${storeName}`, store.created),
        created(`OpenFGA model ${MODEL_HASH}`, model.written),
        created(keyOf(publishedObject(wanted)), live === undefined),
      ],
      notes: await sweep(server, store.id),
    };
  });
}

/**
 * The workspace's tuples are made as its config says. Comes before the stack's objects: a right that is taken away
 * must not wait for a rollout, and one that is given means nothing before the agent's policy and pod are there.
 * Throws OpenFgaFailed, also when the model that the workspace pins is not published yet.
 */
export async function grantTuples(cluster: Cluster, config: WorkspaceStack): Promise<Authorization> {
  const { platform, workspace } = config;
  return withServer(platform, async (server) => {
    const model = await publishedModel(cluster, server, platform);
    const { changes } = await reconcileTuples(server, model, workspace.id, workspaceTuples(platform, workspace));
    return { changes: changes.map(plannedTuple), notes: await sweep(server, model.storeId) };
  });
}

/** Takes every tuple of the workspace's stack away. */
export async function revokeTuples(cluster: Cluster, { platform, workspace }: WorkspaceStack): Promise<Authorization> {
  return withServer(platform, async (server) => {
    const model = await publishedModel(cluster, server, platform);
    const { changes } = await reconcileTuples(server, model, workspace.id, []);
    return { changes: changes.map(plannedTuple), notes: await sweep(server, model.storeId) };
  });
}

/** What `publishModel` or `grantTuples` would do; writes nothing. A server that does not answer is a note. */
export const planAuthorization = (cluster: Cluster, config: Stack): Promise<Authorization> =>
  planned(config.platform, (server) =>
    config.kind === 'platform'
      ? planModel(cluster, server, config.platform)
      : planWorkspace(server, config, workspaceTuples(config.platform, config.workspace)),
  );

/** What `revokeTuples` would do. */
export const planRevocation = (config: WorkspaceStack): Promise<Authorization> =>
  planned(config.platform, (server) => planWorkspace(server, config, []));

async function planned(
  platform: Platform,
  act: (server: OpenFgaServer) => Promise<Authorization>,
): Promise<Authorization> {
  try {
    return await withServer(platform, act);
  } catch (error) {
    if (error instanceof OpenFgaFailed) return { changes: [], notes: [`not compared: ${error.message}`] };
    throw error;
  }
}

async function planModel(cluster: Cluster, server: OpenFgaServer, platform: Platform): Promise<Authorization> {
  const { storeName } = platform.openfga;
  const storeId = await tryFindStore(server, storeName);
  const modelId = storeId === undefined ? undefined : await tryFindModel(server, storeId, AUTHORIZATION_MODEL);
  const live = await tryPublished(cluster);
  return {
    changes: [
      created(`${STORE} ${storeName}`, storeId === undefined),
      created(`OpenFGA model ${MODEL_HASH}`, modelId === undefined),
      created(keyOf(publishedRef(MODEL_HASH)), live === undefined),
    ],
    notes: storeId === undefined ? [] : await sweep(server, storeId),
  };
}

async function planWorkspace(
  server: OpenFgaServer,
  { platform, workspace }: WorkspaceStack,
  desired: readonly Tuple[],
): Promise<Authorization> {
  const storeId = await tryFindStore(server, platform.openfga.storeName);
  if (storeId === undefined) {
    return {
      changes: desired.map((tuple) => created(tupleKey(tuple), true)),
      notes: [`there is no store "${platform.openfga.storeName}" yet: deploy the platform’s stack first.`],
    };
  }
  const changes = await planTuples(server, storeId, workspace.id, desired);
  return { changes: changes.map(plannedTuple), notes: await sweep(server, storeId) };
}

/** What the store says now and may not, in any workspace; a plan and its update name it alike. */
const sweep = async (server: OpenFgaServer, storeId: string): Promise<readonly string[]> =>
  (await storeViolations(server, storeId)).map((violation) => `${VIOLATION}${violation}`);

async function withServer(
  { openfga: { api } }: Platform,
  act: (server: OpenFgaServer) => Promise<Authorization>,
): Promise<Authorization> {
  if (api === undefined) return { changes: [], notes: [LEFT_ALONE] };
  const server = await OpenFgaServer.connect(api);
  try {
    return await act(server);
  } finally {
    server.close();
  }
}

/** Where the model with the hash is, by the cluster. @param hash by default this version's */
export async function tryPublished(cluster: Cluster, hash = MODEL_HASH): Promise<PublishedModel | undefined> {
  const live = await cluster.tryGet(publishedRef(hash));
  return live && publishedOf(live);
}

/** Where the model is that the workspace will pin. */
async function publishedModel(cluster: Cluster, server: OpenFgaServer, platform: Platform): Promise<ModelRef> {
  const { storeName } = platform.openfga;
  const [published, storeId] = [await tryPublished(cluster), await tryFindStore(server, storeName)];
  if (published === undefined) {
    throw new OpenFgaFailed(
      `the authorization model ${MODEL_HASH.slice(0, 12)}… of this version is not published in the cluster. Deploy the platform’s stack of this version first; workspaces follow one at a time.`,
    );
  }
  if (published.storeId !== storeId) throw elsewhere(published, server, storeName, storeId);
  return published;
}

function assertSame(live: PublishedModel, wanted: PublishedModel, server: OpenFgaServer, storeName: string): void {
  if (live.storeId !== wanted.storeId) throw elsewhere(live, server, storeName, wanted.storeId);
  if (live.modelId !== wanted.modelId) {
    throw new OpenFgaFailed(
      `AuthorizationModel ${live.hash.slice(0, 12)}… names model ${live.modelId}, but the model with that hash in store "${storeName}" is ${wanted.modelId}. Delete the object while no WorkspacePolicy pins it, and deploy again.`,
    );
  }
}

const elsewhere = (
  live: PublishedModel,
  server: OpenFgaServer,
  storeName: string,
  storeId: string | undefined,
): OpenFgaFailed =>
  new OpenFgaFailed(
    `AuthorizationModel ${live.hash.slice(0, 12)}… names store ${live.storeId}, but "${storeName}" at ${server.url} is ${storeId ?? 'not there'}: this is not the OpenFGA that the front asks, or its database is another. Check openfga.api and openfga.storeName; if the database was lost, delete the object as break-glass and deploy the platform’s stack, then every workspace’s.`,
  );

const created = (key: string, isNew: boolean): PlannedChange => ({
  key,
  action: isNew ? 'create' : 'unchanged',
  fields: [],
});
