import { createServer as createHttp1, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { listenOnLoopback } from './listening.js';

/** A request as the upstream got it. */
export interface Received {
  readonly method: string;
  readonly path: string;
  /** `1.1` or `2.0`. */
  readonly httpVersion: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

/** A stand-in for the control plane behind the front. */
export interface Upstream {
  readonly port: number;
  /** How many requests came, those for `/healthz` and `/readyz` not counted. */
  requests(): number;
  /** From now on the path is answered with this, as JSON; with 404 when it is undefined. */
  serve(path: string, body: object | undefined): void;
  /** The last thousand of them. */
  received(): readonly Received[];
  /** Refuses new connections and breaks open ones. Safe to call twice. */
  stop(): Promise<void>;
}

type Request = IncomingMessage | Http2ServerRequest;
type Response = ServerResponse | Http2ServerResponse;

/**
 * Answers 200 with what it has received, as JSON; gRPC calls with their own message. Speaks HTTP/1.1 and HTTP/2 without
 * TLS on one port. By the query: `status=503`, `delay=200` before the answer (milliseconds), `chunks=5` pieces of a
 * stream with `pause=100` before each.
 */
export async function startUpstream(): Promise<Upstream> {
  const received: Received[] = [];
  const served = new Map<string, object | undefined>();
  let requests = 0;
  const answer = (request: Request, response: Response): void =>
    void respond(request, response, served, (seen) => {
      requests += 1;
      received.push(seen);
      if (received.length > 1000) received.shift();
    });
  const http1 = createHttp1(answer);
  const http2 = createHttp2(answer);
  const server = createServer((socket: Socket) => {
    // Who speaks HTTP/2 says so first; a connection that says nothing is nobody's.
    socket.once('data', (first) => {
      socket.pause();
      socket.unshift(first);
      if (first.toString('latin1', 0, 3) === 'PRI') {
        http2.emit('connection', socket);
      } else {
        http1.emit('connection', socket);
        socket.resume();
      }
    });
  });
  const listening = await listenOnLoopback(server);
  return {
    port: listening.port,
    requests: () => requests,
    serve: (path, body) => void served.set(path, body),
    received: () => [...received],
    stop: () => listening.close(),
  };
}

async function respond(
  request: Request,
  response: Response,
  served: ReadonlyMap<string, object | undefined>,
  record: (seen: Received) => void,
): Promise<void> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {
    // The client went away in the middle of its request.
    return;
  }
  const body = Buffer.concat(chunks);
  const url = new URL(request.url ?? '/', 'http://upstream');
  const seen: Received = {
    method: request.method ?? '',
    path: request.url ?? '',
    httpVersion: request.httpVersion,
    headers: Object.fromEntries(Object.entries(request.headers).filter(([name]) => !name.startsWith(':'))),
    body: body.toString(),
  };
  if (url.pathname !== '/healthz' && url.pathname !== '/readyz') record(seen);
  const number = (name: string, otherwise: number): number => Number(url.searchParams.get(name) ?? otherwise);
  await sleep(number('delay', 0));
  if (response.destroyed) return;
  if (request.headers['content-type']?.startsWith('application/grpc') === true && 'stream' in response) {
    response.writeHead(200, { 'content-type': 'application/grpc' });
    response.addTrailers({ 'grpc-status': '0' });
    response.end(body);
    return;
  }
  if (request.method === 'GET' && served.has(url.pathname)) {
    const fixed = served.get(url.pathname);
    response.statusCode = fixed === undefined ? 404 : 200;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(fixed ?? { status: 404 }));
    return;
  }
  response.statusCode = number('status', 200);
  response.setHeader('content-type', 'application/json');
  const write = (text: string): unknown => (response.write as (text: string) => unknown).call(response, text);
  for (let chunk = 0; chunk < number('chunks', 0); chunk += 1) {
    await sleep(number('pause', 100));
    if (response.destroyed) return;
    write(`${JSON.stringify({ chunk })}\n`);
  }
  response.end(`${JSON.stringify(seen)}\n`);
}
