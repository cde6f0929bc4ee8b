/** What the API server answers when it refuses: `Status` of meta/v1. */
export interface ApiStatus {
  readonly status?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly code?: number;
  readonly details?: {
    readonly causes?: readonly { readonly reason?: string; readonly message?: string; readonly field?: string }[];
    readonly retryAfterSeconds?: number;
    readonly [field: string]: unknown;
  };
}

/** The API server answered with an error. `message` reads `create NetworkPolicy… ns/name: <the server's own words>`. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** HTTP status, for example 409. */
  readonly status: number;
  /** Machine-readable reason, for example `Conflict`, `Forbidden`, `Invalid`; empty where the server gave none. */
  readonly reason: string;
  readonly details: ApiStatus['details'];
  constructor(
    status: number,
    body: ApiStatus,
    /** The object that the request was about, as `keyOf` writes it, with the verb: `apply NetworkPolicy… ns/name`. */
    readonly object: string,
  ) {
    super(`${object}: ${body.message ?? `the API server answered ${status}`}`);
    this.status = status;
    this.reason = body.reason ?? '';
    this.details = body.details;
  }
}

/** No answer from the API server: it is down, elsewhere, or not what the kubeconfig says. Exit code 1. */
export class ClusterUnreachable extends Error {
  override readonly name = 'ClusterUnreachable';
  constructor(
    readonly server: string,
    readonly context: string,
    /** What was tried, with the object it was about. */
    readonly attempt: string,
    cause: unknown,
  ) {
    super(
      `${attempt}: the API server ${server} (context "${context}") ${symptom(cause)}. ${advice(cause, server, context)}`,
      { cause },
    );
  }
}

/** The kubeconfig cannot be used. Exit code 2. */
export class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError';
}

/** The cluster has no such kind: its CRD is missing, or the cluster is too old. */
export class UnknownKind extends Error {
  override readonly name = 'UnknownKind';
  constructor(
    readonly apiVersion: string,
    readonly kind: string,
  ) {
    super(
      `the cluster does not know ${kind} of ${apiVersion}. ${
        apiVersion.includes('.')
          ? 'Install its custom resource definition (the platform stack brings its own), or switch the feature off in the platform’s config.'
          : 'Its version of Kubernetes may be too old.'
      }`,
    );
  }
}

const codeOf = (cause: unknown): string => {
  const { code, name } = (cause ?? {}) as { code?: unknown; name?: unknown };
  return typeof code === 'string' ? code : name === 'TimeoutError' ? 'ETIMEDOUT' : '';
};

const isCertificate = (code: string): boolean => /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|ERR_SSL|EPROTO/.test(code);

function symptom(cause: unknown): string {
  const code = codeOf(cause);
  if (code === 'ECONNREFUSED') return 'refuses connections';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'has a name that does not resolve';
  if (code === 'ETIMEDOUT') return 'did not answer in time';
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'closed the connection';
  const message = cause instanceof Error ? cause.message : String(cause);
  return isCertificate(code) ? `has a certificate that is not trusted (${message})` : `cannot be reached (${message})`;
}

function advice(cause: unknown, server: string, context: string): string {
  if (isCertificate(codeOf(cause))) {
    return 'Check certificate-authority-data of that context in the kubeconfig; do not switch verification off.';
  }
  return `Check that it runs (curl -k ${server}/readyz) and that "${context}" is the context you mean (KUBECONFIG, --context), then run the same command again: it continues where it stopped.`;
}

export const isNotFound = (error: unknown): boolean => error instanceof ApiError && error.status === 404;
export const isConflict = (error: unknown): boolean => error instanceof ApiError && error.status === 409;
export const isInvalid = (error: unknown): boolean => error instanceof ApiError && error.status === 422;
/** The object of that name is no longer the one whose uid was sent. */
export const isAnother = (error: unknown): boolean =>
  isInvalid(error) && ((error as ApiError).details?.causes ?? []).some(({ field }) => field === 'metadata.uid');
export const isForbidden = (error: unknown): boolean => error instanceof ApiError && error.status === 403;
