import { violations } from '../model/authorization/invariants.js';
import type { Platform } from '../model/platform.js';
import { OpenFgaFailed, OpenFgaServer } from '../openfga/server.js';
import { tryFindStore } from '../openfga/store.js';
import { readAll } from '../openfga/tuples.js';

/** What the live store says and no set of tuples may, of whatever workspace and whoever wrote it. */
export interface StoreStatus {
  /** Each a sentence; see `violations`. */
  readonly violations: readonly string[];
  /** Why the store was not looked at, where the config says that there is one. */
  readonly unread?: string;
}

/**
 * Looks through the whole store. What is being written at this moment may look like a violation: one counts when a
 * second look finds it too. Throws OpenFgaFailed.
 */
export async function storeViolations(server: OpenFgaServer, storeId: string): Promise<readonly string[]> {
  const look = async (): Promise<readonly string[]> => violations(await readAll(server, storeId));
  const first = await look();
  if (first.length === 0) return [];
  const second = new Set(await look());
  return first.filter((sentence) => second.has(sentence));
}

/** The same for a status; nothing where `openfga.api` is not in the config. */
export async function storeStatus({ openfga: { api, storeName } }: Platform): Promise<StoreStatus> {
  if (api === undefined) return { violations: [] };
  let server: OpenFgaServer | undefined;
  try {
    server = await OpenFgaServer.connect(api);
    const storeId = await tryFindStore(server, storeName);
    if (storeId === undefined) return { violations: [], unread: `there is no store "${storeName}" at ${server.url}.` };
    return { violations: await storeViolations(server, storeId) };
  } catch (error) {
    if (!(error instanceof OpenFgaFailed)) throw error;
    return { violations: [], unread: error.message };
  } finally {
    server?.close();
  }
}
