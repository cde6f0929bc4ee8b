import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest, type RequestOptions as TlsOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { ClusterUnreachable, KubeconfigError } from './api-error.js';

/** One request to the API server. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With query: `/api/v1/namespaces?limit=500`. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** @default application/json */
  readonly contentType?: string;
  /** Beside those that say who the caller is. @default - none */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** What is being tried, for messages: `apply NetworkPolicy… ns/name`. */
  readonly attempt: string;
  /** @default - none */
  readonly signal?: AbortSignal;
}

export interface ApiResponse {
  readonly status: number;
  /** Texts of the `Warning:` headers (RFC 7234, section 5.5), as admission and validation send them. */
  readonly warnings: readonly string[];
  /** Seconds to wait before another try, where the server says so. */
  readonly retryAfter?: number;
  readonly body: unknown;
}

/** How a cluster is spoken to. Tests wrap it to count, delay or break requests. */
export interface Connection {
  /** For messages: `https://127.0.0.1:6443`. */
  readonly server: string;
  /** Name of the kubeconfig's context. */
  readonly context: string;
  /** Throws ClusterUnreachable when there is no answer; an answer of any status is returned. */
  send(request: ApiRequest): Promise<ApiResponse>;
  /** The answer's body line by line, without a time limit. */
  stream(request: ApiRequest): Promise<{ readonly status: number; readonly lines: AsyncIterable<string> }>;
  close(): void;
}

export interface ConnectOptions {
  /** Path of a kubeconfig. @default - KUBECONFIG, else ~/.kube/config, else the pod's own service account */
  readonly kubeconfig?: string;
  /** @default - the kubeconfig's current context */
  readonly context?: string;
  /** Per request, milliseconds. @default 30000 */
  readonly timeout?: number;
  /** Requests under way at a time. @default 24 */
  readonly concurrency?: number;
}

/** Credential plugins and token files are asked again after this long, milliseconds. */
const CREDENTIALS_LAST = 60_000;

/** Whom a caller may act as who has the right to (`impersonate`, of the user and of each group). */
export interface Impersonated {
  readonly user: string;
  readonly groups: readonly string[];
}

/** The same connection, with every request sent in another's name; it ends with the one that it is made from. */
export function impersonating(by: Connection, { user, groups }: Impersonated): Connection {
  const headers = { 'Impersonate-User': user, ...(groups.length > 0 && { 'Impersonate-Group': groups }) };
  const named = (request: ApiRequest): ApiRequest => ({ ...request, headers: { ...request.headers, ...headers } });
  return {
    server: by.server,
    context: by.context,
    send: (request) => by.send(named(request)),
    stream: (request) => by.stream(named(request)),
    close: () => undefined,
  };
}

