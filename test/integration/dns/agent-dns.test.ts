import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { renderWorkspace } from '../../../src/charts/render.js';
import { loadStacks } from '../../../src/config/load.js';
import { corefile } from '../../../src/constructs/agent-dns.js';
import type { Level } from '../../../src/model/levels.js';
import type { Workspace } from '../../../src/model/workspace.js';
import { startCoreDns, type CoreDns } from './coredns.js';
import { decode, query, readQuestion, type Message, type Type } from './message.js';
import { overUdp } from './transport.js';
import { startUpstream, UPSTREAM_ADDRESS, type Upstream } from './upstream.js';

/** The Corefile of the committed ws-acme, in the real CoreDNS, with a server of ours in the place of cluster DNS. */
const { platform, workspaces } = loadStacks({ dir: 'stacks' });
const acme = workspaces.find(({ id }) => id === 'ws-acme')!;
const corefileOf = (workspace: Workspace): string => {
  const map = renderWorkspace(platform, workspace).find(({ kind }) => kind === 'ConfigMap');
  return (map as unknown as { data: { Corefile: string } }).data.Corefile;
};

const FRONT = 'api-server.portarium-control-plane.svc.cluster.local';
const BEARER = 'api-server-bearer.portarium-control-plane.svc.cluster.local';
const COLLECTOR = 'otel-collector.portarium-observability.svc.cluster.local';
const HUBSPOT = 'api.hubspot.com';

let upstream: Upstream;
beforeAll(async () => {
  upstream = await startUpstream();
});
afterAll(() => upstream.stop());
beforeEach(() => void upstream.take());

/** Response code and addresses, as `NOERROR 10.96.80.1`. */
const said = ({ rcode, answers }: Message): string =>
  [rcode, ...answers.map(({ data }) => (data.length === 4 ? [...data].join('.') : data.toString('hex')))].join(' ');
const ADDRESS = [...UPSTREAM_ADDRESS].join('.');

function running(level: Level, of: Workspace = acme): { readonly dns: CoreDns } {
  let dns: CoreDns | undefined;
  beforeAll(async () => {
    dns = await startCoreDns(corefileOf({ ...of, level }), upstream.port);
  });
  afterAll(() => dns?.stop());
  return {
    get dns() {
      return dns!;
    },
  };
}

