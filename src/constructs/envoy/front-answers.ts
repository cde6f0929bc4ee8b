import { MAX_TOOL_BODY } from './body.js';
import { jsonLog, when } from './http.js';
import type { FrontListener } from './front-filters.js';
import type { JsonObject } from './typed.js';

const problem = (expression: string, status: number, title: string, reason: string, detail: string): JsonObject => ({
  filter: when(expression),
  status_code: status,
  headers_to_add: [{ header: { key: 'x-portarium-reason', value: reason } }],
  body_format_override: {
    content_type: 'application/problem+json',
    json_format: {
      type: `https://portarium.dev/problems/${title.toLowerCase().replaceAll(' ', '-')}`,
      title,
      status,
      reason,
      detail,
      instance: '%PATH(NQ)%',
      requestId: '%REQ(X-REQUEST-ID)%',
    },
  },
});

const code = (start: string): string => `response.code_details.startsWith('${start}')`;

/** What Envoy answers by itself, as problems (RFC 9457); the authorizer's own answers pass as they are. */
export const frontAnswers: JsonObject = {
  mappers: [
    problem(
      code('jwt_authn_access_denied{Jwks_remote_fetch_is_failed'),
      503,
      'Service Unavailable',
      'CannotDecide',
      'The keys of the token issuer cannot be fetched, so no token can be verified. Try again.',
    ),
    problem(
      code('jwt_authn_access_denied'),
      401,
      'Unauthorized',
      'InvalidToken',
      'A valid token of the issuer, for this audience and not expired, is required.',
    ),
    problem(
      code('local_rate_limited'),
      429,
      'Too Many Requests',
      'RateLimited',
      'This caller makes too many requests. Slow down.',
    ),
    problem(
      code('ext_authz_error'),
      503,
      'Service Unavailable',
      'CannotDecide',
      'The authorizer does not answer, so the call is not let through. Try again.',
    ),
    problem(
      code('rbac_access_denied'),
      503,
      'Service Unavailable',
      'CannotDecide',
      'The body that was judged could not be passed on, so the call is not let through. Try again.',
    ),
    problem(
      code('request_payload_too_large'),
      413,
      'Content Too Large',
      'BodyTooLarge',
      `A call of a tool may have ${MAX_TOOL_BODY} bytes. Pass large content by reference.`,
    ),
    problem(
      code('path_normalization_failed'),
      400,
      'Bad Request',
      'AmbiguousPath',
      'The path has escaped slashes, or cannot be normalised.',
    ),
  ],
};

/** What the authorizer says of its decision (`src/authorizer/answer.ts`), without the body that goes on. */
const DECISION = [
  'decision_id',
  'decision',
  'control',
  'mode',
  'reason',
  'workspace_id',
  'caller',
  'policy_hash',
  'relaxation',
] as const;

/** One line a call. Queries and tokens are not in it. */
export const frontAccessLog = (name: FrontListener): JsonObject =>
  jsonLog({
    log: 'access',
    listener: name,
    time: '%START_TIME%',
    requestId: '%REQ(X-REQUEST-ID)%',
    method: '%REQ(:METHOD)%',
    path: '%PATH(NQ)%',
    status: '%RESPONSE_CODE%',
    details: '%RESPONSE_CODE_DETAILS%',
    spiffeId: '%DOWNSTREAM_PEER_URI_SAN%',
    decision: Object.fromEntries(
      DECISION.map((key) => [key, `%DYNAMIC_METADATA(envoy.filters.http.ext_authz:${key})%`]),
    ),
    milliseconds: '%DURATION%',
  });

/** One line for each connection that ended before its handshake did, with the reason. */
export const handshakeLog = (name: FrontListener): JsonObject =>
  jsonLog(
    {
      log: 'handshake',
      listener: name,
      time: '%START_TIME%',
      from: '%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%',
      failure: '%DOWNSTREAM_TRANSPORT_FAILURE_REASON%',
    },
    when("connection.transport_failure_reason != '' || !has(connection.tls_version)"),
  );
