import { readFileSync, writeFileSync } from 'node:fs';
import { connect as dial, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { workerLab } from './worker-lab.js';

/** In front of the lab's API server; `cut` makes it go away as a server does that loses power. */
export interface Proxy {
  readonly server: string;
  readonly kubeconfig: string;
  readonly cut: () => void;
  /** Listens again where it did. */
  readonly restore: () => Promise<void>;
}

/** @param dir where its kubeconfig is written */
export async function proxied(dir: string): Promise<Proxy> {
  const { server, kubeconfig } = workerLab();
  const target = new URL(server);
  const sockets = new Set<Socket>();
  let listening: Server | undefined;
  let port = 0;
  const restore = async (): Promise<void> => {
    const next = createServer((client) => {
      const upstream = dial(Number(target.port), target.hostname);
      for (const socket of [client, upstream]) {
        sockets.add(socket);
        socket.on('error', () => socket.destroy());
        socket.on('close', () => sockets.delete(socket));
      }
      client.pipe(upstream).pipe(client);
    });
    await new Promise<void>((resolve, reject) => next.once('error', reject).listen(port, '127.0.0.1', resolve));
    ({ port } = next.address() as AddressInfo);
    listening = next;
  };
  await restore();
  const address = `https://127.0.0.1:${port}`;
  const file = join(dir, `${port}.yaml`);
  writeFileSync(file, readFileSync(kubeconfig, 'utf8').replaceAll(server, address));
  return {
    server: address,
    kubeconfig: file,
    restore,
    cut: () => {
      listening?.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
