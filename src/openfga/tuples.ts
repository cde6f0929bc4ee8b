import { typeOf } from '../model/authorization/ids.js';
import { keyOf, type Tuple } from '../model/authorization/tuple.js';
import type { ModelRef } from './checks.js';
import { changesBetween, planWrites, type TupleChange, type Write } from './reconcile.js';
import { OpenFgaFailed, type OpenFgaServer } from './server.js';
import { isInSlice } from './slice.js';

const PAGE = 100;
/** Reads under way at a time. */
const LIMIT = 8;
/** Another engine may write at the same moment; what it left is read again this often. */
const ATTEMPTS = 5;

/** What a reconciliation did. */
export interface Reconciled {
  readonly changes: readonly TupleChange[];
  /** Number of Writes. */
  readonly writes: number;
}

/** What a workspace's stack has to change in the store, and writes nothing. */
export async function planTuples(
  server: OpenFgaServer,
  storeId: string,
  workspaceId: string,
  desired: readonly Tuple[],
): Promise<readonly TupleChange[]> {
  return changesBetween(desired, await readSlice(server, storeId, workspaceId, desired));
}

/**
 * Makes the store hold exactly the desired tuples of one workspace; none to take all of them away. What somebody else
 * writes at the same moment is read again and reconciled again. Throws OpenFgaFailed; the next run finishes what was
 * begun.
 */
export async function reconcileTuples(
  server: OpenFgaServer,
  { storeId, modelId }: ModelRef,
  workspaceId: string,
  desired: readonly Tuple[],
): Promise<Reconciled> {
  const changes = new Map<string, TupleChange>();
  let writes = 0;
  for (let attempt = 1; ; attempt += 1) {
    const found = await readSlice(server, storeId, workspaceId, desired);
    const plan = planWrites(desired, found);
    if (plan.length === 0) return { changes: [...changes.values()], writes };
    if (attempt > ATTEMPTS) {
      throw new OpenFgaFailed(
        `the tuples of workspace "${workspaceId}" in OpenFGA at ${server.url} are not as desired after ${ATTEMPTS} attempts: somebody else writes them. Find out who, and run this again.`,
      );
    }
    for (const change of changesBetween(desired, found)) changes.set(keyOf(change.tuple), change);
    try {
      for (const write of plan) {
        await send(server, { storeId, modelId }, workspaceId, write);
        writes += 1;
      }
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
  }
}

/** Every tuple that `isInSlice` claims, as the database has it now and no cache. */
export async function readSlice(
  server: OpenFgaServer,
  storeId: string,
  workspaceId: string,
  desired: readonly Tuple[],
): Promise<readonly Tuple[]> {
  const workspace = `workspace:${workspaceId}`;
  const onWorkspace = await read(server, storeId, { object: workspace });
  const children = (
    await inParallel(['agent:', 'credential:'], (object) => read(server, storeId, { user: workspace, object }))
  ).flat();
  // Found by their place in the workspace, by their role in it, or by what must be there: OpenFGA reads by object, and
  // knows no prefixes.
  const objects = new Set([
    ...children.map(({ object }) => object),
    ...onWorkspace.filter(({ user }) => typeOf(user) === 'agent').map(({ user }) => user.split('#')[0]!),
    ...desired.map(({ object }) => object).filter((object) => object !== workspace),
  ]);
  const onChildren = (await inParallel([...objects], (object) => read(server, storeId, { object }))).flat();
  return [...onWorkspace, ...onChildren].filter(isInSlice(workspaceId));
}

/** Every tuple of the store, of all workspaces, page by page. */
export const readAll = (server: OpenFgaServer, storeId: string): Promise<readonly Tuple[]> => read(server, storeId, {});

interface ReadKey {
  readonly user?: string;
  readonly object?: string;
}

async function read(server: OpenFgaServer, storeId: string, key: ReadKey): Promise<readonly Tuple[]> {
  const tuples: Tuple[] = [];
  let continuationToken = '';
  do {
    const page = await server.ask(`read the tuples of ${key.object ?? 'the store'}`, async (client) => {
      const { ConsistencyPreference } = await import('@openfga/sdk');
      return client.read(key, {
        storeId,
        pageSize: PAGE,
        consistency: ConsistencyPreference.HigherConsistency,
        ...(continuationToken !== '' && { continuationToken }),
      });
    });
    tuples.push(
      ...page.tuples.map(({ key: { user, relation, object, condition } }) =>
        toTuple(user, relation, object, condition),
      ),
    );
    continuationToken = page.continuation_token;
  } while (continuationToken !== '');
  return tuples;
}

const toTuple = (
  user: string,
  relation: string,
  object: string,
  condition: { readonly name: string; readonly context?: object } | undefined,
): Tuple => ({
  user,
  relation,
  object,
  ...(condition && {
    condition: { name: condition.name, context: (condition.context ?? {}) as Readonly<Record<string, string>> },
  }),
});

async function send(
  server: OpenFgaServer,
  { storeId, modelId }: ModelRef,
  workspaceId: string,
  { deletes, writes }: Write,
): Promise<void> {
  await server.ask(`write tuples of workspace "${workspaceId}"`, (client) =>
    client.write(
      {
        writes: writes.map(({ condition, ...key }) => ({ ...key, ...(condition && { condition }) })),
        deletes: deletes.map(({ user, relation, object }) => ({ user, relation, object })),
      },
      { storeId, authorizationModelId: modelId },
    ),
  );
}

/** Somebody has written or deleted one of the tuples since they were read: 409, or 400 with its own code. */
const isConflict = (error: unknown): boolean =>
  error instanceof OpenFgaFailed &&
  (error.status === 409 || (error.status === 400 && error.code === 'write_failed_due_to_invalid_input'));

async function inParallel<Item, Result>(
  items: readonly Item[],
  act: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (let index = 0; index < items.length; index += LIMIT) {
    results.push(...(await Promise.all(items.slice(index, index + LIMIT).map(act))));
  }
  return results;
}
