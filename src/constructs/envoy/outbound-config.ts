import { NAMESPACES, serviceHost } from '../../model/names.js';
import { PORTS } from '../../model/edges.js';
import type { Platform } from '../../model/platform.js';
import { bootstrap } from './bootstrap.js';
import { cluster, spireCluster } from './clusters.js';
import { frontId, IDENTITY_CHECK } from './front-config.js';
import { connectionManager, listener } from './http.js';
import { ENVOY_PATHS } from './paths.js';
import { probes } from './probes.js';
import { presentSvid, verifyServer } from './tls.js';
import { extension, type JsonObject } from './typed.js';

/** Where a workload finds the control plane: on its own loopback, in plain HTTP. */
export const OUTBOUND = { address: '127.0.0.1', http: 15001, grpc: 15051 } as const;

/** SDS is asked for at the start; without an answer the start goes on, and mTLS begins when it comes. */
const PATIENCE = '1s';

/**
 * Files of an Envoy beside a workload that calls the control plane. It presents the workload's SVID and takes only the
 * front's in return; while that does not work (no SVID, an expired one, no SPIRE at the other end) calls go to the
 * `bearer` listener, where the token alone says who calls. Whether that is accepted is the front's decision, so that a
 * rollback needs no change here. Addresses are fixed cluster IPs: no name has to be resolved.
 * Source: design, "The front of the control plane"; runbook Phase 4 step 2 and rollback level 3.
 *
 * @param own the workload's SPIFFE ID
 */
export function outboundConfig(platform: Platform, own: string): Readonly<Record<string, JsonObject>> {
  const { front, trustDomain, cluster: kubernetes } = platform;
  const name = (service: string): string => serviceHost(service, NAMESPACES.controlPlane, kubernetes.domain);
  const svid = presentSvid({ own, trustDomain, peers: [{ exact: frontId(platform) }], patience: PATIENCE });
  const at = (address: string, port: { service: number }) => ({ address, port: port.service });
  const healthChecks = [HEALTH_CHECK];
  return {
    [ENVOY_PATHS.bootstrap]: bootstrap({
      id: own,
      connections: 1000,
      listeners: [
        loopback('outbound', OUTBOUND.http, 'front', name('api-server')),
        loopback('outbound-grpc', OUTBOUND.grpc, 'front-grpc', name('api-server')),
        probes(platform, false),
      ],
      clusters: [
        failover('front', ['front-mtls', 'front-bearer']),
        cluster('front-mtls', at(front.clusterIP, PORTS.front), {
          protocol: 'h2',
          transportSocket: svid,
          healthChecks,
        }),
        cluster('front-bearer', at(front.bearerClusterIP, PORTS.bearer), {
          protocol: 'h2',
          transportSocket: verifyServer(name('api-server-bearer'), { inline_string: front.certificateAuthority }),
        }),
        // gRPC has no listener for bearer tokens to fall back to.
        cluster('front-grpc', at(front.clusterIP, PORTS.grpc), { protocol: 'h2', transportSocket: svid }),
        spireCluster(),
      ],
    }),
  };
}

/** An expired SVID is refused only after the handshake, so a connection alone proves nothing: the check asks for an answer. */
const HEALTH_CHECK: JsonObject = {
  timeout: '1s',
  interval: '2s',
  no_traffic_interval: '2s',
  unhealthy_threshold: 2,
  healthy_threshold: 1,
  // A connection that was good stays good after its SVID has expired.
  reuse_connection: false,
  http_health_check: {
    path: IDENTITY_CHECK,
    codec_client_type: 'HTTP2',
    expected_statuses: [{ start: 204, end: 205 }],
  },
};

/** One cluster that is the first healthy one of several. */
const failover = (name: string, clusters: readonly string[]): JsonObject => ({
  name,
  connect_timeout: '1s',
  lb_policy: 'CLUSTER_PROVIDED',
  cluster_type: extension('envoy.clusters.aggregate', 'envoy.extensions.clusters.aggregate.v3.ClusterConfig', {
    clusters,
  }),
});

const loopback = (name: string, port: number, to: string, host: string): JsonObject =>
  listener({
    name,
    address: { socket_address: { address: OUTBOUND.address, port_value: port } },
    manager: connectionManager({
      name,
      routes: [
        {
          match: { prefix: '/' },
          route: {
            cluster: to,
            timeout: '0s',
            host_rewrite_literal: host,
            // Only what has certainly not reached the application is sent again.
            retry_policy: {
              retry_on: 'connect-failure,refused-stream',
              num_retries: 2,
              retry_priority: extension(
                'envoy.retry_priorities.previous_priorities',
                'envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig',
                { update_frequency: 1 },
              ),
            },
          },
        },
      ],
    }),
  });
