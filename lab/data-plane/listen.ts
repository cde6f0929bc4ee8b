/**
 * A stub server, alone (no imports of ours). `listen.js NAME tcp:443 udp:53 …` greets every TCP connection with its name
 * and returns what it is sent; answers every datagram with its name. Prints `ready` once it listens everywhere.
 */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';

const [name = '', ...ports] = process.argv.slice(2);

/** A datagram's answer must come from the address that was asked, so each has a socket of its own. */
const addresses = Object.values(networkInterfaces())
  .flatMap((each) => each ?? [])
  .filter(({ address }) => !address.startsWith('fe80:'));

/** Where somebody else listens on an address, that one answers there. */
const overTcp = (port: number, address: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const server = createServer((client) => {
      client.on('error', () => undefined);
      client.write(`${name}\n`);
      client.pipe(client);
    });
    server.on('error', ({ code }: NodeJS.ErrnoException) =>
      code === 'EADDRINUSE' ? resolve() : reject(new Error(`${address}:${port}: ${code}`)),
    );
    server.listen(port, address, resolve);
  });

const overUdp = (port: number, { family, address }: { family: string; address: string }): Promise<void> =>
  new Promise((resolve) => {
    const socket = createSocket(family === 'IPv6' ? 'udp6' : 'udp4', (_, from) =>
      socket.send(`${name}\n`, from.port, from.address),
    );
    socket.on('error', () => undefined);
    socket.bind(port, address, resolve);
  });

await Promise.all(
  ports.flatMap((each) => {
    const [protocol, port] = each.split(':') as [string, string];
    return addresses.map((place) =>
      protocol === 'tcp' ? overTcp(Number(port), place.address) : overUdp(Number(port), place),
    );
  }),
);
process.stdout.write('ready\n');
