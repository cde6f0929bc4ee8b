import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectTo, type Answer, type Call } from '../../../lab/client.js';
import { startLoad, type Load } from '../../../lab/load.js';
import type { Caller } from '../../../src/cli/demo/front.js';
import { callAs, CLIENTS, METHOD, outcome, PATH } from './clients.js';
import { startBench, until, type Bench } from './fixture.js';
import { tableIn, writeTable } from './table.js';

/**
 * A real Envoy and the authorizer, started from the objects read back from the API server: every client against every
 * listener in both modes, and one workspace through shadow, enforce and rollback level 3 while others go on calling.
 */
let bench: Bench;
let bot: Caller;
let neighbour: Caller;

beforeAll(async () => {
  bench = await startBench({
    configure: (stage) => {
      stage.configure('platform', ['front', 'grpcMethods'], [METHOD]);
      // Low enough to be reached on a busy machine, and above what the loads here do.
      stage.configure('platform', ['front', 'requestsPerSecond'], 20);
    },
  });
  await until('the front is ready', () => bench.front.sidecars.ready());
  bot = await bench.front.caller('portarium-agents', 'sales-bot');
  neighbour = await bench.front.caller('portarium-agents-globex', 'support-bot', { withSvid: false });
}, 180_000);
afterAll(() => bench?.end());

const COLUMNS = ['agents', 'grpc', 'bearer', 'people'] as const;
const cells = new Map<string, string[]>(CLIENTS.map(({ what }) => [what, []]));

/** Handshakes that the front has refused for the client's certificate, in what the alert sums up. */
async function refusedHandshakes(): Promise<number> {
  const port = bench.front.sidecars.ports['probes']!;
  const text = await (await fetch(`http://127.0.0.1:${port}/stats/prometheus`)).text();
  const counted =
    /^envoy_listener_ssl_fail_verify_(?:no_cert|san|error)\{envoy_listener_address="(?:agents|grpc)"\} (\d+)$/gm;
  return [...text.matchAll(counted)].reduce((sum, [, count]) => sum + Number(count), 0);
}

/** A caller's own program: it knows nothing but its loopback port and its token. */
async function program(caller: Caller, sub: string, workspaceId: string) {
  const token = await bench.front.issuer.mint({ sub, aud: 'portarium', workspaceId }, { expiresInSeconds: 900 });
  const client = connectTo({ port: caller.sidecars.ports['outbound']! });
  const call: Call = { path: `/v1/workspaces/${workspaceId}/runs`, headers: { authorization: `Bearer ${token}` } };
  return { call: () => client.call(call), close: () => client.close() };
}

const salesBot = () => program(bot, 'sales-bot', 'ws-acme');
const supportBot = () => program(neighbour, 'support-bot', 'ws-globex');

/** Whether a call came to the application by mTLS: only then does the front tell it the SVID. */
const cameBy = ({ status, body }: Answer): string =>
  status === 200 ? (body.includes('"x-portarium-spiffe-id"') ? 'mtls' : 'bearer') : outcome({ status, body } as Answer);

const isOk = ({ status }: Answer): boolean => status === 200;

/** Below the rate that the front grants a caller. */
const load = (of: { call: () => Promise<Answer> }): Load => startLoad(of.call, isOk, { callers: 1, pause: 100 });

const pids = () =>
  [bench.front, bot, neighbour].flatMap(({ sidecars }) => sidecars.containers.map(({ name }) => sidecars.pid(name)));

describe('in shadow', () => {
  it.each(CLIENTS.map((client) => [client.what, client] as const))('a client with %s', async (what, client) => {
    const before = await refusedHandshakes();
    for (const listener of COLUMNS) cells.get(what)!.push(outcome(await callAs(bench, listener, client)));
    // Once per bad client; plain HTTP and TLS 1.2 never come as far as a certificate.
    const certificates = cells.get(what)!.filter((cell) => cell === 'no connection').length;
    const counted = (await refusedHandshakes()) - before;
    expect(counted).toBe(['plain HTTP', 'TLS 1.2'].includes(what) ? 0 : certificates);
  });

  it('a workload’s sidecar calls by mTLS, and by token where it has no SVID', async () => {
    const [sales, support] = [await salesBot(), await supportBot()];
    await until('sales-bot comes by mTLS', async () => cameBy(await sales.call()) === 'mtls');
    expect(cameBy(await support.call())).toBe('bearer');
    sales.close();
    support.close();
  });

  it.each([
    ['another SPIFFE ID of the trust domain', async () => bench.front.svid(bench.front.idOf('default', 'api-server'))],
    [
      'an expired SVID',
      async () => bench.front.svid(bench.front.id, { notBefore: new Date(0), notAfter: new Date(1000) }),
    ],
    [
      'the same path in another trust domain',
      async () =>
        bench.front.authority.issue({ uris: ['spiffe://other.example/ns/portarium-control-plane/sa/api-server'] }),
    ],
  ])('a workload’s sidecar trusts no front with %s', async (_, svid) => {
    const sales = await salesBot();
    const { front } = bench;
    front.spire.serve(front.served(front.id, await svid()));
    await until('sales-bot comes by token', async () => cameBy(await sales.call()) === 'bearer');
    front.spire.serve(front.served(front.id, await front.svid(front.id)));
    await until('sales-bot comes by mTLS again', async () => cameBy(await sales.call()) === 'mtls');
    sales.close();
  });
});

