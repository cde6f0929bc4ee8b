import type { CheckRequest, Struct, Value } from './ext-authz.js';
import type { Facts, Token } from './facts.js';

/** Where Envoy's jwt_authn filter puts what it has verified; no client can write there. */
const JWT_AUTHN = 'envoy.filters.http.jwt_authn';

const NOTHING = new Uint8Array();

/** What is looked at of Envoy's question. Missing parts become empty, which no rule accepts. */
export function factsOf({ attributes }: CheckRequest): Facts {
  const http = attributes?.request?.http;
  const token = tokenIn(attributes?.metadataContext?.filterMetadata?.[JWT_AUTHN]);
  return {
    listener: attributes?.contextExtensions?.['listener'] ?? '',
    principal: attributes?.source?.principal ?? '',
    ...(token && { token }),
    method: http?.method ?? '',
    path: http?.path ?? '',
    body: http?.rawBody ?? NOTHING,
    contentType: http?.headers?.['content-type'] ?? '',
    traceparent: http?.headers?.['traceparent'] ?? '',
    requestId: http?.headers?.['x-request-id'] ?? http?.id ?? '',
  };
}

function tokenIn(metadata: Struct | undefined): Token | undefined {
  const { header, payload } = plain(metadata ?? {});
  return isRecord(header) && isRecord(payload) ? { header, claims: payload } : undefined;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const plain = ({ fields }: Struct): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(fields ?? {}).map(([key, value]) => [key, plainValue(value)]));

function plainValue(value: Value): unknown {
  if (value.stringValue !== undefined) return value.stringValue;
  if (value.numberValue !== undefined) return value.numberValue;
  if (value.boolValue !== undefined) return value.boolValue;
  if (value.structValue !== undefined) return plain(value.structValue);
  if (value.listValue !== undefined) return (value.listValue.values ?? []).map(plainValue);
  return null;
}
