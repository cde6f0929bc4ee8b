/** The front's listeners; the name comes from Envoy's own configuration, never from a client. */
export const LISTENERS = ['agents', 'grpc', 'bearer', 'people'] as const;
export type Listener = (typeof LISTENERS)[number];

/** A token whose signature Envoy has verified. */
export interface Token {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** What Envoy says of one request. Everything else that a client sent is not looked at. */
export interface Facts {
  /** As Envoy names it; one that is not in LISTENERS is a fault of the configuration. */
  readonly listener: string;
  /** URI SAN of the certificate that the caller presented; empty without one. */
  readonly principal: string;
  /** Absent when Envoy passed on no verified token. */
  readonly token?: Token;
  readonly method: string;
  /** Normalised by Envoy, with its query. */
  readonly path: string;
  /** Empty on routes whose body Envoy does not send. */
  readonly body: Uint8Array;
  /** `content-type`; empty without one. */
  readonly contentType: string;
  /** W3C trace context, for correlation only. */
  readonly traceparent: string;
  /** `x-request-id`, for correlation only. */
  readonly requestId: string;
}
