import { OpenFgaFailed, type OpenFgaServer } from './server.js';

const PAGE = 100;

/** The id of the store of that name; undefined when there is none. Throws OpenFgaFailed when there are two. */
export async function tryFindStore(server: OpenFgaServer, name: string): Promise<string | undefined> {
  const found: string[] = [];
  let continuationToken = '';
  do {
    const page = await server.ask('list its stores', (client) =>
      client.listStores({ pageSize: PAGE, name, ...(continuationToken !== '' && { continuationToken }) }),
    );
    // Servers before 1.9 know no filter by name and give every store.
    found.push(...page.stores.filter((store) => store.name === name).map(({ id }) => id));
    continuationToken = page.continuation_token;
  } while (continuationToken !== '');
  if (found.length > 1) {
    throw new OpenFgaFailed(
      `OpenFGA at ${server.url} has ${found.length} stores named "${name}": ${found.join(', ')}. OpenFGA does not keep names unique, and which of them is obeyed cannot be told. Delete those that are not in use.`,
    );
  }
  return found[0];
}

/** The store of that name, created when there is none. */
export async function ensureStore(
  server: OpenFgaServer,
  name: string,
): Promise<{ readonly id: string; readonly created: boolean }> {
  const found = await tryFindStore(server, name);
  if (found !== undefined) return { id: found, created: false };
  await server.ask(`create the store "${name}"`, (client) => client.createStore({ name }));
  // Two engines may have created one each at the same moment: whoever finds two stops, before anything is in them.
  return { id: (await tryFindStore(server, name))!, created: true };
}
