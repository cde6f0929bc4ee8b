import { createServer } from 'node:https';
import { Agent, request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Authority } from '../../../lab/authority.js';
import { listenOnLoopback } from '../../../lab/listening.js';

/** What stands in the way of OpenFGA. */
export type Fault = 'none' | 'down' | 'slow' | 'answers 400' | 'answers 500' | 'leaves one out' | 'is no OpenFGA';

export interface Faulty {
  readonly port: number;
  fault: Fault;
  stop(): Promise<void>;
}

/** Passes on to a server on loopback, or does not. */
export async function startFaulty(authority: Authority, port: number): Promise<Faulty> {
  const { certificate, key } = await authority.issue({ dns: ['localhost'] });
  const agent = new Agent({ keepAlive: true, ca: authority.certificate });
  const state: { fault: Fault } = { fault: 'none' };
  const server = createServer({ cert: certificate, key }, (incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      void (async () => {
        const { fault } = state;
        if (fault === 'down') return incoming.socket.destroy();
        if (fault === 'answers 400')
          return response.writeHead(400).end('{"code":"validation_error","message":"no such relation"}');
        if (fault === 'answers 500') return response.writeHead(500).end('{}');
        if (fault === 'is no OpenFGA')
          return response.writeHead(200).end('{"result":{"0":{"allowed":"yes"},"1":{"allowed":"yes"}}}');
        if (fault === 'slow') await sleep(2000);
        const outgoing = request(
          { host: 'localhost', port, path: incoming.url, method: incoming.method, headers: incoming.headers, agent },
          (answer) => {
            const parts: Buffer[] = [];
            answer.on('data', (part: Buffer) => parts.push(part));
            answer.on('end', () => {
              const text = Buffer.concat(parts).toString();
              const body = fault === 'leaves one out' ? withoutOne(text) : text;
              response.writeHead(answer.statusCode ?? 502, { 'content-type': 'application/json' }).end(body);
            });
          },
        );
        outgoing.on('error', () => incoming.socket.destroy());
        outgoing.end(Buffer.concat(chunks));
      })();
    });
  });
  const listening = await listenOnLoopback(server);
  return {
    port: listening.port,
    get fault() {
      return state.fault;
    },
    set fault(fault: Fault) {
      state.fault = fault;
    },
    stop: async () => {
      agent.destroy();
      await listening.close();
    },
  };
}

/** The answer to the last of the checks is gone. */
function withoutOne(text: string): string {
  const { result } = JSON.parse(text) as { result: Record<string, unknown> };
  const [last] = Object.keys(result).sort().reverse();
  return JSON.stringify({ result: Object.fromEntries(Object.entries(result).filter(([id]) => id !== last)) });
}
