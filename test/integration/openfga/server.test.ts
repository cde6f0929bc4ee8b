import { get } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAuthority, type Authority } from '../../../lab/authority.js';
import { ask } from './ask.js';
import { healthy, KEYS, start, type Running } from './server.js';
import { listeningPorts } from './sockets.js';

/** The committed stack's servers, run for real: the rendered arguments and settings, the container's user and root. */

const DATABASE = { 'openfga-datastore/username': 'unused', 'openfga-datastore/password': 'unused' };

let authority: Authority;
let server: Running;
const status = async (path: string, key?: string): Promise<number> =>
  (await server.ask({ path, ...(key !== undefined && { key }) })).status;
/** A GET without TLS. */
const plain = (port: number, path: string): Promise<{ readonly status: number; readonly text: string }> =>
  new Promise((resolve, reject) =>
    get({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      response.once('end', () => resolve({ status: response.statusCode!, text }));
    }).once('error', reject),
  );

describe('the rendered server', () => {
  beforeAll(async () => {
    authority = await createAuthority();
    server = await start('Deployment', { authority, datastore: { engine: 'memory' }, secrets: DATABASE });
    await healthy(server);
  });
  afterAll(() => server?.stop());

  test('is healthy by TLS, verified by its authority and the Service’s name, without a key', async () => {
    expect(await server.ask({ path: '/healthz' })).toMatchObject({ status: 200, body: { status: 'SERVING' } });
    const other = await createAuthority('another');
    const { http: port } = server.here;
    await expect(ask({ port, ca: other.certificate, path: '/healthz' })).rejects.toThrow(/certificate/);
    expect(await plain(port, '/healthz')).toMatchObject({ status: 400 });
  });

  test('answers either key and nobody else', async () => {
    expect(await status('/stores')).toBe(401);
    for (const key of ['', 'key-of-tomorrow', KEYS.join(',')]) expect(await status('/stores', key)).toBe(401);
    for (const key of KEYS) expect(await status('/stores', key)).toBe(200);
  });

  test('answers a check', async () => {
    const [key] = KEYS;
    const post = async (path: string, body: object): Promise<Record<string, unknown>> => {
      const answer = await server.ask({ path, key, body });
      expect([path, answer.status, answer.body]).toEqual([
        path,
        answer.status < 300 ? answer.status : 200,
        answer.body,
      ]);
      return answer.body as Record<string, unknown>;
    };
    const { id: store } = await post('/stores', { name: 'portarium' });
    await post(`/stores/${store as string}/authorization-models`, {
      schema_version: '1.1',
      type_definitions: [
        { type: 'user' },
        {
          type: 'workspace',
          relations: { admin: { this: {} } },
          metadata: { relations: { admin: { directly_related_user_types: [{ type: 'user' }] } } },
        },
      ],
    });
    const tuple = { user: 'user:alice', relation: 'admin', object: 'workspace:ws-acme' };
    await post(`/stores/${store as string}/write`, { writes: { tuple_keys: [tuple] } });
    const allowed = async (user: string): Promise<unknown> =>
      (await post(`/stores/${store as string}/check`, { tuple_key: { ...tuple, user } }))['allowed'];
    expect(await allowed('user:alice')).toBe(true);
    expect(await allowed('user:bob')).toBe(false);
  });

  test('lets no page of a browser ask', async () => {
    const { headers } = await server.ask({ path: '/stores', key: KEYS[0], origin: 'https://evil.example' });
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  test('listens on three ports, so there is neither playground nor profiler, and metrics are in plain', async () => {
    const { http, grpc, metrics } = server.here;
    expect(listeningPorts(server.process.pid!)).toEqual([http, grpc, metrics].sort((a, b) => a - b));
    const found = await plain(metrics, '/metrics');
    expect(found.status).toBe(200);
    expect(found.text).toMatch(/^grpc_server_handling_seconds_bucket/m);
  });

  test('takes a renewed certificate without a restart', async () => {
    const { serial } = await server.ask({ path: '/healthz' });
    await server.renew();
    await expect
      .poll(async () => (await server.ask({ path: '/healthz' })).serial, { timeout: 20_000 })
      .not.toBe(serial);
  });

  test('says what it does in JSON, none of its keys, and ends in order', async () => {
    server.process.kill('SIGTERM');
    expect(await server.ended).toBe(0);
    const text = server.log.join('\n');
    for (const key of KEYS) expect(text).not.toContain(key);
    // Go's own, of the connections above that broke off: so probes go where there is no TLS.
    const lines = server.log.filter((line) => !line.includes('http: TLS handshake error'));
    for (const line of lines) expect(() => JSON.parse(line) as unknown, line).not.toThrow();
    expect(text).toContain('graceful shutdown completed successfully');
    expect(text).toContain('"CheckQueryCache":{"Enabled":true,"TTL":2000000000}');
  });
});

describe('a server without a /tmp of its own', () => {
  test('would not answer, as the check of faults says', async () => {
    const without = await start('Deployment', {
      authority: await createAuthority(),
      datastore: { engine: 'memory' },
      secrets: DATABASE,
      tmp: false,
    });
    await expect.poll(() => without.log.join('\n'), { timeout: 20_000 }).toContain('starting HTTP server');
    expect(without.log.join('\n')).toContain('falling back to tcp');
    const { status, body } = await without.ask({ path: '/stores', key: KEYS[0] });
    expect([status, JSON.stringify(body)]).toEqual([
      500,
      expect.stringContaining('peer certificate verification failed'),
    ]);
    await without.stop();
  });
});
