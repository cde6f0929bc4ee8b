import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { parse } from 'yaml';

export interface Answer {
  readonly status: number;
  // Objects of every kind come back here.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
  /** Texts of the Warning headers. */
  readonly warnings: readonly string[];
  /** The `message` of a Status, else `""`. */
  readonly message: string;
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: object;
  /** @default application/json, for PATCH application/merge-patch+json */
  readonly type?: string;
  /** Who asks, if not the kubeconfig's user. */
  readonly as?: { readonly user: string; readonly groups: readonly string[] };
}

export type Api = (call: Call) => Promise<Answer>;

interface Kubeconfig {
  readonly clusters: readonly { cluster: { server: string; 'certificate-authority-data': string } }[];
  readonly users: readonly { user: { token: string } }[];
}

/** Sends one request as it stands, since warnings and upgrade requests are hidden by client libraries. */
export function api(kubeconfig: string): Api {
  const { clusters, users } = parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig;
  const { server, 'certificate-authority-data': ca } = clusters[0]!.cluster;
  const agent = new Agent({ keepAlive: true, ca: Buffer.from(ca, 'base64') });
  return ({ method, path, body, type, as }) =>
    new Promise((resolve, reject) => {
      const payload = body && JSON.stringify(body);
      const call = request(new URL(path, server), {
        method,
        agent,
        timeout: 20_000,
        headers: {
          authorization: `Bearer ${users[0]!.user.token}`,
          accept: 'application/json',
          ...(payload && {
            'content-type': type ?? (method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'),
            'content-length': Buffer.byteLength(payload),
          }),
          ...(as && { 'impersonate-user': as.user, 'impersonate-group': [...as.groups] }),
        },
      });
      call.on('timeout', () => call.destroy(new Error(`no answer to ${method} ${path}`)));
      call.on('error', reject);
      call.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const parsed = tryJson(Buffer.concat(chunks).toString('utf8')) as { message?: string; text?: string };
          resolve({
            status: response.statusCode ?? 0,
            body: parsed,
            warnings: warningTexts(response.headers['warning']),
            message: parsed.message ?? parsed.text ?? '',
          });
        });
      });
      call.end(payload);
    });
}

const tryJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return { text };
  }
};

/** `299 - "text", 299 - "text"` (RFC 7234, section 5.5). */
const warningTexts = (header: string | undefined): readonly string[] =>
  [...(header ?? '').matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text.replaceAll(/\\(.)/g, '$1'));
