import type { AuthorizationModel } from '../model/authorization/model.js';
import { canonicalJson } from '../model/canonical.js';
import { failedChecks, type Suite } from './checks.js';
import { OpenFgaFailed, type OpenFgaServer } from './server.js';

const PAGE = 50;

/** The id of a model of the store that says the same; of several the newest; undefined when there is none. */
export async function tryFindModel(
  server: OpenFgaServer,
  storeId: string,
  model: AuthorizationModel,
): Promise<string | undefined> {
  const wanted = meaning(model);
  let continuationToken = '';
  do {
    const page = await server.ask('read its models', (client) =>
      client.readAuthorizationModels({
        storeId,
        pageSize: PAGE,
        ...(continuationToken !== '' && { continuationToken }),
      }),
    );
    const found = page.authorization_models.find((each) => meaning(each as unknown as AuthorizationModel) === wanted);
    if (found !== undefined) return found.id;
    continuationToken = page.continuation_token ?? '';
  } while (continuationToken !== '');
  return undefined;
}

/**
 * The model in the store, written only when no model there says the same, since every write makes a new id for ever.
 * Either way its own checks are run against it, as the server answers them, before its id is given to anybody; throws
 * OpenFgaFailed when one is wrong.
 */
export async function ensureModel(
  server: OpenFgaServer,
  storeId: string,
  model: AuthorizationModel,
  suites: readonly Suite[],
): Promise<{ readonly id: string; readonly written: boolean }> {
  const found = await tryFindModel(server, storeId, model);
  const id =
    found ??
    (
      await server.ask('write the model', (client) =>
        client.writeAuthorizationModel(model as unknown as Parameters<typeof client.writeAuthorizationModel>[0], {
          storeId,
        }),
      )
    ).authorization_model_id;
  const wrong = await failedChecks(server, { storeId, modelId: id }, suites);
  if (wrong.length > 0) {
    const shown = wrong.slice(0, 10).map((line) => `\n  ${line}`);
    throw new OpenFgaFailed(
      `OpenFGA at ${server.url} answers ${wrong.length} of the model’s own checks wrongly, so model ${id} is not published:${shown.join('')}`,
    );
  }
  return { id, written: found === undefined };
}

/**
 * A model as text that is equal where the meaning is: the server gives back empty texts, lists and nulls for what was
 * left out, and an id. An empty object is something (`this`, `wildcard`), except for a type's relations.
 */
export function meaning({ schema_version, type_definitions, conditions }: AuthorizationModel): string {
  return canonicalJson({
    schema_version,
    type_definitions: strip(type_definitions),
    conditions: strip(conditions ?? {}),
  });
}

function strip(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strip);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, member]) => !isAbsent(name, member))
      .map(([name, member]) => [name, strip(member)]),
  );
}

const isAbsent = (name: string, member: unknown): boolean =>
  member === null ||
  member === undefined ||
  member === '' ||
  (Array.isArray(member) && member.length === 0) ||
  (['relations', 'metadata'].includes(name) && typeof member === 'object' && Object.keys(member).length === 0);
