import { createSocket } from 'node:dgram';
import { createServer, type AddressInfo } from 'node:net';
import { answer, readQuestion, TYPES } from './message.js';
import { framed } from './transport.js';

/** The cluster's DNS server, as far as agent-dns sees it: answers every name, and remembers what it was asked. */
export interface Upstream {
  readonly port: number;
  /** Whole queries, in order. CoreDNS's own health check (`. NS`) is not among them. */
  readonly seen: readonly Buffer[];
  /** Names and types asked so far, then forgotten: `api.hubspot.com A`. */
  take(): string[];
  stop(): Promise<void>;
}

export const UPSTREAM_ADDRESS = Buffer.from([192, 0, 2, 80]);

/** On loopback, UDP and TCP on one port. */
export async function startUpstream(): Promise<Upstream> {
  const seen: Buffer[] = [];
  const respond = (query: Buffer): Buffer => {
    const { question } = readQuestion(query);
    if (question.name !== '') seen.push(Buffer.from(query));
    return answer(query, question.type === TYPES.A ? [UPSTREAM_ADDRESS] : []);
  };
  const tcp = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', (data) => socket.write(framed(respond(data.subarray(2)))));
  });
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
  const { port } = tcp.address() as AddressInfo;
  const udp = createSocket('udp4');
  udp.on('message', (query, from) => udp.send(respond(query), from.port, from.address));
  await new Promise<void>((resolve, reject) => {
    udp.once('error', reject);
    udp.bind(port, '127.0.0.1', resolve);
  });
  return {
    port,
    seen,
    take: () =>
      seen.splice(0).map((query) => {
        const { name, type } = readQuestion(query).question;
        const known = Object.entries(TYPES).find(([, number]) => number === type);
        return `${name} ${known?.[0] ?? type}`;
      }),
    stop: async () => {
      udp.close();
      await new Promise((resolve) => tcp.close(resolve));
    },
  };
}