describe('from shadow to enforce', () => {
  it('no call with an SVID fails under load, and the other workspace notices nothing', async () => {
    const programs = [await salesBot(), await supportBot()];
    const running = pids();
    const loads = programs.map(load);
    await bench.climb('ws-acme', 'identity');
    const enforced = await until('mtls is enforced', async () => (await withoutSvid()).status === 403, 5);
    await Promise.all(loads.map((each) => calls(each, 15)));
    const results = await Promise.all(loads.map((each) => each.stop()));
    expect(results.map(({ failures }) => failures)).toEqual([[], []]);
    expect(enforced).toBeLessThan(2000);
    expect(pids()).toEqual(running);
    for (const each of programs) each.close();
  });
});

/** A caller of ws-acme who has a token and no SVID. */
const withoutSvid = (): Promise<Answer> =>
  callAs(
    bench,
    'bearer',
    CLIENTS.find(({ what }) => what === 'no certificate')!,
  );

describe('at enforce', () => {
  it.each(CLIENTS.map((client) => [client.what, client] as const))('a client with %s', async (what, client) => {
    for (const listener of ['agents', 'bearer'] as const) {
      cells.get(what)!.push(outcome(await callAs(bench, listener, client)));
    }
  });

  it('all answers are those of the table in docs/mtls.md', () => {
    const head = ['client with', ...COLUMNS, 'agents, enforced', 'bearer, enforced'];
    const rows = [head, ...[...cells].map(([what, answers]) => [what, ...answers])];
    if (process.env['UPDATE_GOLDEN'] !== undefined) writeTable('matrix', rows);
    expect(tableIn('matrix')).toEqual(rows);
  });

  it('certificates, keys and authorities rotate under load without a failed call', async () => {
    const { front } = bench;
    const sales = await salesBot();
    await until('sales-bot comes by mTLS', async () => cameBy(await sales.call()) === 'mtls');
    const running = load(sales);
    const id = front.idOf('portarium-agents', 'sales-bot');
    for (let round = 0; round < 3; round += 1) {
      bot.spire.serve(front.served(id, await front.svid(id)));
      front.spire.serve(front.served(front.id, await front.svid(front.id)));
      await calls(running, 15);
    }
    const { failures } = await running.stop();
    expect(failures).toEqual([]);
    expect(cameBy(await sales.call())).toBe('mtls');
    sales.close();
  });

  it('goes on without SPIRE for as long as the SVIDs last, without a failed call', async () => {
    const sales = await salesBot();
    const running = load(sales);
    await Promise.all([bench.front.spire.stop(), bot.spire.stop()]);
    await calls(running, 25);
    await Promise.all([bench.front.spire.start(), bot.spire.start()]);
    await calls(running, 25);
    expect((await running.stop()).failures).toEqual([]);
    sales.close();
  });
});

/** Waits for so many more calls. */
async function calls(running: Load, more: number): Promise<void> {
  const before = running.calls();
  await until(`${more} more calls`, () => Promise.resolve(running.calls() >= before + more));
}

