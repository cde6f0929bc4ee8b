import { PORTS } from '../../model/edges.js';
import type { Platform } from '../../model/platform.js';
import { connectionManager, listener } from './http.js';
import type { JsonObject } from './typed.js';

/** Paths of the probe listener. */
export const PROBES = {
  /** Envoy itself: 200 once its static listeners are open. */
  envoy: '/envoy/ready',
  metrics: '/stats/prometheus',
  /** The front as a whole, and the authorizer as a process: both the authorizer's word. */
  ready: '/ready',
  live: '/live',
  authorizerMetrics: '/metrics',
  /** The application's own, so that the kubelet needs no way to its port. */
  app: ['/healthz', '/readyz'],
} as const;

/** Where the pod listens: on every family that pods have. */
export const anyAddress = ({ cluster }: Platform, port: number): JsonObject =>
  cluster.podCidrs.some((cidr) => cidr.includes(':'))
    ? { socket_address: { address: '::', port_value: port, ipv4_compat: true } }
    : { socket_address: { address: '0.0.0.0', port_value: port } };

const proxied = (path: string, cluster: string, to = path): JsonObject => ({
  match: { path },
  route: { cluster, timeout: '5s', ...(to !== path && { prefix_rewrite: to }) },
});

/**
 * Metrics and the kubelet's probes: exactly these paths, each to one place. Everything else of the admin interface stays
 * on its socket.
 *
 * @param inbound also the authorizer's and the application's
 */
export const probes = (platform: Platform, inbound: boolean): JsonObject =>
  listener({
    name: 'probes',
    address: anyAddress(platform, PORTS.sidecar.target),
    unlimited: true,
    manager: connectionManager({
      name: 'probes',
      routes: [
        proxied(PROBES.envoy, 'admin', '/ready'),
        proxied(PROBES.metrics, 'admin'),
        ...(inbound
          ? [
              proxied(PROBES.ready, 'authorizer-http'),
              proxied(PROBES.live, 'authorizer-http'),
              proxied(PROBES.authorizerMetrics, 'authorizer-http'),
              ...PROBES.app.map((path) => proxied(path, 'app')),
            ]
          : []),
      ],
    }),
  });
