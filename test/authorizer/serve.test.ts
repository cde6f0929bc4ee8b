import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ApiServer } from '../../src/authorizer/api-server.js';
import type { Facts } from '../../src/authorizer/facts.js';
import type { DecisionRecord } from '../../src/authorizer/record.js';
import { serve } from '../../src/authorizer/serve.js';
import { ACME } from '../model/examples.js';
import { askingClient } from '../support/asking-client.js';
import { MODEL_HASH } from '../../src/model/authorization/model.js';
import { listening } from './listening.js';
import { question } from './envoy.js';
import { AGENT, BEARER, CONFIG, modelObject, policyObject, specOf, token } from './fixture.js';

let dir: string;
const stops: (() => unknown)[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'authz-'));
});
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
  rmSync(dir, { recursive: true, force: true });
});

const FUTURE = Date.now() / 1000 + 3600;
const now = (facts: Facts): Facts => ({ ...facts, token: token({ exp: FUTURE }) });

const models = [modelObject(MODEL_HASH)];

/** An API server with ws-acme's policy, which answers nothing before `open` is called. */
function api(policies: readonly object[] = [policyObject(specOf(ACME))]): ApiServer & { open: () => void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return {
    open,
    async get(path, signal) {
      await Promise.race([opened, sleep(60_000, undefined, { signal })]);
      return {
        metadata: { resourceVersion: '1' },
        items: path.includes('workspacepolicies') ? policies : path.includes('models') ? models : [],
      };
    },
    put: () => Promise.resolve(),
    async *lines(_path, signal, begun) {
      begun();
      await sleep(60_000, undefined, { signal });
    },
  };
}

async function start(of = api(), config = CONFIG) {
  const fga = await listening((_request, response) =>
    response.end('{"result":{"0":{"allowed":true},"1":{"allowed":true}}}'),
  );
  stops.push(fga.close);
  const tokenFile = join(dir, 'key');
  writeFileSync(tokenFile, 'key');
  const [socket, http] = [join(dir, 'ext-authz.sock'), join(dir, 'http.sock')];
  const records: DecisionRecord[] = [];
  const logs: string[] = [];
  const { stop } = await serve({
    socket,
    http,
    config: { ...config, openfga: { ...config.openfga, url: fga.url, tokenFile } },
    api: of,
    onRecord: (record) => records.push(record),
    onLog: (level, message) => logs.push(`${level}: ${message}`),
    replica: 'api-server-0',
  });
  stops.push(stop);
  const { ask, close } = askingClient(socket);
  stops.push(close);
  return { socket, http, records, logs, stop, ask };
}

function get(socketPath: string, path: string, method = 'GET'): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) =>
    request({ socketPath, path, method }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode!, body }));
    })
      .once('error', reject)
      .end(),
  );
}

describe('the service', () => {
  it('answers 503 and is not ready before the policies have arrived, and decides from then on', async () => {
    const of = api();
    const { ask, http, logs } = await start(of, { ...CONFIG, graceSeconds: 0 });
    const early = await ask(question(now(AGENT)));
    expect(early.deniedResponse?.status.code).toBe(503);
    expect((await get(http, '/live')).status).toBe(200);
    expect(await get(http, '/ready')).toEqual({
      status: 503,
      body: '{"ready":false,"because":"The policies have not arrived from the API server yet."}\n',
    });
    of.open();
    await expect.poll(() => get(http, '/ready')).toMatchObject({ status: 200 });
    expect((await ask(question(now(AGENT)))).okResponse).toBeTruthy();
    expect(logs).toContain('info: 1 workspacepolicies listed');
  });

  it('waits for Envoy’s agents listener as long as the grace lasts', async () => {
    const listener = createServer();
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const { port: listenerPort } = listener.address() as AddressInfo;
    const of = api();
    of.open();
    const { http } = await start(of, { ...CONFIG, listenerPort, graceSeconds: 1 });
    const because = async () => (JSON.parse((await get(http, '/ready')).body) as { because: string }).because;
    await expect.poll(because).toBe('Policies are there and the agents’ listener is open.');
    listener.close();
    await expect.poll(because).toMatch(/for want of an SVID; 1 s of grace left/);
    await expect.poll(because, { timeout: 3000 }).toMatch(/only bearer and people are served/);
  });

  it('records and counts every decision before it answers', async () => {
    const of = api();
    of.open();
    const { ask, http, records } = await start(of);
    await expect.poll(async () => (await ask(question(now(AGENT)))).status?.code).toBe(0);
    records.length = 0;
    const denied = await ask(question(now(BEARER)));
    expect(records).toMatchObject([{ decision: 'deny', agentId: 'sales-bot', reason: 'IdentityRequired' }]);
    expect(JSON.parse(denied.deniedResponse!.body)).toMatchObject({ decisionId: records[0]!.decisionId });
    const metrics = await get(http, '/metrics');
    expect(metrics.body).toContain(
      'portarium_policy_decisions_total{workspace_id="ws-acme",control="mtls",mode="enforce",decision="deny"} 1',
    );
  });

  it('answers 503 when a decision fails, and says so in its log', async () => {
    const of = api();
    of.open();
    // The configuration of this one is broken on purpose: no code path is known that throws.
    const { ask, logs } = await start(of, { ...CONFIG, tokens: undefined as unknown as typeof CONFIG.tokens });
    await expect.poll(async () => (await ask(question(now(AGENT)))).deniedResponse?.body).toMatch(/failed; its log/);
    expect(logs.join()).toMatch(/error: a decision failed: TypeError/);
  });

  it('serves three paths by GET and no other', async () => {
    const { http } = await start();
    expect(await get(http, '/config')).toMatchObject({ status: 404 });
    expect(await get(http, '/__proto__')).toMatchObject({ status: 404 });
    expect(await get(http, '/ready', 'POST')).toMatchObject({ status: 405 });
  });

  it('opens its sockets to user and group alone', async () => {
    const { socket, http } = await start();
    for (const path of [socket, http]) expect(statSync(path).mode & 0o777).toBe(0o660);
  });

  it('refuses to take the socket of another process, or to delete what is no socket', async () => {
    const { socket } = await start();
    await expect(start()).rejects.toThrow(`another process listens on ${join(dir, 'http.sock')}. Stop it,`);
    writeFileSync(join(dir, 'file'), '');
    const options = { socket, config: CONFIG, api: api(), onRecord: () => {}, onLog: () => {}, replica: 'x' };
    await expect(serve({ ...options, http: join(dir, 'file') })).rejects.toThrow('/file is there and is no socket.');
  });

  it('ends with nothing left behind, and answers what it was asked before', async () => {
    const of = api();
    of.open();
    const { ask, stop, http } = await start(of);
    // Connected: what is asked then is under way at once.
    await ask(question(now(AGENT)));
    const asked = Array.from({ length: 20 }, () => ask(question(now(AGENT))));
    await sleep(50);
    await stop();
    expect(await Promise.all(asked)).toHaveLength(20);
    await expect(get(http, '/live')).rejects.toThrow(/ENOENT/);
  });

  it('says in its log what it cannot read and whether it hears of the API server', async () => {
    const of = api([policyObject(specOf(ACME), { reachedLevel: 'top' })]);
    of.open();
    const { logs } = await start(of, { ...CONFIG, contactSeconds: 1 });
    await expect.poll(() => logs.join('\n')).toMatch(/error: WorkspacePolicy ws-acme: .* The workspace is refused\./);
    await expect
      .poll(() => logs, { timeout: 5000 })
      .toContain('error: no word from the API server for 1 s: no Relaxation holds until there is one');
  });
});
