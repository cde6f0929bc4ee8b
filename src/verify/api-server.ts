import { ApiFailure, type ApiServer } from '../authorizer/api-server.js';
import type { Connection } from '../bridge/cluster-connection.js';

/** A connection as `watch` wants it. Writes nothing. */
export const apiServerOf = (connection: Connection): ApiServer => ({
  async get(path, signal) {
    const { status, body } = await connection.send({ method: 'GET', path, attempt: `list ${path}`, signal });
    if (status !== 200) throw new ApiFailure(status, messageOf(body) ?? `the API server answered ${status}`);
    return body;
  },
  put() {
    return Promise.reject(new Error('a verifier writes nothing'));
  },
  async *lines(path, signal, opened) {
    const { status, lines } = await connection.stream({ method: 'GET', path, attempt: `watch ${path}`, signal });
    if (status === 200) opened();
    for await (const line of lines) {
      const value = JSON.parse(line) as unknown;
      if (status !== 200) throw new ApiFailure(status, messageOf(value) ?? `the API server answered ${status}`);
      yield value;
    }
  },
});

const messageOf = (body: unknown): string | undefined => (body as { message?: string } | null)?.message;
