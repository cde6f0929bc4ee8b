import type { ApiRequest, ApiResponse, Connection } from '../../src/bridge/cluster-connection.js';

type Answer = {
  readonly status?: number;
  readonly body?: unknown;
  readonly warnings?: readonly string[];
  readonly retryAfter?: number;
};

/** What a handler leaves unanswered is 404. Discovery knows ConfigMap, NetworkPolicy, WorkspacePolicy and Relaxation. */
export interface FakeApi extends Connection {
  readonly requests: readonly ApiRequest[];
}

const RESOURCES: Readonly<Record<string, readonly object[]>> = {
  '/api/v1': [
    { kind: 'ConfigMap', name: 'configmaps', namespaced: true },
    { kind: 'Namespace', name: 'namespaces', namespaced: false },
    { kind: 'Pod', name: 'pods', namespaced: true },
    { kind: 'Pod', name: 'pods/status', namespaced: true },
  ],
  '/apis/networking.k8s.io/v1': [{ kind: 'NetworkPolicy', name: 'networkpolicies', namespaced: true }],
  '/apis/enforcement.portarium.io/v1alpha1': [
    { kind: 'WorkspacePolicy', name: 'workspacepolicies', namespaced: true },
    { kind: 'Relaxation', name: 'relaxations', namespaced: true },
  ],
};

export function fakeApi(
  handle: (request: ApiRequest) => Answer | undefined = () => undefined,
  watch: readonly string[] = [],
): FakeApi {
  const requests: ApiRequest[] = [];
  return {
    server: 'https://api.example:6443',
    context: 'test',
    requests,
    send(request): Promise<ApiResponse> {
      requests.push(request);
      const resources = RESOURCES[request.path];
      const answer = handle(request) ??
        (resources ? { body: { resources } } : undefined) ?? {
          status: 404,
          body: { reason: 'NotFound', message: 'not found' },
        };
      return Promise.resolve({
        status: answer.status ?? 200,
        body: answer.body ?? {},
        warnings: answer.warnings ?? [],
        ...(answer.retryAfter !== undefined && { retryAfter: answer.retryAfter }),
      });
    },
    stream(request) {
      requests.push(request);
      return Promise.resolve({
        status: 200,
        lines: (async function* () {
          await Promise.resolve();
          yield* watch;
        })(),
      });
    },
    close: () => undefined,
  };
}
