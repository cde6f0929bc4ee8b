import { COMPONENTS, PORTS } from '../../model/edges.js';
import { spiffeId } from '../../model/identity.js';
import { NAMESPACES } from '../../model/names.js';
import type { Platform } from '../../model/platform.js';
import { bootstrap } from './bootstrap.js';
import { toolRoutes } from './body.js';
import { cluster, spireCluster } from './clusters.js';
import { frontAccessLog, frontAnswers, handshakeLog } from './front-answers.js';
import { frontFilters, perFilter, unchecked, type FrontListener } from './front-filters.js';
import { connectionManager, listener } from './http.js';
import { ENVOY_PATHS } from './paths.js';
import { anyAddress, probes } from './probes.js';
import { demandSvid, serverCertificate, serverTls, verifyServer, type Peer } from './tls.js';
import type { JsonObject } from './typed.js';

/** Where the control plane listens behind the front; nobody else may reach it. */
export const APP_PORTS = { http: 8080, grpc: 50052 } as const;

/** Answered to any SVID that may connect, without a token: how a client's sidecar sees that mTLS works. */
export const IDENTITY_CHECK = '/.well-known/portarium/identity';

/** The front's own SPIFFE ID (runbook Phase 4 step 2). */
export const frontId = ({ trustDomain }: Platform): string =>
  spiffeId(NAMESPACES.controlPlane, COMPONENTS.apiServer.name, trustDomain);

export const workerId = ({ trustDomain }: Platform): string =>
  spiffeId(NAMESPACES.execution, COMPONENTS.worker.name, trustDomain);

/**
 * Who may connect with an SVID: service accounts of the workspaces' namespaces, and the workers. Which agent it must be
 * is the authorizer's to say, who knows the token.
 */
const callers = (platform: Platform): readonly Peer[] => [
  ...[...new Set(platform.workspaces.map(({ namespace }) => namespace))].map((namespace) => ({
    prefix: spiffeId(namespace, '', platform.trustDomain),
  })),
  { exact: workerId(platform) },
];

const PORT_OF = { agents: PORTS.front, grpc: PORTS.grpc, bearer: PORTS.bearer, people: PORTS.people } as const;

const frontListener = (platform: Platform, name: FrontListener, transportSocket: JsonObject): JsonObject => {
  const demandsSvid = name === 'agents' || name === 'grpc';
  const check = {
    match: { path: IDENTITY_CHECK },
    direct_response: { status: 204 },
    typed_per_filter_config: unchecked(),
  };
  const route = { route: { cluster: name === 'grpc' ? 'app-grpc' : 'app', timeout: '0s' } };
  const tools = name === 'grpc' ? [] : toolRoutes(route, name);
  return listener({
    name,
    address: anyAddress(platform, PORT_OF[name].target),
    transportSocket,
    accessLog: handshakeLog(name),
    manager: connectionManager({
      name,
      routes: [...(demandsSvid ? [check] : []), ...tools, { match: { prefix: '/' }, ...route }],
      filters: frontFilters(platform, name),
      perFilter: perFilter(name),
      clientCertificate: demandsSvid ? 'uri' : 'none',
      accessLog: frontAccessLog(name),
      localReplies: frontAnswers,
    }),
  });
};

/**
 * Files of the front's Envoy, in the api-server's pod.
 *
 * A static listener that waits for a secret holds back every other static one, and answers ready without it in the end.
 * So the listeners that need an SVID are discovered: from Envoy itself, by a static listener on a socket of its own,
 * which answers only once the static listeners are open. Each then waits for its secrets alone, for as long as it takes,
 * with its port closed (measured with Envoy 1.40; docs/adr/0005).
 * Source: design, "The front of the control plane"; runbook Phase 4 step 2.
 */
export function frontConfig(platform: Platform): Readonly<Record<string, JsonObject>> {
  const { hostname, port } = new URL(platform.tokens.jwksUri);
  const svid = demandSvid({
    own: frontId(platform),
    trustDomain: platform.trustDomain,
    peers: callers(platform),
    patience: '0s',
  });
  const waiting = (['agents', 'grpc'] as const).map((name) => ({
    '@type': 'type.googleapis.com/envoy.config.listener.v3.Listener',
    ...frontListener(platform, name, svid),
  }));
  const discovery = listener({
    name: 'discovery',
    address: { pipe: { path: ENVOY_PATHS.discovery, mode: 0o600 } },
    manager: connectionManager({
      name: 'discovery',
      maxDirectResponse: 1_048_576,
      routes: [
        {
          match: { path: '/v3/discovery:listeners' },
          direct_response: { status: 200, body: { filename: ENVOY_PATHS.waiting } },
        },
      ],
    }),
  });
  return {
    [ENVOY_PATHS.bootstrap]: bootstrap({
      id: COMPONENTS.apiServer.name,
      connections: 10_000,
      dynamicResources: {
        lds_config: {
          resource_api_version: 'V3',
          initial_fetch_timeout: '0.5s',
          api_config_source: {
            api_type: 'REST',
            transport_api_version: 'V3',
            cluster_names: ['discovery'],
            refresh_delay: '2s',
            request_timeout: '1s',
          },
        },
      },
      listeners: [
        discovery,
        frontListener(platform, 'bearer', serverTls()),
        frontListener(platform, 'people', serverTls()),
        probes(platform, true),
      ],
      clusters: [
        cluster('app', { address: '127.0.0.1', port: APP_PORTS.http }),
        cluster('app-grpc', { address: '127.0.0.1', port: APP_PORTS.grpc }, { protocol: 'h2' }),
        cluster('authorizer', { path: ENVOY_PATHS.authorizer }, { protocol: 'h2' }),
        cluster('authorizer-http', { path: ENVOY_PATHS.authorizerHttp }),
        cluster('discovery', { path: ENVOY_PATHS.discovery }),
        cluster(
          'issuer',
          { address: hostname, port: port === '' ? 443 : Number(port) },
          {
            type: 'STRICT_DNS',
            protocol: 'alpn',
            transportSocket: verifyServer(hostname, { filename: SYSTEM_AUTHORITIES }, ['h2', 'http/1.1']),
          },
        ),
        spireCluster(),
      ],
    }),
    [ENVOY_PATHS.waiting]: { version_info: '1', resources: waiting },
    [ENVOY_PATHS.serverCertificate]: serverCertificate(),
  };
}

/** In Envoy's distroless image. */
export const SYSTEM_AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';
