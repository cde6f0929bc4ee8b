import { ENVOY_PATHS } from './paths.js';
import { SPIRE_CLUSTER } from './tls.js';
import { typed, type JsonObject } from './typed.js';

/** A port of an address, or a unix socket. */
export type At = { readonly address: string; readonly port: number } | { readonly path: string };

export const addressOf = (at: At): JsonObject =>
  'path' in at ? { pipe: { path: at.path } } : { socket_address: { address: at.address, port_value: at.port } };

export interface ClusterOptions {
  /** `h2`, or what both sides agree on by ALPN. @default HTTP/1.1 */
  readonly protocol?: 'h2' | 'alpn';
  /** A host name is looked up, an address is not. @default STATIC */
  readonly type?: 'STATIC' | 'STRICT_DNS';
  readonly transportSocket?: JsonObject;
  readonly healthChecks?: readonly JsonObject[];
}

/** One upstream endpoint. Unhealthy means unhealthy: no panic that sends to it all the same. */
export const cluster = (name: string, at: At, options: ClusterOptions = {}): JsonObject => ({
  name,
  type: options.type ?? 'STATIC',
  connect_timeout: '1s',
  common_lb_config: { healthy_panic_threshold: { value: 0 } },
  ...(options.protocol && { typed_extension_protocol_options: protocolOptions(options.protocol) }),
  load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint: { address: addressOf(at) } }] }] },
  ...(options.healthChecks && { health_checks: options.healthChecks }),
  ...(options.transportSocket && { transport_socket: options.transportSocket }),
});

const H2 = { connection_keepalive: { interval: '30s', timeout: '5s' } };

const protocolOptions = (protocol: 'h2' | 'alpn'): JsonObject => ({
  'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': typed(
    'envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
    protocol === 'h2'
      ? { explicit_http_config: { http2_protocol_options: H2 } }
      : { auto_config: { http_protocol_options: {}, http2_protocol_options: H2 } },
  ),
});

export const spireCluster = (): JsonObject =>
  cluster(SPIRE_CLUSTER, { path: ENVOY_PATHS.workloadApi }, { protocol: 'h2' });
