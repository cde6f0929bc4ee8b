import { createServer as createHttps } from 'node:https';
import { createSecureServer } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { createAuthority } from '../../lab/authority.js';
import { callOnce, connectTo, isHandshakeFailure } from '../../lab/client.js';
import { listenOnLoopback, type Listening } from '../../lab/listening.js';
import { startLoad } from '../../lab/load.js';
import { startUpstream, type Received, type Upstream } from '../../lab/upstream.js';

const authority = await createAuthority();
const ca = authority.certificate;
const serverId = 'spiffe://portarium.io/ns/cp/sa/api';
const identity = await authority.issue({ uris: ['spiffe://portarium.io/ns/agents/sa/bot'] });

let upstream: Upstream | undefined;
let server: Listening | undefined;
afterEach(async () => {
  await upstream?.stop();
  await server?.close();
});

/** A server that demands a certificate of its authority and answers with the names in it. */
async function startTls({ http2 = false, names = { uris: [serverId] } } = {}): Promise<number> {
  const pair = await authority.issue(names);
  const options = {
    cert: pair.certificate,
    key: pair.key,
    ca,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.3',
  } as const;
  const who = (socket: unknown): string => (socket as TLSSocket).getPeerCertificate().subjectaltname ?? '';
  const listening = http2
    ? createSecureServer(options, (request, response) => response.end(who(request.stream.session?.socket)))
    : createHttps(options, (request, response) => response.end(who(request.socket)));
  server = await listenOnLoopback(listening);
  return server.port;
}

const received = (body: string): Received => JSON.parse(body) as Received;

describe('the upstream of the lab, called by its client', () => {
  it.each([
    [false, '1.1'],
    [true, '2.0'],
  ])('answers with what it has received (HTTP/2: %s)', async (http2, httpVersion) => {
    upstream = await startUpstream();
    const call = { method: 'POST', path: '/v1/x?y=1', headers: { 'x-a': 'b' }, body: 'hello' };
    const answer = await callOnce({ port: upstream.port, http2 }, call);
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
    expect(received(answer.body)).toMatchObject({
      ...{ method: 'POST', path: '/v1/x?y=1', httpVersion, body: 'hello' },
      headers: { 'x-a': 'b' },
    });
    expect(upstream.received()).toEqual([received(answer.body)]);
    expect(upstream.requests()).toBe(1);
  });

  it('does not count probes', async () => {
    upstream = await startUpstream();
    expect((await callOnce({ port: upstream.port }, { path: '/healthz' })).status).toBe(200);
    expect((await callOnce({ port: upstream.port }, { path: '/readyz' })).status).toBe(200);
    expect(upstream.requests()).toBe(0);
  });

  it('answers late, with another status, or piece by piece, when it is asked to', async () => {
    upstream = await startUpstream();
    const started = performance.now();
    expect((await callOnce({ port: upstream.port }, { path: '/?status=503&delay=60' })).status).toBe(503);
    expect(performance.now() - started).toBeGreaterThan(55);
    const streamed = await callOnce({ port: upstream.port }, { path: '/?chunks=3&pause=5' });
    expect(streamed.body.trim().split('\n')).toHaveLength(4);
  });

  it('echoes gRPC messages, with a status', async () => {
    upstream = await startUpstream();
    const message = Buffer.from([0, 0, 0, 0, 2, 8, 1]);
    const answer = await callOnce(
      { port: upstream.port, http2: true },
      {
        method: 'POST',
        path: '/portarium.v1.Runs/Start',
        headers: { 'content-type': 'application/grpc' },
        body: message,
      },
    );
    expect(answer).toMatchObject({ status: 200, body: message.toString(), trailers: { 'grpc-status': '0' } });
  });

  it('says when nobody listens, and when there is no answer in time', async () => {
    upstream = await startUpstream();
    const { port } = upstream;
    const impatient = { port, timeoutMilliseconds: 50 };
    expect(await callOnce(impatient, { path: '/?delay=500' })).toMatchObject({ status: 0, error: 'TIMEOUT' });
    expect(await callOnce({ ...impatient, http2: true }, { path: '/?delay=500' })).toMatchObject({ error: 'TIMEOUT' });
    await upstream.stop();
    expect(await callOnce({ port })).toMatchObject({ status: 0, error: 'ECONNREFUSED' });
    expect(await callOnce({ port, http2: true })).toMatchObject({ status: 0, error: 'ECONNREFUSED' });
  });
});

describe.each([false, true])('the TLS client of the lab (HTTP/2: %s)', (http2) => {
  it('shows its certificate, and takes a server by its SPIFFE ID alone', async () => {
    const port = await startTls({ http2 });
    expect(await callOnce({ port, http2, tls: { ca, spiffeId: serverId, identity } })).toMatchObject({
      status: 200,
      body: 'URI:spiffe://portarium.io/ns/agents/sa/bot',
    });
    const other = 'spiffe://portarium.io/ns/cp/sa/other';
    expect(await callOnce({ port, http2, tls: { ca, spiffeId: other, identity } })).toMatchObject({
      error: 'WRONG_SPIFFE_ID',
    });
  });

  it('takes a server by its name where no SPIFFE ID is given', async () => {
    const port = await startTls({ http2, names: { dns: ['front.example'] } as never });
    const call = (servername: string) => callOnce({ port, http2, tls: { ca, servername, identity } });
    expect((await call('front.example')).status).toBe(200);
    expect((await call('other.example')).error).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  it('takes no server of another authority', async () => {
    const port = await startTls({ http2 });
    const other = (await createAuthority('another')).certificate;
    const { error } = await callOnce({ port, http2, tls: { ca: other, spiffeId: serverId, identity } });
    expect(error).toBe('SELF_SIGNED_CERT_IN_CHAIN');
  });

  it('says that it was refused without a certificate, with an expired one, and with an old version', async () => {
    const port = await startTls({ http2 });
    const expired = await authority.issue({}, { notAfter: new Date(Date.now() - 1000) });
    for (const tls of [{}, { identity: expired }, { identity, version: 'TLSv1.2' as const }]) {
      const answer = await callOnce({ port, http2, tls: { ca, spiffeId: serverId, ...tls } });
      expect([answer.status, isHandshakeFailure(answer), answer.error]).toEqual([0, true, expect.any(String)]);
    }
  });

  it('keeps its connection, and opens another when that is gone', async () => {
    const port = await startTls({ http2 });
    const client = connectTo({ port, http2, tls: { ca, spiffeId: serverId, identity } });
    expect((await client.call()).status).toBe(200);
    await server?.close();
    await expect.poll(async () => (await client.call()).error).toBe('ECONNREFUSED');
    client.close();
  });
});

describe('a load', () => {
  it('counts every call, and shows which were not as wanted', async () => {
    upstream = await startUpstream();
    const client = connectTo({ port: upstream.port });
    let asked = 0;
    const load = startLoad(
      () => client.call({ path: asked++ === 1 ? '/?status=503' : '/' }),
      ({ status }) => status === 200,
      { callers: 2, pause: 1 },
    );
    await expect.poll(() => load.calls()).toBeGreaterThan(5);
    const result = await load.stop();
    client.close();
    expect(result.calls).toBe(upstream.requests());
    expect(result.failures).toEqual([{ after: expect.any(Number), answer: expect.objectContaining({ status: 503 }) }]);
    expect(result.durations).toEqual(result.durations.toSorted((one, other) => one - other));
    expect(result.durations).toHaveLength(result.calls);
  });
});
