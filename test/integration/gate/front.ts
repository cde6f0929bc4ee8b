import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Authority, KeyPair } from '../../../lab/authority.js';

/** One request of ours, and the real server's answer to it. */
export interface Exchange {
  readonly path: string;
  /** Of the form, or of the address. */
  readonly params: URLSearchParams;
  readonly headers: http.IncomingHttpHeaders;
  /** How often this very question has been asked, from 1. */
  readonly attempt: number;
}

export interface FrontOptions {
  /** Serves TLS with it, and wants certificates of that authority. @default - plain HTTP */
  readonly tls?: { readonly pair: KeyPair; readonly clients: Authority };
  /** Before the real server is asked: an answer in its place, or milliseconds to wait. */
  readonly before?: (exchange: Exchange) => { status: number; body: string } | number | 'cut' | undefined;
  /** The real answer, changed. */
  readonly after?: (exchange: Exchange, body: string) => string;
}

export interface Front {
  readonly url: string;
  readonly seen: readonly Exchange[];
  close(): void;
}

/** A small proxy before a real Prometheus that refuses, delays and lies as it is told. */
export async function startFront(upstream: string, { tls, before, after }: FrontOptions): Promise<Front> {
  const seen: Exchange[] = [];
  const serve: http.RequestListener = (request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks).toString();
      const url = new URL(request.url ?? '/', upstream);
      const params = request.method === 'POST' ? new URLSearchParams(body) : url.searchParams;
      const same = seen.filter(
        (each) => each.path === url.pathname && each.params.get('query') === params.get('query'),
      );
      const exchange = { path: url.pathname, params, headers: request.headers, attempt: same.length + 1 };
      seen.push(exchange);
      const first = before?.(exchange);
      if (first === 'cut') return void request.socket.destroy();
      if (typeof first === 'number') await sleep(first);
      if (typeof first === 'object') return void response.writeHead(first.status, { location: '/' }).end(first.body);
      const real = await fetch(`${upstream}${url.pathname.replace(/^\/prefix/, '')}`, {
        method: 'POST',
        body: params,
        ...(request.method === 'GET' && { method: 'GET', body: null }),
      });
      const text = await real.text();
      response.writeHead(real.status, { 'content-type': 'application/json' }).end(after?.(exchange, text) ?? text);
    })();
  };
  const server =
    tls === undefined
      ? http.createServer(serve)
      : https.createServer(
          {
            cert: tls.pair.certificate,
            key: tls.pair.key,
            ca: tls.clients.certificate,
            requestCert: true,
            rejectUnauthorized: true,
          },
          serve,
        );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    seen,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
