import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { parse as parseYaml } from 'yaml';

/** Answer of the API server; `body` is the parsed JSON, or the text when it is none. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** The few requests that the lab itself makes. */
export interface ApiClient {
  get(path: string): Promise<ApiAnswer>;
  post(path: string, body: unknown): Promise<ApiAnswer>;
  patchMerge(path: string, body: unknown): Promise<ApiAnswer>;
  close(): void;
}

/** A client of one API server with a bearer token; rejects when there is no connection or no answer in ten seconds. */
export function apiClient(server: string, certificate: string, token: string): ApiClient {
  const agent = new Agent({ keepAlive: true, ca: certificate });
  const send = (method: string, path: string, body?: unknown, type = 'application/json'): Promise<ApiAnswer> =>
    new Promise((resolve, reject) => {
      const payload = body === undefined ? undefined : JSON.stringify(body);
      const call = request(
        new URL(path, server),
        {
          method,
          agent,
          timeout: 10_000,
          headers: {
            authorization: `Bearer ${token}`,
            accept: 'application/json',
            ...(payload === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(payload) }),
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, body: parse(Buffer.concat(chunks).toString('utf8')) }),
          );
        },
      );
      call.on('timeout', () => call.destroy(new Error(`no answer to ${method} ${path} in 10 s`)));
      call.on('error', reject);
      call.end(payload);
    });
  return {
    get: (path) => send('GET', path),
    post: (path, body) => send('POST', path, body),
    patchMerge: (path, body) => send('PATCH', path, body, 'application/merge-patch+json'),
    close: () => agent.destroy(),
  };
}

/** A client of the cluster and user that a kubeconfig of the lab names. */
export function apiClientOf(kubeconfig: string): ApiClient {
  const { clusters, users } = parseYaml(readFileSync(kubeconfig, 'utf8')) as {
    clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }];
    users: [{ user: { token: string } }];
  };
  const { server, 'certificate-authority-data': authority } = clusters[0].cluster;
  return apiClient(server, Buffer.from(authority, 'base64').toString(), users[0].user.token);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
