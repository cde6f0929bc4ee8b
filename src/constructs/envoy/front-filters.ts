import type { Platform, Tokens } from '../../model/platform.js';
import { bodyFilters, WHOLE_BODY } from './body.js';
import { extension, typed, type JsonObject } from './typed.js';

/** The front's listeners for calls. The authorizer learns from Envoy, never from a client, which one a call came by. */
export type FrontListener = 'agents' | 'grpc' | 'bearer' | 'people';

const EXT_AUTHZ = 'envoy.filters.http.ext_authz';
const JWT = 'envoy.filters.http.jwt_authn';
const RATE_LIMIT = 'envoy.filters.http.local_ratelimit';

/** Headers by which the front tells the application who calls. Nobody else sets them. */
const IDENTITY_HEADERS = 'x-portarium-';

/**
 * What every call passes, whichever listener it came by: identity headers of the client's are dropped, the token is
 * verified, the caller's rate is limited, the authorizer is asked. None of them lets a call pass when it fails.
 * Source: design, "The front of the control plane".
 */
export const frontFilters = ({ tokens, front }: Platform, name: FrontListener): readonly JsonObject[] => [
  extension('portarium.strip', 'envoy.extensions.filters.http.header_mutation.v3.HeaderMutation', {
    mutations: {
      request_mutations: [
        { remove_on_match: { key_matcher: { prefix: IDENTITY_HEADERS } } },
        { remove: 'x-http-method-override' },
        { remove: 'forwarded' },
      ],
    },
  }),
  extension(JWT, 'envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication', {
    providers: { issuer: provider(tokens, name === 'people' ? tokens.peopleAudience : tokens.audience) },
    rules: [{ match: { prefix: '/' }, requires: { provider_name: 'issuer' } }],
  }),
  rateLimit(name, front.requestsPerSecond),
  extension(EXT_AUTHZ, 'envoy.extensions.filters.http.ext_authz.v3.ExtAuthz', {
    transport_api_version: 'V3',
    stat_prefix: 'authorizer',
    grpc_service: { envoy_grpc: { cluster_name: 'authorizer' }, timeout: '1s' },
    failure_mode_allow: false,
    status_on_error: { code: 'ServiceUnavailable' },
    validate_mutations: true,
    include_peer_certificate: false,
    ...(name !== 'grpc' && { with_request_body: WHOLE_BODY }),
    metadata_context_namespaces: [JWT],
    // It decides by the session and the verified token; of the headers it only needs what names the call.
    allowed_headers: {
      patterns: [{ exact: 'x-request-id' }, { exact: 'content-type' }, { exact: 'traceparent' }],
    },
  }),
  ...(name === 'grpc' ? [] : bodyFilters()),
];

/** What is set per listener for every route of it. */
export const perFilter = (name: FrontListener): JsonObject => ({
  [EXT_AUTHZ]: typed('envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute', {
    check_settings: {
      context_extensions: { listener: name },
      ...(name !== 'grpc' && { disable_request_body_buffering: true }),
    },
  }),
});

/** For a route that says nothing and takes no token: an SVID alone is enough to see that the way is open. */
export const unchecked = (): JsonObject => ({
  [EXT_AUTHZ]: typed('envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute', { disabled: true }),
  [JWT]: typed('envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig', { disabled: true }),
});

/** `exp`, `iss` and `aud` are held here; `typ` and `sub` by the authorizer, which reads both from the filter's metadata. */
const provider = (tokens: Tokens, audience: string): JsonObject => ({
  issuer: tokens.issuer,
  audiences: [audience],
  require_expiration: true,
  clock_skew_seconds: 60,
  forward: true,
  // Named, or a token in the query would do as well, and queries are logged.
  from_headers: [{ name: 'Authorization', value_prefix: 'Bearer ' }],
  payload_in_metadata: 'payload',
  header_in_metadata: 'header',
  remote_jwks: {
    http_uri: { uri: tokens.jwksUri, cluster: 'issuer', timeout: '5s' },
    cache_duration: '300s',
    // In the background: an issuer that is away holds no listener back.
    async_fetch: { fast_listener: true },
  },
});

const CALLER = 'caller';

/** A bucket for each caller: by SVID where there is one, else by the verified subject. */
const rateLimit = (name: FrontListener, perSecond: number): JsonObject =>
  extension(RATE_LIMIT, 'envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit', {
    stat_prefix: `${name}_caller`,
    filter_enabled: { default_value: { numerator: 100 } },
    filter_enforced: { default_value: { numerator: 100 } },
    // For whoever has no bucket of its own; a call without caller is refused before it gets here.
    token_bucket: bucket(perSecond),
    always_consume_default_token_bucket: false,
    rate_limits: [{ actions: [name === 'agents' || name === 'grpc' ? bySvid : bySubject] }],
    descriptors: [{ entries: [{ key: CALLER }], token_bucket: bucket(perSecond) }],
    max_dynamic_descriptors: 10_000,
  });

const bucket = (perSecond: number): JsonObject => ({
  max_tokens: 2 * perSecond,
  tokens_per_fill: perSecond,
  fill_interval: '1s',
});

const bySvid: JsonObject = {
  extension: extension(
    'envoy.rate_limit_descriptors.expr',
    'envoy.extensions.rate_limit_descriptors.expr.v3.Descriptor',
    {
      descriptor_key: CALLER,
      text: 'connection.uri_san_peer_certificate',
    },
  ),
};

const bySubject: JsonObject = {
  metadata: {
    descriptor_key: CALLER,
    metadata_key: { key: JWT, path: [{ key: 'payload' }, { key: 'sub' }] },
    source: 'DYNAMIC',
  },
};