describe('rollback level 3 with SPIRE stopped and every SVID expired', () => {
  it('brings bearer back within 15 s of the approval, restarts nobody, and no other workspace notices', async () => {
    const { front } = bench;
    const [sales, support] = [await salesBot(), await supportBot()];
    const running = pids();
    const others = load(support);
    const soon = { notAfter: new Date(Date.now() + 3000) };
    const id = front.idOf('portarium-agents', 'sales-bot');
    bot.spire.serve(front.served(id, await front.svid(id, soon)));
    front.spire.serve(front.served(front.id, await front.svid(front.id, soon)));
    await Promise.all([front.spire.stop(), bot.spire.stop()]);
    await until('sales-bot is refused', async () => cameBy(await sales.call()) === '403 IdentityRequired');
    const approved = await bench.rollBack('ws-acme', '3');
    await until('sales-bot comes by token', async () => cameBy(await sales.call()) === 'bearer');
    expect(performance.now() - approved).toBeLessThan(15_000);
    expect(pids()).toEqual(running);

    await bench.undo('ws-acme');
    const refused = await until('sales-bot is refused again', async () => cameBy(await sales.call()) !== 'bearer', 5);
    expect(refused).toBeLessThan(2000);
    bot.spire.serve(front.served(id, await front.svid(id)));
    front.spire.serve(front.served(front.id, await front.svid(front.id)));
    await Promise.all([front.spire.start(), bot.spire.start()]);
    await until('sales-bot comes by mTLS', async () => cameBy(await sales.call()) === 'mtls');
    expect((await others.stop()).failures).toEqual([]);
    sales.close();
    support.close();
  });
});

describe('a front that starts without SPIRE', () => {
  it('serves by token at once, keeps 8443 and 50051 closed, is ready after its grace, and opens them when its SVID comes', async () => {
    const { front } = await bench.another({ withSvid: false });
    const token = await front.issuer.mint({ sub: 'support-bot', aud: 'portarium', workspaceId: 'ws-globex' });
    const call = (listener: 'agents' | 'grpc' | 'bearer') =>
      bench.call(listener, { token }, { path: '/v1/workspaces/ws-globex/runs' }, { front });
    await until('bearer answers', async () => isOk(await call('bearer')), 5);
    expect([outcome(await call('agents')), outcome(await call('grpc'))]).toEqual(['closed', 'closed']);
    expect(await front.sidecars.ready()).toBe(false);
    const waited = await until('it is ready', () => front.sidecars.ready(), 40);
    expect(waited).toBeGreaterThan(20_000);
    expect(outcome(await call('agents'))).toBe('closed');
    front.spire.serve(front.served(front.id, await front.svid(front.id)));
    // Envoy asks SPIRE again after 5 s at most.
    await until('8443 is open', async () => outcome(await call('agents')) !== 'closed', 15);
    expect(outcome(await call('bearer'))).toBe('200');
  }, 150_000);
});

it('Envoy tells the application who calls, and nothing that the client said of itself', async () => {
  const headers = {
    'x-portarium-agent': 'mallory',
    'X-Portarium-Role': 'admin',
    'x-forwarded-client-cert': 'URI=evil',
    forwarded: 'for=evil',
  };
  const identity = await bench.front.svid(bench.front.idOf('portarium-agents', 'sales-bot'));
  const token = await bench.front.issuer.mint({ sub: 'sales-bot', aud: 'portarium', workspaceId: 'ws-acme' });
  const { body } = await bench.call('agents', { identity, token }, { path: PATH, headers });
  const seen = (JSON.parse(body) as { headers: Record<string, string> }).headers;
  expect(seen).toMatchObject({ 'x-portarium-agent': 'sales-bot', 'x-portarium-workspace': 'ws-acme' });
  expect(seen['x-forwarded-client-cert']).toMatch(
    /;URI=spiffe:\/\/portarium\.io\/ns\/portarium-agents\/sa\/sales-bot$/,
  );
  expect(seen).not.toHaveProperty('x-portarium-role');
  expect(JSON.stringify(seen)).not.toContain('evil');
});

it('a caller who calls too often is slowed down, and no other', async () => {
  const identity = await bench.front.svid(bench.front.idOf('portarium-agents', 'invoice-clerk'));
  const mint = (sub: string) => bench.front.issuer.mint({ sub, aud: 'portarium', workspaceId: 'ws-acme' });
  const token = await mint('invoice-clerk');
  const outcomes = new Set<string>();
  const call = async () => outcomes.add(outcome(await bench.call('agents', { identity, token }, { path: PATH })));
  await until('it is slowed down', () => Promise.all(Array.from({ length: 12 }, call)).then(() => outcomes.size > 1));
  expect(outcomes).toEqual(new Set(['200', '429 RateLimited']));
  const other = await bench.front.svid(bench.front.idOf('portarium-agents', 'report-reader'));
  expect(
    outcome(await bench.call('agents', { identity: other, token: await mint('report-reader') }, { path: PATH })),
  ).toBe('200');
});