describe.each(['routing', 'authz', 'identity', 'allowlist', 'enforced'] as const)('agent-dns at `%s`', (level) => {
  const server = running(level);
  const ask = async (name: string, type: Type, options = {}): Promise<string> =>
    said(await server.dns.ask(name, type, options));
  const open = level !== 'enforced';

  it('answers the front and the collector itself, over UDP and TCP, and asks nobody', async () => {
    for (const tcp of [false, true]) {
      expect(await ask(FRONT, 'A', { tcp })).toBe('NOERROR 10.96.80.1');
      expect(await ask(COLLECTOR, 'A', { tcp })).toBe('NOERROR 10.96.80.4');
    }
    expect(upstream.take()).toEqual([]);
  });

  it('answers AAAA of an IPv4 name with nothing, not with a refusal, so that resolvers go on with A', async () => {
    expect(await ask(FRONT, 'AAAA')).toBe('NOERROR');
    expect(await ask(COLLECTOR, 'AAAA')).toBe('NOERROR');
    expect(upstream.take()).toEqual([]);
  });

  it('knows the bearer listener only while mtls is in shadow', async () => {
    const shadow = level === 'routing' || level === 'authz';
    expect(await ask(BEARER, 'A')).toBe(shadow ? 'NOERROR 10.96.80.2' : 'REFUSED');
    expect(upstream.take()).toEqual([]);
  });

  it('asks upstream for a declared system of record only while egress is open', async () => {
    expect(await ask(HUBSPOT, 'A')).toBe(open ? `NOERROR ${ADDRESS}` : 'REFUSED');
    expect(await ask('erp.example.com', 'AAAA', { tcp: true })).toBe(open ? 'NOERROR' : 'REFUSED');
    expect(await ask('vault.vault.svc.cluster.local', 'A')).toBe(open ? `NOERROR ${ADDRESS}` : 'REFUSED');
    expect(upstream.take()).toEqual(
      open ? [`${HUBSPOT} A`, 'erp.example.com AAAA', 'vault.vault.svc.cluster.local A'] : [],
    );
  });

  it.each<[string, Type, object?]>([
    [`secret.${HUBSPOT}`, 'A'],
    [`secret.${HUBSPOT}`, 'AAAA'],
    [`secret.${HUBSPOT}`, 'TXT'],
    [`a.b.c.${HUBSPOT}`, 'A'],
    [`SECRET.${HUBSPOT.toUpperCase()}`, 'A'],
    [`line\nbreak.${HUBSPOT}`, 'A'],
    [`secret.${HUBSPOT}`, 'A', { class: 3 }],
    [`secret.${HUBSPOT}`, 'A', { tcp: true }],
    [HUBSPOT, 'TXT'],
    [HUBSPOT, 'MX'],
    [HUBSPOT, 'SRV'],
    [HUBSPOT, 'CNAME'],
    [HUBSPOT, 'NS'],
    [HUBSPOT, 'ANY'],
    [HUBSPOT, 'TXT', { tcp: true }],
    ['hubspot.com', 'A'],
    [`${HUBSPOT}.attacker.example`, 'A'],
    ['apixhubspot.com', 'A'],
    ['attacker.example', 'A'],
    ['attacker.example', 'A', { tcp: true }],
    ['secret.attacker.example', 'TXT'],
    ['api.zendesk.com', 'A'],
    [`secret.${FRONT}`, 'A'],
    [FRONT, 'TXT'],
    ['kubernetes.default.svc.cluster.local', 'A'],
    ['4.3.2.1.in-addr.arpa', 'PTR'],
    ['version.bind', 'TXT', { class: 3 }],
    ['', 'NS'],
  ])('refuses %j %s %j, and nobody upstream ever sees it', async (name, type, options = {}) => {
    expect(await ask(name, type, options)).toBe('REFUSED');
    expect(upstream.take()).toEqual([]);
  });

  it('takes names in any case (0x20) and gives the question back in the same', async () => {
    const mixed = 'aPi-SeRvEr.PorTarium-control-plane.SVC.cluster.local';
    const { question, ...answer } = await server.dns.ask(mixed, 'A');
    expect([question?.name, said(answer)]).toEqual([mixed, 'NOERROR 10.96.80.1']);
    expect(await ask('API.HubSpot.com', 'A')).toBe(open ? `NOERROR ${ADDRESS}` : 'REFUSED');
  });

  it('serves its metrics', async () => {
    await ask(FRONT, 'A');
    const text = await (await fetch(`http://127.0.0.1:${server.dns.metrics}/metrics`)).text();
    expect(text).toMatch(/coredns_dns_requests_total\{.*zone="api-server\.portarium-control-plane.*\} \d+/);
  });
});

describe('at `enforced`', () => {
  const server = running('enforced');

  it('there is no upstream at all: neither the Corefile names one, nor does anything that comes in reach it', async () => {
    expect(corefileOf({ ...acme, level: 'enforced' })).not.toMatch(/forward|10\.96\.0\.10/);
    const withOption = Buffer.concat([
      query(7, HUBSPOT, 'A'),
      // EDNS, option 65001 with six bytes of the sender's choice.
      Buffer.from([0, 0, 41, 0x10, 0, 0, 0, 0, 0, 0, 10, 0xfd, 0xe9, 0, 6, ...Buffer.from('secret')]),
    ]);
    withOption.writeUInt16BE(1, 10);
    expect(said(decode(await overUdp(server.dns.port, withOption)))).toBe('REFUSED');
    expect(said(await server.dns.ask(HUBSPOT, 'A', { opcode: 4 }))).toBe('REFUSED');
    expect(said(await server.dns.ask(HUBSPOT, 'A', { opcode: 5 }))).toBe('NOTIMP');
    expect(upstream.seen).toEqual([]);
  });
});

describe('a workspace', () => {
  const both = {
    ...acme,
    systemsOfRecord: [...acme.systemsOfRecord, { name: 'apex', host: 'hubspot.com', ports: [443] }],
  };
  const server = running('routing', both);

  it('may declare a name and one below it: each is exact', async () => {
    expect(said(await server.dns.ask('hubspot.com', 'A'))).toBe(`NOERROR ${ADDRESS}`);
    expect(said(await server.dns.ask(HUBSPOT, 'A'))).toBe(`NOERROR ${ADDRESS}`);
    expect(upstream.take()).toEqual(['hubspot.com A', `${HUBSPOT} A`]);
    expect(said(await server.dns.ask('www.hubspot.com', 'A'))).toBe('REFUSED');
    expect(said(await server.dns.ask(`www.${HUBSPOT}`, 'A'))).toBe('REFUSED');
    expect(upstream.take()).toEqual([]);
  });
});

describe('when cluster DNS is down', () => {
  it('the front and the collector are answered all the same', async () => {
    const gone = await startUpstream();
    await gone.stop();
    const dns = await startCoreDns(corefileOf({ ...acme, level: 'routing' }), gone.port);
    try {
      expect(said(await dns.ask(FRONT, 'A'))).toBe('NOERROR 10.96.80.1');
      expect(said(await dns.ask(COLLECTOR, 'A'))).toBe('NOERROR 10.96.80.4');
      expect(said(await dns.ask(HUBSPOT, 'A'))).toBe('SERVFAIL');
    } finally {
      await dns.stop();
    }
  });
});

describe('a fixed IPv6 address', () => {
  it('is answered to AAAA, and A gets nothing', async () => {
    const dns = await startCoreDns(
      corefile([{ name: FRONT, address: 'fd00::1', open: 'always' }], '::1'),
      upstream.port,
    );
    try {
      expect(said(await dns.ask(FRONT, 'AAAA'))).toBe(`NOERROR fd${'0'.repeat(29)}1`);
      expect(said(await dns.ask(FRONT, 'A'))).toBe('NOERROR');
    } finally {
      await dns.stop();
    }
  });
});

describe('the query that upstream sees', () => {
  const server = running('routing');

  it('is for the exact name and type, whatever else the client asked on the way', async () => {
    for (const name of [`x.${HUBSPOT}`, HUBSPOT, 'attacker.example']) await server.dns.ask(name, 'A');
    expect(upstream.seen.map((message) => readQuestion(message).question)).toEqual([
      { name: HUBSPOT, type: 1, class: 1 },
    ]);
  });
});
