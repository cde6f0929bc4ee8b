/**
 * Tries to reach addresses from where it runs, alone (no imports of ours). `probe.js JSON`, see `ProbeRequest`; prints
 * one `ProbeResult` a line, as JSON.
 */
import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { connect } from 'node:net';

export interface Probe {
  readonly id: string;
  /** `dns`: a question over UDP for the IPv4 addresses of `name`. */
  readonly protocol: 'tcp' | 'udp' | 'dns';
  readonly address: string;
  readonly port: number;
  readonly name?: string;
}

export interface ProbeRequest {
  readonly probes: readonly Probe[];
  /** How long silence is waited for. */
  readonly timeoutMilliseconds: number;
  /** Tries again and again, so often, until it is ended. @default once */
  readonly everyMilliseconds?: number;
}

export interface ProbeResult {
  readonly id: string;
  /** When the attempt began and when its outcome was known, in milliseconds since 1970. */
  readonly from: number;
  readonly until: number;
  /**
   * `answered`: what the other end said; `connected`: a TCP connection on which nothing came; `refused`: the other end
   * said no, so packets arrive there and come back; `denied`: the network said no; `silent`: nothing came back.
   */
  readonly outcome: 'answered' | 'connected' | 'refused' | 'denied' | 'silent';
  /** The answer, or the error's code. */
  readonly detail: string;
}

type Outcome = Pick<ProbeResult, 'outcome' | 'detail'>;

const now = (): number => performance.timeOrigin + performance.now();

function ofError({ code = '' }: NodeJS.ErrnoException): Outcome {
  return { outcome: code === 'ECONNREFUSED' || code === 'ECONNRESET' ? 'refused' : 'denied', detail: code };
}

function overTcp({ address, port }: Probe, timeout: number): Promise<Outcome> {
  return new Promise((resolve) => {
    let connected = false;
    const socket = connect({ host: address, port });
    const end = (outcome: Outcome): void => {
      clearTimeout(timer);
      resolve(outcome);
      socket.destroy();
    };
    const timer = setTimeout(() => end({ outcome: connected ? 'connected' : 'silent', detail: '' }), timeout);
    socket.on('connect', () => {
      connected = true;
    });
    socket.on('data', (data) => end({ outcome: 'answered', detail: data.toString().trim() }));
    socket.on('close', () => end({ outcome: connected ? 'connected' : 'silent', detail: 'closed' }));
    socket.on('error', (error) => end(ofError(error)));
  });
}

function overUdp({ address, port }: Probe, timeout: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    const end = (outcome: Outcome): void => {
      clearTimeout(timer);
      clearInterval(again);
      resolve(outcome);
      socket.close();
    };
    const timer = setTimeout(() => end({ outcome: 'silent', detail: '' }), timeout);
    // Only a connected socket is told that somebody said no.
    const again = setInterval(() => send(), 200);
    const send = (): void => socket.send('probe', (error) => error && end(ofError(error)));
    socket.on('error', (error) => end(ofError(error)));
    socket.on('message', (data) => end({ outcome: 'answered', detail: data.toString().trim() }));
    socket.connect(port, address, (error?: Error) => (error ? end(ofError(error)) : send()));
  });
}

async function overDns({ address, port, name = '' }: Probe, timeout: number): Promise<Outcome> {
  const resolver = new Resolver({ timeout: Math.ceil(timeout / 2), tries: 2 });
  resolver.setServers([`${address}:${port}`]);
  try {
    return { outcome: 'answered', detail: (await resolver.resolve4(name)).join() };
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    // The resolver's words for silence and for ICMP; every other is an answer.
    if (code === 'ETIMEOUT') return { outcome: 'silent', detail: '' };
    return code === 'ECONNREFUSED' ? ofError({ code } as NodeJS.ErrnoException) : { outcome: 'answered', detail: code };
  }
}

const over = { tcp: overTcp, udp: overUdp, dns: overDns } as const;

async function attempt(probe: Probe, timeout: number): Promise<void> {
  const from = now();
  const outcome = await over[probe.protocol](probe, timeout);
  const result: ProbeResult = { id: probe.id, from, until: now(), ...outcome };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

const { probes, timeoutMilliseconds, everyMilliseconds } = JSON.parse(process.argv[2] ?? '') as ProbeRequest;
const round = (): void => {
  for (const probe of probes) void attempt(probe, timeoutMilliseconds);
};
round();
if (everyMilliseconds !== undefined) setInterval(round, everyMilliseconds);
