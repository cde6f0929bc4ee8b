/**
 * Makes one HTTP call from where it runs, alone (no imports of ours). `call.js JSON`, see `CallRequest`; prints one
 * `CallAnswer` as JSON.
 */
import { request } from 'node:http';

export interface CallRequest {
  readonly url: string;
  /** @default GET */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMilliseconds: number;
}

export interface CallAnswer {
  /** 0 when there was no answer. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Or why there was none. */
  readonly body: string;
}

const { url, method = 'GET', headers, body, timeoutMilliseconds } = JSON.parse(process.argv[2] ?? '') as CallRequest;
const say = (answer: CallAnswer): void => void process.stdout.write(JSON.stringify(answer));
const sent = request(
  url,
  { method, ...(headers && { headers }), signal: AbortSignal.timeout(timeoutMilliseconds), agent: false },
  (response) => {
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => (text += chunk));
    response.on('end', () => say({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
  },
);
sent.on('error', ({ message }) => say({ status: 0, headers: {}, body: message }));
sent.end(body);
