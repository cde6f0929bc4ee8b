/**
 * Carries TCP connections between network namespaces, over a unix socket that both sides see. It stands alone (no
 * imports of ours). `relay.js socket PATH HOST:PORT` takes them from the socket to an address, `relay.js address PATH
 * HOST:PORT…` from addresses to the socket. Prints `ready` once it listens.
 */
import { connect, createServer, type ListenOptions, type NetConnectOpts, type Socket } from 'node:net';

const [mode = '', socket = '', ...hostPorts] = process.argv.slice(2);
const places = hostPorts.map((hostPort) => {
  const colon = hostPort.lastIndexOf(':');
  return { host: hostPort.slice(0, colon), port: Number(hostPort.slice(colon + 1)) };
});
const routes: readonly (readonly [ListenOptions, NetConnectOpts])[] =
  mode === 'socket'
    ? places.map((place) => [{ path: socket }, place])
    : places.map((place) => [place, { path: socket }]);

function carry(from: Socket, to: Socket): void {
  from.pipe(to);
  to.pipe(from);
  for (const [end, other] of [
    [from, to],
    [to, from],
  ] as const) {
    end.on('error', () => other.destroy());
    end.on('close', () => other.destroy());
  }
}

let waiting = routes.length;
for (const [from, to] of routes) {
  createServer({ allowHalfOpen: true }, (client) => carry(client, connect({ ...to, allowHalfOpen: true }))).listen(
    from,
    () => {
      waiting -= 1;
      if (waiting === 0) process.stdout.write('ready\n');
    },
  );
}
