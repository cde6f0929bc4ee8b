import { createServer } from 'node:http';
import { writeFileSync } from 'node:fs';
import { listenOnLoopback } from '../../../lab/listening.js';
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
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { checks } = JSON.parse(Buffer.concat(chunks).toString()) as { checks: { correlation_id: string }[] };
      const result = Object.fromEntries(checks.map(({ correlation_id: id }) => [id, { allowed: true }]));
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ result }));
    });
  });
  const listening = await listenOnLoopback(server);
  writeFileSync(tokenFile, 'key', { mode: 0o644 });
  return {
    config: { url: `http://127.0.0.1:${listening.port}`, tokenFile, timeoutMs: 300 },
    stop: () => listening.close(),
  };
}
