import { readFileSync } from 'node:fs';
import { Agent, request } from 'undici';
import type { Access } from '../model/access.js';

export type { Access } from '../model/access.js';

export interface Asked {
  readonly method?: 'GET' | 'POST';
  /** Under the base URL: `/api/v1/query`. */
  readonly path: string;
  /** Query of a GET, form of a POST. */
  readonly params?: Readonly<Record<string, string>>;
  /** Milliseconds for the whole answer. @default 40000 */
  readonly timeout?: number;
  /** Of the body; a longer one is an error. @default 64 MiB */
  readonly maxBytes?: number;
}

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

/** Why no answer came: no connection, no trust, too late, too long. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

const TIMEOUT = 40_000;
const MAX_BYTES = 64 * 1024 * 1024;

/** Asks once. Throws NoAnswer; every status is an answer. Redirects are not followed. */
export async function ask(
  access: Access,
  { method = 'GET', path, params, timeout, maxBytes }: Asked,
): Promise<Answered> {
  const url = new URL(access.url.replace(/\/$/, '') + path);
  const form = new URLSearchParams(params).toString();
  if (method === 'GET' && form !== '') url.search = form;
  let agent: Agent | undefined;
  try {
    const { caFile, certFile, keyFile } = access.tls ?? {};
    agent = new Agent({
      connect: {
        ...(caFile !== undefined && { ca: readFileSync(caFile) }),
        ...(certFile !== undefined && { cert: readFileSync(certFile) }),
        ...(keyFile !== undefined && { key: readFileSync(keyFile) }),
      },
    });
    const answer = await request(url, {
      dispatcher: agent,
      method,
      headers: {
        ...access.headers,
        ...authorization(access),
        ...(method === 'POST' && { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(method === 'POST' && { body: form }),
      signal: AbortSignal.timeout(timeout ?? TIMEOUT),
    });
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body: await textOf(answer.body, maxBytes ?? MAX_BYTES),
    };
  } catch (error) {
    throw new NoAnswer(`${url.origin}${url.pathname}: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await agent?.destroy();
  }
}

function authorization({ bearerTokenFile, basic }: Access): Readonly<Record<string, string>> {
  if (bearerTokenFile !== undefined) return { authorization: `Bearer ${readFileSync(bearerTokenFile, 'utf8').trim()}` };
  if (basic === undefined) return {};
  const password = readFileSync(basic.passwordFile, 'utf8').trim();
  return { authorization: `Basic ${Buffer.from(`${basic.username}:${password}`).toString('base64')}` };
}

async function textOf(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBytes) throw new Error(`the answer is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
