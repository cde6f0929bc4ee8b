import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { Config } from '../../../src/authorizer/config.js';

export interface Permitting {
  /** Where the authorizer asks it. */
  readonly config: Config['openfga'];
  stop(): Promise<void>;
}

/**
 * Stands in for OpenFGA where another control is looked at: to whom it is asked about, everything is permitted. The real
 * one is in test/integration/front. @param tokenFile is written, with some key
 */
export async function startPermitting(tokenFile: string): Promise<Permitting> {
  const worker = new Worker(new URL('permitting-server.ts', import.meta.url), { execArgv: [] });
  const [port] = (await once(worker, 'message')) as [number];
  writeFileSync(tokenFile, 'key', { mode: 0o644 });
  return {
    config: { url: `http://127.0.0.1:${port}`, tokenFile, timeoutMs: 300 },
    stop: async () => void (await worker.terminate()),
  };
}
