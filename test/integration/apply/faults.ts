import type { ApiRequest, Connection } from '../../../src/bridge/cluster-connection.js';

/** The machine stopped: nothing after this request happened. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

export const isWrite = ({ method, path }: ApiRequest): boolean =>
  method !== 'GET' && !path.startsWith('/apis/authentication.k8s.io/');

/**
 * Breaks the n-th write, counted from 1, and everything after it, as a process that dies does: `before` it is sent, or
 * `after` the server has done it and before the answer is seen.
 */
export function crashing(
  inner: Connection,
  n: number,
  when: 'before' | 'after',
): Connection & { readonly writes: () => number } {
  let writes = 0;
  let dead = false;
  return {
    ...inner,
    server: inner.server,
    context: inner.context,
    writes: () => writes,
    async send(request) {
      if (dead) throw new Crash();
      if (!isWrite(request)) return inner.send(request);
      writes += 1;
      if (writes !== n) return inner.send(request);
      dead = true;
      if (when === 'after') await inner.send(request);
      throw new Crash();
    },
  };
}