/** Connects by a kubeconfig. Nothing is sent yet. Throws KubeconfigError, saying what is missing. */
export async function connection(options: ConnectOptions = {}): Promise<Connection> {
  const config = await loadKubeconfig(options);
  const cluster = config.getCurrentCluster();
  if (!cluster) throw new KubeconfigError('the kubeconfig’s context names no cluster.');
  const base = new URL(cluster.server);
  const secure = base.protocol === 'https:';
  const timeout = options.timeout ?? 30_000;
  const sockets = { keepAlive: true, keepAliveMsecs: 15_000, maxSockets: options.concurrency ?? 24 };
  const agents = secure
    ? { short: new HttpsAgent(sockets), long: new HttpsAgent() }
    : { short: new HttpAgent(sockets), long: new HttpAgent() };
  let credentials: { readonly at: number; readonly options: Promise<TlsOptions> } | undefined;

  const authenticate = (): Promise<TlsOptions> => {
    if (credentials === undefined || performance.now() - credentials.at > CREDENTIALS_LAST) {
      credentials = { at: performance.now(), options: authenticated(config, cluster.proxyUrl !== undefined) };
    }
    return credentials.options;
  };

  const open = async (
    request: ApiRequest,
    signal: AbortSignal | undefined,
    long: boolean,
  ): Promise<IncomingMessage> => {
    const auth = await authenticate();
    const body = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
    const requestOptions: RequestOptions & TlsOptions = {
      ...auth,
      agent: auth.agent ?? (long ? agents.long : agents.short),
      protocol: base.protocol,
      hostname: base.hostname.replace(/^\[|\]$/g, ''),
      port: base.port || (secure ? 443 : 80),
      method: request.method,
      path: `${base.pathname.replace(/\/$/, '')}${request.path}`,
      headers: {
        ...(auth.headers as Record<string, string>),
        ...(request.headers as Record<string, string | string[]>),
        Accept: 'application/json',
        'User-Agent': 'portarium-enforcement',
        ...(body && { 'Content-Type': request.contentType ?? 'application/json', 'Content-Length': body.length }),
      },
      ...(signal && { signal }),
    };
    const once = () =>
      new Promise<IncomingMessage>((resolve, reject) => {
        const outgoing = (secure ? httpsRequest : httpRequest)(requestOptions, resolve);
        outgoing.on('error', (error) => reject(Object.assign(error, { reusedSocket: outgoing.reusedSocket })));
        outgoing.end(body);
      });
    try {
      return await once();
    } catch (error) {
      // A kept-alive socket that the server closed meanwhile; every verb but POST may be sent twice.
      const { reusedSocket, code } = error as { reusedSocket?: boolean; code?: string };
      if (reusedSocket && code === 'ECONNRESET' && request.method !== 'POST') return once();
      throw error;
    }
  };

  const unreachable = (request: ApiRequest, error: unknown): unknown => {
    if (request.signal?.aborted) return request.signal.reason;
    return new ClusterUnreachable(cluster.server, config.currentContext, request.attempt, error);
  };

  return {
    server: cluster.server,
    context: config.currentContext,
    async send(request) {
      const limit = AbortSignal.timeout(timeout);
      const signal = request.signal ? AbortSignal.any([request.signal, limit]) : limit;
      try {
        const response = await open(request, signal, false);
        if (response.statusCode === 401) credentials = undefined;
        return { ...headersOf(response), body: parse(await text(response)) };
      } catch (error) {
        throw unreachable(request, limit.aborted ? limit.reason : error);
      }
    },
    async stream(request) {
      try {
        const response = await open(request, request.signal, true);
        return { status: response.statusCode ?? 0, lines: lines(response) };
      } catch (error) {
        throw unreachable(request, error);
      }
    },
    close() {
      agents.short.destroy();
      agents.long.destroy();
    },
  };
}

async function loadKubeconfig({ kubeconfig, context }: ConnectOptions): Promise<KubeConfig> {
  // Loading the client takes most of a second, which commands without a cluster must not pay; its index takes twice that.
  const { KubeConfig } = await import('@kubernetes/client-node/dist/config.js');
  const config = new KubeConfig();
  const from = kubeconfig ?? process.env['KUBECONFIG'] ?? '~/.kube/config';
  try {
    if (kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(kubeconfig);
  } catch (error) {
    throw new KubeconfigError(
      `cannot read the kubeconfig ${from}: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
  if (context !== undefined) {
    const known = config.getContexts().map(({ name }) => name);
    if (!known.includes(context)) {
      throw new KubeconfigError(`${from} has no context "${context}". It has: ${known.join(', ') || 'none'}.`);
    }
    config.setCurrentContext(context);
  }
  // The client falls back on http://localhost:8080, which is nobody's cluster.
  if (config.getCurrentCluster() === null || config.currentContext === 'loaded-context') {
    throw new KubeconfigError(
      `no cluster is configured: ${from} is missing or names no current context. Set KUBECONFIG, or start the lab with "enforce lab up".`,
    );
  }
  return config;
}

async function authenticated(config: KubeConfig, proxied: boolean): Promise<TlsOptions> {
  const options: TlsOptions = {};
  await config.applyToHTTPSOptions(options);
  // Its agents do not keep connections alive; they are needed for proxies only.
  if (!proxied) delete options.agent;
  return options;
}

const headersOf = (response: IncomingMessage): Omit<ApiResponse, 'body'> => {
  const retryAfter = Number(response.headers['retry-after']);
  return {
    status: response.statusCode ?? 0,
    warnings: (response.headersDistinct['warning'] ?? []).map(warningText),
    ...(Number.isFinite(retryAfter) && { retryAfter }),
  };
};

/** `299 - "text"` -> text, with its escapes undone. */
const warningText = (header: string): string =>
  /^\d{3} \S+ "(.*)"$/s.exec(header)?.[1]?.replace(/\\(.)/g, '$1') ?? header;

async function text(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return { message: body.trim().slice(0, 500) };
  }
}

async function* lines(response: IncomingMessage): AsyncGenerator<string> {
  let rest = '';
  response.setEncoding('utf8');
  for await (const chunk of response) {
    const parts = (rest + (chunk as string)).split('\n');
    rest = parts.pop() ?? '';
    yield* parts.filter((line) => line !== '');
  }
  if (rest !== '') yield rest;
}
