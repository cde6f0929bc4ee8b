import type { AddressInfo, Server, Socket } from 'node:net';

/** A server of the lab on loopback. */
export interface Listening {
  readonly port: number;
  /** Refuses new connections and breaks open ones. Safe to call twice. */
  close(): Promise<void>;
}

/** Listens on a port of 127.0.0.1. @param port 0 for any that is free */
export async function listenOnLoopback(server: Server, port = 0): Promise<Listening> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // Clients of the lab break connections on purpose.
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
