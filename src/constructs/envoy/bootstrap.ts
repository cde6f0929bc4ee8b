import { cluster } from './clusters.js';
import { ENVOY_PATHS } from './paths.js';
import { extension, type JsonObject } from './typed.js';

export interface BootstrapOptions {
  readonly id: string;
  readonly listeners: readonly JsonObject[];
  readonly clusters: readonly JsonObject[];
  /** Connections at a time; beyond it new ones are refused. */
  readonly connections: number;
  /** @default - no listeners beside the static ones */
  readonly dynamicResources?: JsonObject;
}

/** Bytes at which Envoy sheds load; the container's limit is above it. */
const MAX_HEAP = 192 * 1024 * 1024;

/**
 * What every sidecar's Envoy begins with: its admin interface on a socket that nobody shares, and the limits of Envoy's
 * "Configuring Envoy as an edge proxy".
 */
export const bootstrap = ({
  id,
  listeners,
  clusters,
  connections,
  dynamicResources,
}: BootstrapOptions): JsonObject => ({
  node: { id, cluster: 'portarium' },
  admin: { address: { pipe: { path: ENVOY_PATHS.admin, mode: 0o600 } }, ignore_global_conn_limit: true },
  ...(dynamicResources && { dynamic_resources: dynamicResources }),
  static_resources: {
    listeners,
    clusters: [...clusters, cluster('admin', { path: ENVOY_PATHS.admin })],
  },
  overload_manager: {
    refresh_interval: '0.25s',
    resource_monitors: [
      extension(
        'envoy.resource_monitors.fixed_heap',
        'envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig',
        { max_heap_size_bytes: MAX_HEAP },
      ),
      extension(
        'envoy.resource_monitors.global_downstream_max_connections',
        'envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig',
        { max_active_downstream_connections: connections },
      ),
    ],
    actions: [action('shrink_heap', 0.9), action('stop_accepting_requests', 0.95)],
  },
});

const action = (name: string, threshold: number): JsonObject => ({
  name: `envoy.overload_actions.${name}`,
  triggers: [{ name: 'envoy.resource_monitors.fixed_heap', threshold: { value: threshold } }],
});
