import { request } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { HOST } from './rendered.js';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
  /** Of the server's certificate. */
  readonly serial: string;
}

export interface Question {
  readonly port: number;
  /** PEM of the authority that the server's certificate must be of. */
  readonly ca: string;
  readonly path: string;
  /** @default none */
  readonly key?: string;
  readonly origin?: string;
  /** Makes it a POST. */
  readonly body?: object;
}

/** Asks as those in the cluster do: by the Service's name, which the certificate must have. */
export const ask = ({ port, ca, path, key, origin, body }: Question): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const sent = request(
      {
        ...{ host: '127.0.0.1', port, servername: HOST, ca, path, agent: false },
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          host: HOST,
          ...(key !== undefined && { authorization: `Bearer ${key}` }),
          ...(origin !== undefined && { origin }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
      },
      (response) => {
        const serial = (response.socket as TLSSocket).getPeerCertificate().serialNumber;
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
        response.once('error', reject);
        response.once('end', () => {
          const { statusCode: status = 0, headers } = response;
          resolve({ status, headers, body: parsed(text), serial });
        });
      },
    );
    sent.setTimeout(5000, () => sent.destroy(new Error(`no answer to ${path} within 5 s`)));
    sent.once('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
