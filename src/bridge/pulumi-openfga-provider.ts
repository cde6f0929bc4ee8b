import type { CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult } from '@pulumi/pulumi/dynamic/index.js';
import { AUTHORIZATION_MODEL, MODEL_HASH } from '../model/authorization/model.js';
import { publishedObject } from '../model/authorization/published.js';
import { byKey, keyOf, type Condition, type Tuple } from '../model/authorization/tuple.js';
import { canonicalJson } from '../model/canonical.js';
import { SUITES } from '../openfga/checks.js';
import { ensureModel } from '../openfga/model.js';
import { changesBetween } from '../openfga/reconcile.js';
import { OpenFgaServer } from '../openfga/server.js';
import { ensureStore, tryFindStore } from '../openfga/store.js';
import { readSlice, reconcileTuples } from '../openfga/tuples.js';
import { tryPublished } from './authorization.js';
import { Cluster } from './cluster.js';

/** Where a resource's server is. The key comes from the environment of the engine and is in no state. */
interface Place {
  readonly url: string;
  readonly certificateAuthority?: string;
}

export interface StoreInputs extends Place {
  readonly name: string;
}

export interface ModelInputs extends Place {
  readonly storeId: string;
  readonly hash: string;
}

export interface TupleSetInputs extends Place {
  readonly storeId: string;
  readonly modelId: string;
  readonly workspace: string;
  /** By `keyOf`: the condition as canonical JSON, or nothing. A preview shows what comes and goes line by line. */
  readonly tuples: Readonly<Record<string, string>>;
}

/** What a dynamic provider is, as far as it is used: one resource's life. */
export interface Crud<Inputs> {
  check(olds: Inputs, news: Inputs): Promise<CheckResult>;
  diff(id: string, olds: Inputs, news: Inputs): Promise<DiffResult>;
  create(inputs: Inputs): Promise<CreateResult>;
  update(id: string, olds: Inputs, news: Inputs): Promise<UpdateResult>;
  read(id: string, props: Inputs): Promise<ReadResult>;
  delete(id: string, props: Inputs): Promise<void>;
}

/** A store, adopted by its name. Deleting the resource leaves it: with it every workspace's tuples would go. */
export const store: Crud<StoreInputs> = {
  check: (_, news) => Promise.resolve({ inputs: news }),
  diff: (_, olds, news) => Promise.resolve(replacedBy(olds, news, ['name', 'url'])),
  create: (inputs) =>
    on(inputs, async (server) => {
      const { id } = await ensureStore(server, inputs.name);
      return { id, outs: { ...inputs, storeId: id } };
    }),
  update: (id, _, news) => Promise.resolve({ outs: { ...news, storeId: id } }),
  read: (id, props) =>
    on(props, async (server) => ((await tryFindStore(server, props.name)) === id ? { id, props } : {})),
  delete: () => Promise.resolve(),
};

/** The model of this version, checked and published in the cluster. Models cannot be deleted, and none is unpublished. */
export const model: Crud<ModelInputs> = {
  check: (_, news) =>
    Promise.resolve({
      inputs: news,
      ...(news.hash !== MODEL_HASH && {
        failures: [{ property: 'hash', reason: `is not that of this program’s model, ${MODEL_HASH}.` }],
      }),
    }),
  diff: async (_, olds, news) => {
    const replaced = replacedBy(olds, news, ['hash', 'storeId', 'url']);
    return replaced.changes === true
      ? replaced
      : { changes: (await published(news.hash).catch(() => olds)) === undefined };
  },
  create: (inputs) => publish(inputs).then((outs) => ({ id: outs.modelId, outs })),
  update: (_id, _, news) => publish(news).then((outs) => ({ outs })),
  read: async (id, props) => ((await published(props.hash)) === undefined ? {} : { id, props }),
  delete: () => Promise.resolve(),
};

/** All that a workspace's stack owns of a store, as one resource. */
export const tupleSet: Crud<TupleSetInputs> = {
  check: (_, news) => Promise.resolve({ inputs: news }),
  diff: async (_, olds, news) => {
    const replaced = replacedBy(olds, news, ['storeId', 'workspace', 'url']);
    if (replaced.changes === true) return replaced;
    // Also what is live: a preview must not say "unchanged" where somebody has written tuples by hand.
    const drifted = await on(news, async (server) => {
      const desired = tuplesOf(news.tuples);
      return changesBetween(desired, await readSlice(server, news.storeId, news.workspace, desired)).length > 0;
    }).catch(() => false);
    return { changes: drifted || canonicalJson(olds) !== canonicalJson(news), deleteBeforeReplace: true };
  },
  create: async (inputs) => ({ id: `${inputs.storeId}/${inputs.workspace}`, outs: await reconciled(inputs) }),
  update: async (_id, _, news) => ({ outs: await reconciled(news) }),
  read: (id, props) =>
    on(props, async (server) => {
      const found = await readSlice(server, props.storeId, props.workspace, tuplesOf(props.tuples));
      return { id, props: { ...props, tuples: recordOf(found) } };
    }),
  delete: (_, props) => reconciled({ ...props, tuples: {} }).then(() => undefined),
};

export const recordOf = (tuples: readonly Tuple[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...tuples].sort(byKey).map((tuple) => [keyOf(tuple), tuple.condition ? canonicalJson(tuple.condition) : '']),
  );

/** Ids have no "#" or "@", but a userset's user has: the first of each separates. */
export const tuplesOf = (record: Readonly<Record<string, string>>): readonly Tuple[] =>
  Object.entries(record).map(([key, condition]) => {
    const [, object = '', relation = '', user = ''] = /^([^#]+)#([^@]+)@(.+)$/s.exec(key) ?? [];
    return { user, relation, object, ...(condition !== '' && { condition: JSON.parse(condition) as Condition }) };
  });

async function on<Result>(place: Place, act: (server: OpenFgaServer) => Promise<Result>): Promise<Result> {
  const { url, certificateAuthority } = place;
  const server = await OpenFgaServer.connect({ url, ...(certificateAuthority && { certificateAuthority }) });
  try {
    return await act(server);
  } finally {
    server.close();
  }
}

async function inCluster<Result>(act: (cluster: Cluster) => Promise<Result>): Promise<Result> {
  const cluster = await Cluster.connect();
  try {
    return await act(cluster);
  } finally {
    cluster.close();
  }
}

const published = (hash: string) => inCluster((cluster) => tryPublished(cluster, hash));

const publish = (inputs: ModelInputs) =>
  on(inputs, async (server) => {
    const { id: modelId } = await ensureModel(server, inputs.storeId, AUTHORIZATION_MODEL, SUITES);
    await inCluster((cluster) =>
      cluster.apply(publishedObject({ hash: inputs.hash, storeId: inputs.storeId, modelId })),
    );
    return { ...inputs, modelId };
  });

const reconciled = (inputs: TupleSetInputs): Promise<TupleSetInputs> =>
  on(inputs, async (server) => {
    const { storeId, modelId, workspace, tuples } = inputs;
    await reconcileTuples(server, { storeId, modelId }, workspace, tuplesOf(tuples));
    return inputs;
  });

/** Unknown values of a preview differ from every known one. */
function replacedBy<Inputs extends object>(
  olds: Inputs,
  news: Inputs,
  keys: readonly (keyof Inputs & string)[],
): DiffResult {
  const replaces = keys.filter((key) => olds[key] !== news[key]);
  return { changes: replaces.length > 0, replaces };
}
