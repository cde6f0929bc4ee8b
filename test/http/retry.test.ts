import { createServer, type RequestListener, type Server } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { ask, NoAnswer } from '../../src/http/request.js';
import { askPatiently } from '../../src/http/retry.js';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const soon = () => performance.now() + 10_000;

describe('asking', () => {
  test('sends what is asked under the prefix, as a form or in the address, with its headers', async () => {
    const url = await serve((request, response) => {
      void (async () => {
        let body = '';
        for await (const chunk of request) body += String(chunk);
        response.end(JSON.stringify([request.method, request.url, body, request.headers['x-scope-orgid']]));
      })();
    });
    const access = { url: `${url}/prometheus/`, headers: { 'X-Scope-OrgID': 'acme' } };
    const params = { query: 'a{b="c"}' };
    const post = await ask(access, { method: 'POST', path: '/api/v1/query', params });
    expect(JSON.parse(post.body)).toEqual(['POST', '/prometheus/api/v1/query', 'query=a%7Bb%3D%22c%22%7D', 'acme']);
    const get = await ask(access, { path: '/api/v1/query', params });
    expect(JSON.parse(get.body)).toEqual(['GET', '/prometheus/api/v1/query?query=a%7Bb%3D%22c%22%7D', '', 'acme']);
  });

  test('reads the token for each request, and shows no secret in an error', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'token-'));
    onTestFinished(() => rmSync(dir, { recursive: true }));
    const file = join(dir, 'token');
    const url = await serve((request, response) => response.end(request.headers.authorization));
    const access = { url, bearerTokenFile: file };
    writeFileSync(file, 'one\n');
    expect((await ask(access, { path: '/' })).body).toBe('Bearer one');
    writeFileSync(file, 'two\n');
    expect((await ask(access, { path: '/' })).body).toBe('Bearer two');
    writeFileSync(file, 'not\na header');
    const refused = await ask(access, { path: '/?secret=x', params: {} }).catch((error: unknown) => error as Error);
    expect(refused).toBeInstanceOf(NoAnswer);
    expect((refused as Error).message).not.toMatch(/a header|secret/);
  });

  test('takes no more than it was to take, follows no redirect, and waits no longer than it was to wait', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/long') response.end('x'.repeat(1000));
      else if (request.url === '/moved') response.writeHead(302, { location: '/long' }).end();
    });
    await expect(ask({ url }, { path: '/long', maxBytes: 999 })).rejects.toThrow('the answer is longer than 999 bytes');
    expect((await ask({ url }, { path: '/moved' })).status).toBe(302);
    await expect(ask({ url }, { path: '/never', timeout: 50 })).rejects.toThrow(NoAnswer);
  });
});

describe('asking patiently', () => {
  const answering = async (...statuses: readonly number[]) => {
    let asked = 0;
    const url = await serve((_request, response) => {
      response.writeHead(statuses[Math.min(asked, statuses.length - 1)]!).end();
      asked += 1;
    });
    const { attempts, answered } = await askPatiently({ url }, { path: '/' }, { deadline: soon() });
    return [attempts, asked, answered?.status];
  };

  test('asks again where the server is busy or has failed, three times at most', async () => {
    expect(await Promise.all([answering(503, 200), answering(429, 500, 200), answering(500)])).toEqual([
      [2, 2, 200],
      [3, 3, 200],
      [3, 3, 500],
    ]);
  });

  test('does not ask again where the server refuses', async () => {
    expect(await Promise.all([400, 401, 403, 404, 422].map((status) => answering(status, 200)))).toEqual(
      [400, 401, 403, 404, 422].map((status) => [1, 1, status]),
    );
  });

  test('says why no answer came, and when it asked', async () => {
    const before = Date.now();
    const tried = await askPatiently({ url: 'http://127.0.0.1:1' }, { path: '/x' }, { deadline: soon(), attempts: 2 });
    expect(tried).toMatchObject({
      attempts: 2,
      noAnswer: expect.stringMatching(/^http:\/\/127\.0\.0\.1:1\/x: .*ECONNREFUSED/) as string,
    });
    expect(Date.parse(tried.askedAt)).toBeGreaterThanOrEqual(before);
  });

  test('ends with its deadline, whatever it waits for', async () => {
    const url = await serve(() => undefined);
    const started = performance.now();
    const tried = await askPatiently({ url }, { path: '/' }, { deadline: started + 100 });
    expect(performance.now() - started).toBeLessThan(1000);
    expect(tried.noAnswer).toMatch(/timeout/);
    const over = await askPatiently({ url }, { path: '/' }, { deadline: performance.now() - 1 });
    expect(over).toMatchObject({ attempts: 1, noAnswer: 'the time for all questions is over.' });
  });
});
