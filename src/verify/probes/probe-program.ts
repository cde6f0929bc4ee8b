/**
 * Sends a list of probes from where it runs; needs nothing but Node: it stands in the authorizer's image as one file.
 * In: `{probes, timeoutMilliseconds, termination?}` as JSON, as the last argument or in PORTARIUM_PROBES. Out: one JSON array of
 * `{name, outcome, detail, ms}` on stdout and, where `termination` is true, `[[outcome, detail, ms], …]` in the order of
 * the probes in the pod's termination message, which holds 4 KiB. Types are repeated here: the file stands alone.
 */
import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import { connect } from 'node:net';

type Outcome = readonly [outcome: string, detail: string];

interface Target {
  readonly address: string;
  readonly port?: number;
  readonly question?: string;
  readonly transport?: string;
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly refusal?: { readonly status: number; readonly reason: string };
}

interface Probe {
  readonly name: string;
  readonly kind: string;
  readonly target: Target;
}

const REFUSED = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE'];
const UNREACHABLE = [
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EACCES',
  'EPERM',
  'EADDRNOTAVAIL',
  'ENETDOWN',
  'EINVAL',
  'EHOSTDOWN',
];

function ofError(error: unknown): Outcome {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  if (REFUSED.includes(code)) return ['refused', code];
  if (UNREACHABLE.includes(code)) return ['unreachable', code];
  if (
    /CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|BAD_CERTIFICATE|certificate required|handshake failure/i.test(
      `${code} ${message}`,
    )
  ) {
    return ['tls-refused', code];
  }
  return ['unsupported', code || message.slice(0, 60)];
}

/** A query of one name's A records (RFC 1035, section 4.1), recursion desired. */
function query(question: string): Buffer {
  const labels = question.split('.').filter((label) => label !== '');
  const name = Buffer.concat([
    ...labels.map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
    Buffer.from([0]),
  ]);
  const header = Buffer.from([0x70, 0x6f, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  return Buffer.concat([header, name, Buffer.from([0, 1, 0, 1])]);
}

function ofAnswer(message: Buffer): Outcome {
  const code = (message[3] ?? 0) & 0x0f;
  const answers = message.length < 8 ? 0 : message.readUInt16BE(6);
  if (code === 5) return ['dns-refused', 'REFUSED'];
  return code === 0 && answers > 0 ? ['answered', `${answers} records`] : ['dns-empty', `rcode ${code}`];
}

/** @param send first bytes; without any, to be connected is enough */
function overTcp({ address, port = 0 }: Target, timeout: number, send?: Buffer): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const end = (outcome: Outcome): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(outcome);
    };
    const timer = setTimeout(() => end(['timeout', '']), timeout);
    socket.on('error', (error) => end(ofError(error)));
    socket.on('connect', () => (send === undefined ? end(['connected', '']) : socket.write(send)));
    socket.on('data', (data) => end(ofAnswer(data.subarray(2))));
    socket.on('close', () => end(['refused', 'closed']));
  });
}

function overUdp(
  { address, port = 0 }: Target,
  timeout: number,
  send: Buffer,
  read: (message: Buffer) => Outcome,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    let ended = false;
    const end = (outcome: Outcome): void => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      clearInterval(again);
      socket.close();
      resolve(outcome);
    };
    const timer = setTimeout(() => end(['timeout', '']), timeout);
    const again = setInterval(() => socket.send(send, (error) => error && end(ofError(error))), 500);
    socket.on('error', (error) => end(ofError(error)));
    socket.on('message', (message) => end(read(message)));
    // Only a connected socket is told that somebody said no.
    socket.connect(port, address, () => socket.send(send, (error) => error && end(ofError(error))));
  });
}

function http({ address, method = 'GET', body, headers = {}, refusal }: Target, timeout: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const request = address.startsWith('https:') ? overHttps : overHttp;
    // Whose server it is does not matter here: what is asked is whether it lets a stranger in.
    const sent = request(
      address,
      { method, headers, rejectUnauthorized: false, signal: AbortSignal.timeout(timeout) },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('error', (error) => resolve(ofError(error)));
        response.on('data', (chunk: string) => (text += chunk));
        response.on('end', () => {
          const refused = response.statusCode === refusal?.status && text.includes(`"${refusal?.reason}"`);
          resolve([refused ? 'http-refused' : 'answered', String(response.statusCode)]);
        });
      },
    );
    sent.on('error', (error) =>
      resolve(error.name === 'AbortError' || error.name === 'TimeoutError' ? ['timeout', ''] : ofError(error)),
    );
    sent.end(body);
  });
}

function attempt({ kind, target }: Probe, timeout: number): Promise<Outcome> | Outcome {
  if (kind === 'tcp') return overTcp(target, timeout);
  if (kind === 'udp') return overUdp(target, timeout, query('.'), () => ['answered', '']);
  if (kind === 'http') return http(target, timeout);
  if (kind !== 'dns') return ['unsupported', kind];
  const question = query(target.question ?? '');
  if (target.transport !== 'tcp') return overUdp(target, timeout, question, ofAnswer);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(question.length);
  return overTcp(target, timeout, Buffer.concat([length, question]));
}

const { probes, timeoutMilliseconds, termination } = JSON.parse(
  process.env['PORTARIUM_PROBES'] ?? process.argv.at(-1) ?? '',
) as { probes: readonly Probe[]; timeoutMilliseconds: number; termination?: boolean };

const results = await Promise.all(
  probes.map(async (probe) => {
    const start = performance.now();
    const [outcome, detail] = await attempt(probe, timeoutMilliseconds);
    return { name: probe.name, outcome, detail, ms: Math.round(performance.now() - start) };
  }),
);
process.stdout.write(`${JSON.stringify(results)}\n`);
if (termination === true) {
  const brief = results.map(({ outcome, detail, ms }) => [outcome, detail.slice(0, 16), ms]);
  writeFileSync('/dev/termination-log', JSON.stringify(brief));
}
