import { Server, ServerCredentials, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';
import { AUTHORIZATION, type CheckRequest, type CheckResponse } from './ext-authz.js';
import { clearSocket, restrictSocket } from './socket.js';

export interface Serving {
  /** Lets what is under way finish, and cuts what takes longer than `patience` milliseconds. */
  close(patience: number): Promise<void>;
}

/** Serves `envoy.service.auth.v3.Authorization` on a unix socket. */
export async function serveChecks(
  path: string,
  answer: (request: CheckRequest) => Promise<CheckResponse>,
): Promise<Serving> {
  await clearSocket(path);
  const server = new Server();
  server.addService(AUTHORIZATION, {
    Check: (call: ServerUnaryCall<CheckRequest, CheckResponse>, callback: sendUnaryData<CheckResponse>) =>
      void answer(call.request).then(
        (response) => callback(null, response),
        // Envoy takes an error for a refusal.
        (error: unknown) => callback(error as Error),
      ),
  });
  await new Promise<void>((resolve, reject) =>
    server.bindAsync(`unix:${path}`, ServerCredentials.createInsecure(), (error) =>
      error === null ? resolve() : reject(error),
    ),
  );
  restrictSocket(path);
  return {
    close: (patience) =>
      new Promise((resolve) => {
        const cut = setTimeout(() => server.forceShutdown(), patience);
        server.tryShutdown(() => {
          clearTimeout(cut);
          resolve();
        });
      }),
  };
}
