/** A node of a structural schema (apiextensions.k8s.io/v1 JSONSchemaProps, as much of it as is used here). */
export interface Schema {
  readonly type: 'object' | 'array' | 'string' | 'integer';
  readonly [field: string]: unknown;
}

/** A CEL rule of a CRD; with `oldSelf` in it, it is a transition rule and holds on updates only. */
export interface Rule {
  readonly rule: string;
  readonly message: string;
  readonly fieldPath?: string;
}

/** Every size has a bound: the API server refuses a CRD whose CEL could cost more than its budget. */
export const text = (limits: { readonly min?: number; readonly max: number; readonly pattern?: string }): Schema => ({
  type: 'string',
  ...(limits.min !== undefined && { minLength: limits.min }),
  maxLength: limits.max,
  ...(limits.pattern !== undefined && { pattern: limits.pattern }),
});

export const oneOf = (values: readonly string[]): Schema => ({ type: 'string', enum: [...values] });

/** `required` are all properties but those named in `optional`; left out when there are none, as the API server does. */
export function fields(
  properties: Readonly<Record<string, Schema>>,
  { optional = [], rules }: { readonly optional?: readonly string[]; readonly rules?: readonly Rule[] } = {},
): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return {
    type: 'object',
    ...(required.length > 0 && { required }),
    properties,
    ...(rules && { 'x-kubernetes-validations': [...rules] }),
  };
}

/** A list whose items are told apart by `key`; two with the same are refused. */
export const listMap = (key: string, items: Schema, max: number, min = 0): Schema => ({
  type: 'array',
  items,
  ...(min > 0 && { minItems: min }),
  maxItems: max,
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': [key],
});

/** A list without order or duplicates. */
export const set = (items: Schema, max: number, min = 0): Schema => ({
  type: 'array',
  items,
  ...(min > 0 && { minItems: min }),
  maxItems: max,
  'x-kubernetes-list-type': 'set',
});

/**
 * A list that may lose its last item by server-side apply, which merges an emptied list of keyed items or of a set to
 * null: without a default, the API server would refuse that as missing.
 */
export const orEmpty = (list: Schema): Schema => ({ ...list, default: [] });

/** RFC 3339 in UTC: the one form of a date that CEL, Go and JavaScript all read the same. */
export const instant: Schema = {
  type: 'string',
  format: 'date-time',
  maxLength: 32,
  pattern: String.raw`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$`,
};

const LABEL = '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?';

/** RFC 1123 label. */
export const dnsLabel = text({ min: 1, max: 63, pattern: `^${LABEL}$` });

/** Exact DNS name of at least two labels. */
export const dnsName = text({ min: 3, max: 253, pattern: String.raw`^${LABEL}(\.${LABEL})+$` });

/** Lower-case hex SHA-256. */
export const sha256 = text({ min: 64, max: 64, pattern: '^[0-9a-f]{64}$' });

/** A user name as the API server knows it. */
export const userName = text({ min: 1, max: 253 });
