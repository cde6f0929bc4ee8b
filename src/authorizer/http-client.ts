import { readFileSync } from 'node:fs';
import { Agent as PlainAgent, request as plainRequest, type ClientRequest } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

export interface HttpClientOptions {
  /** Base address, without a path. */
  readonly url: string;
  /** File with PEM of the authorities of the server's certificate. @default the system's */
  readonly authoritiesFile?: string;
  /** For one request with its answer. */
  readonly timeoutMs: number;
}

export interface HttpRequest {
  readonly path: string;
  readonly token: string;
  /** Sent by POST, as JSON. @default - a GET */
  readonly body?: string;
}

/** Rejects when there is no answer in time. */
export type HttpClient = (request: HttpRequest) => Promise<HttpAnswer>;

/** Sends requests that may be repeated, on connections that it keeps. */
export function httpClient({ url, authoritiesFile, timeoutMs }: HttpClientOptions): HttpClient {
  const secure = url.startsWith('https:');
  const keep = { keepAlive: true, maxSockets: 64 };
  const agent = secure
    ? new SecureAgent({ ...keep, ...(authoritiesFile !== undefined && { ca: readFileSync(authoritiesFile) }) })
    : new PlainAgent(keep);
  const open = secure ? secureRequest : plainRequest;
  const base = url.replace(/\/$/, '');

  const attempt = ({ path, token, body }: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> =>
    new Promise((resolve, reject) => {
      const headers = {
        accept: 'application/json',
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      };
      const method = body === undefined ? 'GET' : 'POST';
      const request: ClientRequest = open(`${base}${path}`, { agent, method, signal, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
        response.on('error', reject);
      });
      request.once('error', (error) => reject(new Broken(error, request.reusedSocket)));
      request.end(body);
    });

  return async (request) => {
    const signal = AbortSignal.timeout(timeoutMs);
    for (;;) {
      try {
        return await attempt(request, signal);
      } catch (error) {
        // A server may close a connection that it has kept idle just when it is used again: that was no answer.
        if (!(error instanceof Broken) || !error.onKept || signal.aborted) throw error;
      }
    }
  };
}

/** The connection broke before there was an answer. */
class Broken extends Error {
  constructor(
    error: Error,
    /** On a connection that was kept from before. */
    readonly onKept: boolean,
  ) {
    super(error.message, { cause: error });
  }
}
