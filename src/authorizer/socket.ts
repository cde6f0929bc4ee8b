import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import { connect, type NetConnectOpts } from 'node:net';

/** True when something accepts connections there within a second. */
export function listens(where: NetConnectOpts): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ timeout: 1000, ...where });
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
    socket.once('timeout', () => done(false));
  });
}

/** Removes the socket that an earlier process left behind. Throws when it is no socket, or when somebody listens. */
export async function clearSocket(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw new Error(`${path} is there and is no socket. Remove it, or name another path.`);
  if (await listens({ path })) throw new Error(`another process listens on ${path}. Stop it, or name another path.`);
  unlinkSync(path);
}

/** For processes of the same user and group alone: Envoy in the same pod. */
export const restrictSocket = (path: string): void => chmodSync(path, 0o660);
