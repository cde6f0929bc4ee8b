import { afterAll, beforeAll } from 'vitest';
import { startOpenFga, type LabOpenFga } from '../../../lab/openfga.js';
import { AUTHORIZATION_MODEL, type AuthorizationModel } from '../../../src/model/authorization/model.js';
import type { Tuple } from '../../../src/model/authorization/tuple.js';
import type { ModelRef } from '../../../src/openfga/checks.js';
import { planWrites } from '../../../src/openfga/reconcile.js';
import { OpenFgaServer } from '../../../src/openfga/server.js';

/** A real OpenFGA for the tests of a file. */
export function useOpenFga(): { readonly lab: LabOpenFga; readonly server: OpenFgaServer } {
  const started: { lab?: LabOpenFga; server?: OpenFgaServer } = {};
  beforeAll(async () => {
    started.lab = await startOpenFga();
    started.server = await OpenFgaServer.connect({ url: started.lab.url, token: started.lab.token });
  });
  afterAll(async () => {
    started.server?.close();
    await started.lab?.stop();
  });
  return {
    get lab() {
      return started.lab!;
    },
    get server() {
      return started.server!;
    },
  };
}

let count = 0;

/** A store of its own with a model. */
export async function newStore(
  server: OpenFgaServer,
  model: AuthorizationModel = AUTHORIZATION_MODEL,
): Promise<ModelRef> {
  count += 1;
  const { id: storeId } = await server.ask('create', (client) => client.createStore({ name: `store-${count}` }));
  return { storeId, modelId: await newModel(server, storeId, model) };
}

export async function newModel(server: OpenFgaServer, storeId: string, model: AuthorizationModel): Promise<string> {
  const { authorization_model_id: id } = await server.ask('write the model', (client) =>
    client.writeAuthorizationModel(model as never, { storeId }),
  );
  return id;
}

/** Stores tuples, whoever owns them. */
export async function store(
  server: OpenFgaServer,
  { storeId, modelId }: ModelRef,
  tuples: readonly Tuple[],
): Promise<void> {
  for (const { writes } of planWrites(tuples, [])) {
    await server.ask('write', (client) =>
      client.write({ writes: [...writes] }, { storeId, authorizationModelId: modelId }),
    );
  }
}

export async function remove(server: OpenFgaServer, { storeId }: ModelRef, tuples: readonly Tuple[]): Promise<void> {
  const deletes = tuples.map(({ user, relation, object }) => ({ user, relation, object }));
  await server.ask('delete', (client) => client.write({ deletes }, { storeId }));
}

export interface Question {
  readonly user: string;
  readonly relation: string;
  readonly object: string;
  readonly context?: Readonly<Record<string, unknown>>;
  readonly contextual?: readonly Tuple[];
}

/** The answers in the order of the questions; an error is one. */
export async function answers(
  server: OpenFgaServer,
  { storeId, modelId }: ModelRef,
  questions: readonly Question[],
): Promise<readonly (boolean | string)[]> {
  if (questions.length === 0) return [];
  const { result } = await server.ask('check', (client) =>
    client.batchCheck(
      {
        checks: questions.map(({ contextual = [], context, ...question }, index) => ({
          ...question,
          ...(context && { context }),
          contextualTuples: { tuple_keys: [...contextual] },
          correlationId: `${index}`,
        })),
      },
      { storeId, authorizationModelId: modelId },
    ),
  );
  const byId = new Map(result.map((answer) => [answer.correlationId, answer.error?.message ?? answer.allowed]));
  return questions.map((_, index) => byId.get(`${index}`) ?? 'no answer');
}

export const ask = async (server: OpenFgaServer, ref: ModelRef, question: Question): Promise<boolean | string> =>
  (await answers(server, ref, [question]))[0]!;
