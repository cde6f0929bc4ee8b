import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';

/** The API server answered with an error, or a watch ended with one. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure';
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export interface ApiServer {
  /** Throws ApiFailure, or the socket's error. */
  get(path: string, signal: AbortSignal): Promise<unknown>;
  /** Writes an object in place of the one that is there. Throws as `get`. */
  put(path: string, object: object, signal: AbortSignal): Promise<void>;
  /** One JSON value a line, until the server ends the answer; `opened` is called when it has begun. */
  lines(path: string, signal: AbortSignal, opened: () => void): AsyncGenerator<unknown>;
}

/** Reads from the API server with the credentials of a kubeconfig or of the pod; token files are read anew. */
export async function apiServer(kubeconfig: string | undefined): Promise<ApiServer> {
  if (kubeconfig === undefined && process.env['KUBERNETES_SERVICE_HOST'] === undefined) {
    throw new Error('this is no pod of a cluster (KUBERNETES_SERVICE_HOST is not set). Give --kubeconfig FILE.');
  }
  // The package's index loads every API; its configuration alone takes half of the time and memory.
  const { KubeConfig } = await import('@kubernetes/client-node/dist/config.js');
  const config = new KubeConfig();
  if (kubeconfig === undefined) config.loadFromCluster();
  else config.loadFromFile(kubeconfig);
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new Error(`${kubeconfig ?? 'the pod'} names no cluster.`);
  const base = cluster.server.replace(/\/$/, '');
  return {
    async get(path, signal) {
      const response = await open(config, `${base}${path}`, signal);
      return JSON.parse(await text(response)) as unknown;
    },
    async put(path, object, signal) {
      const body = JSON.stringify(object);
      await text(await open(config, `${base}${path}`, signal, { method: 'PUT', body }));
    },
    async *lines(path, signal, opened) {
      const response = await open(config, `${base}${path}`, signal);
      opened();
      let rest = '';
      for await (const chunk of response.setEncoding('utf8')) {
        const parts = (rest + (chunk as string)).split('\n');
        rest = parts.pop() ?? '';
        for (const part of parts) if (part !== '') yield JSON.parse(part) as unknown;
      }
    },
  };
}

/** Every request has a connection of its own, as a long watch needs; there are few. */
async function open(
  config: KubeConfig,
  url: string,
  signal: AbortSignal,
  { method = 'GET', body }: { readonly method?: string; readonly body?: string } = {},
): Promise<IncomingMessage> {
  const options: RequestOptions = { headers: {}, signal };
  await config.applyToHTTPSOptions(options);
  const send = url.startsWith('https:') ? httpsRequest : httpRequest;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const headers = {
      ...(options.headers as Record<string, string>),
      Accept: 'application/json',
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    };
    send(url, { ...options, method, headers }, resolve)
      .once('error', reject)
      .end(body);
  });
  if (response.statusCode === 200) return response;
  const said = await text(response);
  throw new ApiFailure(response.statusCode ?? 0, messageIn(said) ?? `the API server answered ${response.statusCode}`);
}

async function text(response: IncomingMessage): Promise<string> {
  let all = '';
  for await (const chunk of response.setEncoding('utf8')) all += chunk as string;
  return all;
}

/** `message` of a meta/v1 Status. */
function messageIn(body: string): string | undefined {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    return typeof message === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}
