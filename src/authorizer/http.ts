import { createServer, type ServerResponse } from 'node:http';
import type { Serving } from './grpc.js';
import type { Metrics } from './metrics.js';
import type { Readiness } from './readiness.js';
import { clearSocket, restrictSocket } from './socket.js';

export interface HttpOptions {
  readonly metrics: Metrics;
  readonly readiness: () => Promise<Readiness>;
}

/** Serves GET /ready, /live and /metrics on a unix socket, for Envoy's listener `probes`. */
export async function serveHttp(path: string, { metrics, readiness }: HttpOptions): Promise<Serving> {
  await clearSocket(path);
  const routes: Readonly<Record<string, (response: ServerResponse) => Promise<void> | void>> = {
    '/live': (response) => reply(response, 200, { live: true }),
    '/ready': async (response) => {
      const state = await readiness();
      reply(response, state.ready ? 200 : 503, state);
    },
    '/metrics': async (response) => {
      const text = await metrics.text();
      response.writeHead(200, { 'content-type': metrics.contentType }).end(text);
    },
  };
  const server = createServer((request, response) => {
    const url = (request.url ?? '').replace(/\?.*$/s, '');
    const route = Object.hasOwn(routes, url) ? routes[url] : undefined;
    if (route === undefined) return reply(response, 404, { allowed: Object.keys(routes) });
    if (request.method !== 'GET') return reply(response, 405, { allowed: 'GET' });
    Promise.resolve(route(response)).catch((error: unknown) => {
      if (!response.headersSent) reply(response, 500, { error: String(error) });
      else response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve));
  restrictSocket(path);
  return {
    close: (patience) =>
      new Promise((resolve) => {
        const cut = setTimeout(() => server.closeAllConnections(), patience);
        server.close(() => {
          clearTimeout(cut);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

const reply = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
};
