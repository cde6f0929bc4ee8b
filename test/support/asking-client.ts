import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { AUTHORIZATION, type CheckRequest, type CheckResponse } from '../../src/authorizer/ext-authz.js';

/** Asks an authorizer over its socket, as Envoy does. */
export interface AskingClient {
  /** Rejects where there is no answer. */
  readonly ask: (asked: CheckRequest) => Promise<CheckResponse>;
  readonly close: () => void;
}

/** Connects to the socket, again and again while nobody listens on it. */
export function askingClient(socket: string): AskingClient {
  const client = new Client(`unix:${socket}`, credentials.createInsecure(), {
    'grpc.initial_reconnect_backoff_ms': 50,
    'grpc.min_reconnect_backoff_ms': 50,
    'grpc.max_reconnect_backoff_ms': 200,
  });
  const { Check } = AUTHORIZATION;
  return {
    ask: (asked) =>
      new Promise((resolve, reject) =>
        client.makeUnaryRequest(
          Check!.path,
          Check!.requestSerialize,
          Check!.responseDeserialize as (bytes: Buffer) => CheckResponse,
          asked,
          (error: ServiceError | null, response) => (error ? reject(error) : resolve(response!)),
        ),
      ),
    close: () => client.close(),
  };
}

/** HTTP status of an answer: 200 for one that allows. */
export const statusOf = ({ deniedResponse }: CheckResponse): number => deniedResponse?.status.code ?? 200;
