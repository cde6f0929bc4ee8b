import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority, type Authority, type KeyPair } from '../../../lab/authority.js';
import { callOnce, isHandshakeFailure, type Answer } from '../../../lab/client.js';
import { obtain } from '../../../lab/obtain.js';
import { freePorts } from '../../../lab/ports.js';
import { startProcesses, type Processes } from '../../../lab/processes.js';
import { startSds, type Sds } from '../../../lab/sds.js';

const ID = 'spiffe://portarium.io/ns/portarium-control-plane/sa/api-server';
const BOT = 'spiffe://portarium.io/ns/portarium-agents/sa/bot';
const API = 'type.googleapis.com/envoy.extensions';

/** A listener that has everything from the Workload API, as SPIRE's documentation configures it. */
const config = (port: number, socket: string) => {
  const secret = (name: string) => ({
    name,
    sds_config: {
      resource_api_version: 'V3',
      initial_fetch_timeout: '0s',
      api_config_source: {
        api_type: 'GRPC',
        transport_api_version: 'V3',
        grpc_services: [{ envoy_grpc: { cluster_name: 'spire' } }],
      },
    },
  });
  const tls = {
    '@type': `${API}.transport_sockets.tls.v3.DownstreamTlsContext`,
    require_client_certificate: true,
    common_tls_context: {
      tls_certificate_sds_secret_configs: [secret(ID)],
      combined_validation_context: {
        default_validation_context: {
          match_typed_subject_alt_names: [{ san_type: 'URI', matcher: { prefix: 'spiffe://' } }],
        },
        validation_context_sds_secret_config: secret('spiffe://portarium.io'),
      },
    },
  };
  const http = {
    '@type': `${API}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: 'http',
    route_config: {
      virtual_hosts: [
        { name: 'all', domains: ['*'], routes: [{ match: { prefix: '/' }, direct_response: { status: 204 } }] },
      ],
    },
    http_filters: [{ name: 'router', typed_config: { '@type': `${API}.filters.http.router.v3.Router` } }],
  };
  const options = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';
  return {
    static_resources: {
      listeners: [
        {
          address: { socket_address: { address: '127.0.0.1', port_value: port } },
          filter_chains: [
            { transport_socket: { name: 'tls', typed_config: tls }, filters: [{ name: 'http', typed_config: http }] },
          ],
        },
      ],
      clusters: [
        {
          name: 'spire',
          typed_extension_protocol_options: {
            [options]: {
              '@type': `type.googleapis.com/${options}`,
              explicit_http_config: { http2_protocol_options: {} },
            },
          },
          load_assignment: {
            cluster_name: 'spire',
            endpoints: [{ lb_endpoints: [{ endpoint: { address: { pipe: { path: socket } } } }] }],
          },
        },
      ],
    },
    node: { id: 'lab', cluster: 'lab' },
  };
};

describe('the SDS server of the lab, asked by Envoy', () => {
  let processes: Processes;
  let authority: Authority;
  let sds: Sds;
  let port = 0;
  let bot: KeyPair;
  let bundle = '';

  const svid = () => authority.issue({ uris: [ID] });
  const serve = async (): Promise<void> =>
    sds.serve({ svids: { [ID]: await svid() }, bundles: { 'portarium.io': bundle } });
  const call = (identity?: KeyPair, ca = bundle): Promise<Answer> =>
    callOnce({ port, tls: { ca, spiffeId: ID, ...(identity && { identity }) } });
  const becomes = async (identity: KeyPair, wanted: object, ca = bundle): Promise<void> =>
    expect.poll(() => call(identity, ca), { timeout: 20_000, interval: 50 }).toMatchObject(wanted);

  beforeAll(async () => {
    authority = await createAuthority();
    bundle = authority.certificate;
    bot = await authority.issue({ uris: [BOT] });
    const { path } = await obtain('envoy');
    [port = 0] = await freePorts(1);
    processes = await startProcesses(mkdtempSync(join(tmpdir(), 'portarium-sds-')), { temporary: true });
    sds = await startSds(join(processes.folder, 'agent.sock'), { bundles: { 'portarium.io': bundle } });
    const file = join(processes.folder, 'envoy.json');
    writeFileSync(file, JSON.stringify(config(port, sds.socket)));
    await processes.start({
      name: 'envoy',
      command: path,
      args: ['--config-path', file, '--disable-hot-restart', '--concurrency', '1', '--log-level', 'warning'],
    });
  });
  afterAll(async () => {
    await processes?.stop();
    await sds?.stop();
  });

  it('has no SVID without an entry, so that the port stays closed, and gives it once the entry is there', async () => {
    await becomes(bot, { error: 'ECONNREFUSED' });
    await serve();
    await becomes(bot, { status: 204 });
  });

  it('serves a bundle that Envoy holds to its own trust domain', async () => {
    const expired = await authority.issue({ uris: [BOT] }, { notAfter: new Date(Date.now() - 1000) });
    const stranger = await (await createAuthority()).issue({ uris: [BOT] });
    const other = await authority.issue({ uris: ['spiffe://other.example/ns/portarium-agents/sa/bot'] });
    for (const identity of [undefined, expired, stranger, other]) {
      expect(isHandshakeFailure(await call(identity))).toBe(true);
    }
    expect(await call(bot)).toMatchObject({ status: 204 });
  });

  it('rotates the authority: both at first, then the new one alone', async () => {
    const before = { authority, bundle, bot };
    authority = await createAuthority();
    bundle = `${before.bundle}${authority.certificate}`;
    bot = await authority.issue({ uris: [BOT] });
    await serve();
    await becomes(bot, { status: 204 }, authority.certificate);
    expect(await call(before.bot)).toMatchObject({ status: 204 });
    bundle = authority.certificate;
    await serve();
    await expect.poll(async () => isHandshakeFailure(await call(before.bot)), { timeout: 20_000 }).toBe(true);
    expect(await call(bot)).toMatchObject({ status: 204 });
  });

  it('can be away, while Envoy keeps what it has, and comes back', async () => {
    await sds.stop();
    expect(await call(bot)).toMatchObject({ status: 204 });
    const before = bundle;
    authority = await createAuthority();
    bundle = authority.certificate;
    await serve();
    expect(await call(bot, before)).toMatchObject({ status: 204 });
    await sds.start();
    bot = await authority.issue({ uris: [BOT] });
    await becomes(bot, { status: 204 });
  });

  it('hears what Envoy refuses', async () => {
    expect(sds.rejections()).toEqual([]);
    const broken = { certificate: 'no certificate', key: 'no key' };
    sds.serve({ svids: { [ID]: broken }, bundles: { 'portarium.io': bundle } });
    await expect.poll(() => sds.rejections()).toEqual(['Failed to load certificate chain from <inline>']);
    expect(await call(bot)).toMatchObject({ status: 204 });
  });
});
