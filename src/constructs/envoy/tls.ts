import { ENVOY_PATHS } from './paths.js';
import { extension, type JsonObject } from './typed.js';

/** The cluster of SPIRE's Workload API, a socket of the CSI volume. */
export const SPIRE_CLUSTER = 'spire';

/** Who an SVID may be of: one SPIFFE ID, or all below a path that ends with a slash. */
export type Peer = { readonly exact: string } | { readonly prefix: string };

export interface Svid {
  /** The workload's own SPIFFE ID: asked for by name, since SPIRE's "default" is any of several. */
  readonly own: string;
  readonly trustDomain: string;
  /** At least one; the SPIFFE validator alone would take every SVID of the trust domain. */
  readonly peers: readonly Peer[];
  /** How long the start waits for the first answer; `0s` waits for good. */
  readonly patience: string;
}

const TLS = 'envoy.extensions.transport_sockets.tls.v3';
const ALPN = ['h2', 'http/1.1'];

const secret = (name: string, patience: string): JsonObject => ({
  name,
  sds_config: {
    resource_api_version: 'V3',
    initial_fetch_timeout: patience,
    // SPIRE answers the state of the world only, and by gRPC only.
    api_config_source: {
      api_type: 'GRPC',
      transport_api_version: 'V3',
      grpc_services: [
        {
          envoy_grpc: {
            cluster_name: SPIRE_CLUSTER,
            // Envoy's own limit is 30 s: that long an entry new in SPIRE, or a restarted agent, would wait.
            retry_policy: { retry_back_off: { base_interval: '0.5s', max_interval: '5s' } },
          },
        },
      ],
    },
  },
});

const svid = ({ own, trustDomain, peers, patience }: Svid): JsonObject => ({
  tls_certificate_sds_secret_configs: [secret(own, patience)],
  combined_validation_context: {
    default_validation_context: {
      match_typed_subject_alt_names: peers.map((matcher) => ({ san_type: 'URI', matcher })),
    },
    // The bundle comes with SPIRE's SPIFFE validator, which holds the trust domain to its own authorities.
    validation_context_sds_secret_config: secret(`spiffe://${trustDomain}`, patience),
  },
});

/** A listener that demands an SVID. Every connection proves it anew: no session is resumed. */
export const demandSvid = (identity: Svid): JsonObject =>
  extension('envoy.transport_sockets.tls', `${TLS}.DownstreamTlsContext`, {
    require_client_certificate: true,
    disable_stateless_session_resumption: true,
    disable_stateful_session_resumption: true,
    common_tls_context: {
      alpn_protocols: ALPN,
      tls_params: { tls_minimum_protocol_version: 'TLSv1_3' },
      ...svid(identity),
    },
  });

/** A client that presents its SVID and takes only the peers' in return. */
export const presentSvid = (identity: Svid): JsonObject =>
  extension('envoy.transport_sockets.tls', `${TLS}.UpstreamTlsContext`, {
    common_tls_context: {
      alpn_protocols: ['h2'],
      tls_params: { tls_minimum_protocol_version: 'TLSv1_3', tls_maximum_protocol_version: 'TLSv1_3' },
      ...svid(identity),
    },
  });

/** A listener with the certificate that does not come from SPIRE; clients prove who they are by token. */
export const serverTls = (): JsonObject =>
  extension('envoy.transport_sockets.tls', `${TLS}.DownstreamTlsContext`, {
    require_client_certificate: false,
    common_tls_context: {
      alpn_protocols: ALPN,
      tls_params: { tls_minimum_protocol_version: 'TLSv1_3' },
      tls_certificate_sds_secret_configs: [
        {
          name: SERVER_CERTIFICATE,
          sds_config: {
            resource_api_version: 'V3',
            initial_fetch_timeout: '5s',
            path_config_source: { path: ENVOY_PATHS.serverCertificate },
          },
        },
      ],
    },
  });

const SERVER_CERTIFICATE = 'server-certificate';

/** The file of that certificate: by discovery, since only so Envoy watches it and takes a renewed one. */
export const serverCertificate = (): JsonObject => ({
  resources: [
    {
      '@type': `type.googleapis.com/${TLS}.Secret`,
      name: SERVER_CERTIFICATE,
      tls_certificate: {
        certificate_chain: { filename: `${ENVOY_PATHS.tls}/tls.crt` },
        private_key: { filename: `${ENVOY_PATHS.tls}/tls.key` },
        watched_directory: { path: ENVOY_PATHS.tls },
      },
    },
  ],
});

/** A client that verifies an ordinary server: its exact name, by these authorities. */
export const verifyServer = (
  host: string,
  authorities: { readonly filename: string } | { readonly inline_string: string },
  alpn: readonly string[] = ['h2'],
): JsonObject =>
  extension('envoy.transport_sockets.tls', `${TLS}.UpstreamTlsContext`, {
    sni: host,
    common_tls_context: {
      alpn_protocols: [...alpn],
      tls_params: { tls_minimum_protocol_version: 'TLSv1_2', tls_maximum_protocol_version: 'TLSv1_3' },
      validation_context: {
        trusted_ca: authorities,
        match_typed_subject_alt_names: [{ san_type: 'DNS', matcher: { exact: host } }],
      },
    },
  });
