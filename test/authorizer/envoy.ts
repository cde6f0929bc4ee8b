import type { CheckRequest, Struct, Value } from '../../src/authorizer/ext-authz.js';
import type { Facts } from '../../src/authorizer/facts.js';

/** The question by which Envoy says these facts. */
export function question(facts: Facts): CheckRequest {
  const { listener, principal, token, method, path, body, contentType, traceparent, requestId } = facts;
  const jwt = token && { 'envoy.filters.http.jwt_authn': struct({ header: token.header, payload: token.claims }) };
  return {
    attributes: {
      source: { principal },
      request: {
        http: {
          id: '4711',
          method,
          path,
          rawBody: body,
          headers: { 'x-request-id': requestId, accept: '*/*', 'content-type': contentType, traceparent },
        },
      },
      contextExtensions: { listener },
      metadataContext: { filterMetadata: { ...jwt } },
    },
  };
}

export const struct = (record: object): Struct => ({
  fields: Object.fromEntries(Object.entries(record).map(([key, value]) => [key, valueOf(value)])),
});

function valueOf(value: unknown): Value {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'number') return { numberValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (Array.isArray(value)) return { listValue: { values: value.map(valueOf) } };
  return value === null ? { nullValue: 'NULL_VALUE' } : { structValue: struct(value as object) };
}
