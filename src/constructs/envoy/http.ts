import { extension, typed, type JsonObject } from './typed.js';

const HCM = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';

export interface ConnectionManagerOptions {
  readonly name: string;
  readonly routes: readonly JsonObject[];
  /** In order; the router is added. */
  readonly filters?: readonly JsonObject[];
  /** Per filter, for every route. */
  readonly perFilter?: JsonObject;
  /** What the upstream is told of the client's certificate; whatever the client says of it is dropped. @default none */
  readonly clientCertificate?: 'none' | 'uri';
  readonly accessLog?: JsonObject;
  readonly localReplies?: JsonObject;
  /** Bytes of the longest answer that Envoy gives by itself. @default 4096 */
  readonly maxDirectResponse?: number;
}

/**
 * HTTP as an edge takes it: paths normalised before anyone decides by them, ambiguous ones refused, every time and size
 * bounded. Connections end after 15 minutes, so that none outlives its SVID by more.
 * Source: Envoy, "Configuring Envoy as an edge proxy"; RFC 9110, section 7.4.
 */
export const connectionManager = (options: ConnectionManagerOptions): JsonObject =>
  extension('envoy.filters.network.http_connection_manager', HCM, {
    stat_prefix: options.name,
    codec_type: 'AUTO',
    server_header_transformation: 'PASS_THROUGH',
    use_remote_address: true,
    normalize_path: true,
    merge_slashes: true,
    path_with_escaped_slashes_action: 'REJECT_REQUEST',
    strip_any_host_port: true,
    request_headers_timeout: '10s',
    // Streams of events stay open; a silent one does not.
    stream_idle_timeout: '900s',
    common_http_protocol_options: {
      headers_with_underscores_action: 'REJECT_REQUEST',
      max_headers_count: 100,
      idle_timeout: '900s',
      max_connection_duration: '900s',
    },
    http2_protocol_options: {
      max_concurrent_streams: 100,
      initial_stream_window_size: 65_536,
      initial_connection_window_size: 1_048_576,
    },
    forward_client_cert_details: options.clientCertificate === 'uri' ? 'SANITIZE_SET' : 'SANITIZE',
    ...(options.clientCertificate === 'uri' && { set_current_client_cert_details: { uri: true } }),
    ...(options.accessLog && { access_log: [options.accessLog] }),
    ...(options.localReplies && { local_reply_config: options.localReplies }),
    route_config: {
      name: options.name,
      max_direct_response_body_size_bytes: options.maxDirectResponse ?? 4096,
      virtual_hosts: [
        {
          name: options.name,
          domains: ['*'],
          ...(options.perFilter && { typed_per_filter_config: options.perFilter }),
          routes: options.routes,
        },
      ],
    },
    http_filters: [
      ...(options.filters ?? []),
      extension('envoy.filters.http.router', 'envoy.extensions.filters.http.router.v3.Router'),
    ],
  });

export interface ListenerOptions {
  readonly name: string;
  readonly address: JsonObject;
  readonly manager: JsonObject;
  readonly transportSocket?: JsonObject;
  /** Not counted among the connections that are limited, so that probes answer under load. @default false */
  readonly unlimited?: boolean;
  /** Written for each connection, also one whose handshake failed. */
  readonly accessLog?: JsonObject;
}

export const listener = (options: ListenerOptions): JsonObject => ({
  name: options.name,
  stat_prefix: options.name,
  address: options.address,
  per_connection_buffer_limit_bytes: 65_536,
  ...(options.unlimited && { ignore_global_conn_limit: true }),
  ...(options.accessLog && { access_log: [options.accessLog] }),
  filter_chains: [
    {
      ...(options.transportSocket && {
        transport_socket_connect_timeout: '5s',
        transport_socket: options.transportSocket,
      }),
      filters: [options.manager],
    },
  ],
});

/** One JSON line on standard output. `fields` are Envoy's command operators by the line's keys. */
export const jsonLog = (fields: JsonObject, filter?: JsonObject): JsonObject => ({
  ...extension('envoy.access_loggers.stdout', 'envoy.extensions.access_loggers.stream.v3.StdoutAccessLog', {
    log_format: { json_format: fields },
  }),
  ...(filter && { filter }),
});

/** CEL over the request and its answer, as a filter of logs and of local replies. */
export const when = (expression: string): JsonObject => ({
  extension_filter: {
    name: 'envoy.access_loggers.extension_filters.cel',
    typed_config: typed('envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter', { expression }),
  },
});
