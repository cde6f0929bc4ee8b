import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { connect as http2Connect, type ClientHttp2Session } from 'node:http2';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionOptions, PeerCertificate, SecureVersion } from 'node:tls';
import type { KeyPair } from './authority.js';

/** Whom to call on loopback, and as whom. */
export interface Target {
  readonly port: number;
  /** @default - plain HTTP */
  readonly tls?: TargetTls;
  /** HTTP/2 instead of HTTP/1.1, without TLS too. @default false */
  readonly http2?: boolean;
  /** @default 10000 */
  readonly timeoutMilliseconds?: number;
}

export interface TargetTls {
  /** Authorities of the server's certificate, PEM. */
  readonly ca: string;
  /** The server's SPIFFE ID, its only name. @default - the certificate must be for `servername` */
  readonly spiffeId?: string;
  /** Name of the server, told to it as well. @default none */
  readonly servername?: string;
  /** The client's own certificate. @default none */
  readonly identity?: KeyPair;
  /** The one version that is spoken. @default TLSv1.3 */
  readonly version?: SecureVersion;
}

export interface Call {
  /** @default GET */
  readonly method?: string;
  /** @default / */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Buffer;
}

/** What came of a call. */
export interface Answer {
  /** 0 when there was no answer. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly trailers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  /** Why there was no answer: a code such as `ECONNREFUSED` or `ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED`. */
  readonly error?: string;
}

/** A client that keeps its connections. */
export interface Client {
  /** Never rejects: a test looks at what comes of it. */
  call(call?: Call): Promise<Answer>;
  close(): void;
}

/** Calls once, on a connection of its own. */
export async function callOnce(target: Target, call: Call = {}): Promise<Answer> {
  const client = connectTo(target);
  try {
    return await client.call(call);
  } finally {
    client.close();
  }
}

/** Whether a connection was broken off by TLS. A refused client may see the alert, or only that the connection is gone. */
export const isHandshakeFailure = ({ error = '' }: Answer): boolean =>
  /^(ERR_SSL_|EPROTO$|ECONNRESET$|EPIPE$)/.test(error);

export function connectTo(target: Target): Client {
  return target.http2 === true ? http2Client(target) : http1Client(target);
}

/** No session is resumed: each connection proves its certificate anew. */
function tlsOptions({ ca, spiffeId, servername, identity, version = 'TLSv1.3' }: TargetTls): ConnectionOptions {
  return {
    ca,
    minVersion: version,
    maxVersion: version,
    ...(servername !== undefined && { servername }),
    ...(identity !== undefined && { cert: identity.certificate, key: identity.key }),
    ...(spiffeId !== undefined && {
      checkServerIdentity: (_host: string, { subjectaltname }: PeerCertificate) =>
        subjectaltname === `URI:${spiffeId}`
          ? undefined
          : Object.assign(new Error(`the server is ${subjectaltname}, not ${spiffeId}`), { code: 'WRONG_SPIFFE_ID' }),
    }),
  };
}

function http1Client({ port, tls, timeoutMilliseconds = 10_000 }: Target): Client {
  const agent =
    tls === undefined
      ? new HttpAgent({ keepAlive: true })
      : new HttpsAgent({ keepAlive: true, maxCachedSessions: 0, ...tlsOptions(tls) });
  return {
    close: () => agent.destroy(),
    call: ({ method = 'GET', path = '/', headers = {}, body } = {}) =>
      new Promise((resolve) => {
        const options = { host: '127.0.0.1', port, method, path, agent, timeout: timeoutMilliseconds, headers };
        const received = (response: IncomingMessage): void => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', (error) => resolve(failed(error)));
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              trailers: response.trailers,
              body: Buffer.concat(chunks).toString(),
            }),
          );
        };
        const request: ClientRequest =
          tls === undefined ? httpRequest(options, received) : httpsRequest(options, received);
        request.on('timeout', () => request.destroy(coded('TIMEOUT')));
        request.on('error', (error) => resolve(failed(error)));
        request.end(body);
      }),
  };
}

function http2Client({ port, tls, timeoutMilliseconds = 10_000 }: Target): Client {
  let session: ClientHttp2Session | undefined;
  const open = (): ClientHttp2Session => {
    if (session === undefined || session.closed || session.destroyed) {
      const to = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
      session = http2Connect(to, tls === undefined ? {} : tlsOptions(tls));
      session.on('error', () => undefined);
    }
    return session;
  };
  return {
    close: () => session?.destroy(),
    call: async ({ method = 'GET', path = '/', headers = {}, body } = {}) => {
      const connection = open();
      let connectionError: Error | undefined;
      connection.once('error', (error: Error) => (connectionError = error));
      const connectionClosed = new Promise<void>((resolve) => connection.once('close', resolve));
      const stream = connection.request({ ':method': method, ':path': path, ...headers });
      const chunks: Buffer[] = [];
      let head: Answer['headers'] = {};
      let trailers: Answer['trailers'] = {};
      let streamError: Error | undefined;
      stream.setTimeout(timeoutMilliseconds, () => {
        streamError = coded('TIMEOUT');
        stream.close();
      });
      stream.on('response', (received) => (head = received as Answer['headers']));
      stream.on('trailers', (received) => (trailers = received as Answer['trailers']));
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', (error: Error) => (streamError ??= error));
      stream.end(body);
      await new Promise((resolve) => stream.once('close', resolve));
      const status = Number(head[':status'] ?? 0);
      if (status > 0 && streamError === undefined) {
        return { status, headers: head, trailers, body: Buffer.concat(chunks).toString() };
      }
      if (codeOf(streamError) === 'TIMEOUT') return failed(streamError);
      // The stream goes with its connection, whose error says why, but only a moment later.
      await Promise.race([connectionClosed, sleep(500, undefined, { ref: false })]);
      return failed(connectionError ?? (connection.destroyed ? coded('ECONNRESET') : streamError));
    },
  };
}

const coded = (code: string): Error => Object.assign(new Error(code), { code });

const codeOf = (error: Error | undefined): string | undefined => (error as NodeJS.ErrnoException | undefined)?.code;

const failed = (error: Error | undefined): Answer => ({
  status: 0,
  headers: {},
  trailers: {},
  body: '',
  error: codeOf(error) ?? error?.message ?? 'the call ended without an answer',
});
