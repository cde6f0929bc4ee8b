import { createServer } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { listenOnLoopback, type Listening } from '../../lab/listening.js';
import { httpClient } from '../../src/authorizer/http-client.js';

let listening: Listening | undefined;
afterEach(() => listening?.close());

/** Closes every connection when it has answered this often, as the next request is on its way. */
async function serve(answersPerConnection: number, status = 200): Promise<{ url: string; requests: () => number }> {
  let requests = 0;
  const seen = new WeakMap<object, number>();
  const server = createServer((request, response) => {
    requests += 1;
    const before = seen.get(request.socket) ?? 0;
    seen.set(request.socket, before + 1);
    if (before >= answersPerConnection) request.socket.destroy();
    else response.writeHead(status).end(`${request.method} ${request.headers.authorization}`);
  });
  listening = await listenOnLoopback(server);
  return { url: `http://127.0.0.1:${listening.port}`, requests: () => requests };
}

it('asks again when a kept connection breaks before the answer', async () => {
  const { url, requests } = await serve(1);
  const send = httpClient({ url, timeoutMs: 2000 });
  for (let call = 0; call < 5; call += 1) {
    expect(await send({ path: '/', token: 'key' })).toEqual({ status: 200, text: 'GET Bearer key' });
  }
  expect(requests()).toBe(9);
});

it('takes a new connection that breaks for no answer', async () => {
  const { url, requests } = await serve(0);
  await expect(httpClient({ url, timeoutMs: 2000 })({ path: '/', token: 'key', body: '{}' })).rejects.toThrow(
    'socket hang up',
  );
  expect(requests()).toBe(1);
});

it('gives an answer that is an error as it is, once', async () => {
  const { url, requests } = await serve(9, 500);
  expect((await httpClient({ url, timeoutMs: 2000 })({ path: '/', token: 'key', body: '{}' })).status).toBe(500);
  expect(requests()).toBe(1);
});
