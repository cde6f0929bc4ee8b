/** A value of Envoy's configuration: plain JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** A `google.protobuf.Any` as JSON: its message type by name, and the message's fields. */
export const typed = (type: string, fields: JsonObject = {}): JsonObject => ({
  '@type': `type.googleapis.com/${type}`,
  ...fields,
});

/** An extension: filters, transport sockets, access loggers and resource monitors all look so. */
export const extension = (name: string, type: string, fields: JsonObject = {}): JsonObject => ({
  name,
  typed_config: typed(type, fields),
});
