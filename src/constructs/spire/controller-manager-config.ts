import type { Platform } from '../../model/platform.js';
import { SPIRE_CLASS, SPIRE_GROUP, SPIRE_PORTS, SPIRE_VERSION } from '../../model/spire.js';
import { SERVER_PATHS } from './paths.js';

export const CONTROLLER_MANAGER = 'spire-controller-manager';

/** The names that the controller manager looks its webhook up by; the Service's are its certificate's. */
export const SPIRE_WEBHOOK = { configuration: 'portarium-spire-webhook', service: 'spire-controller-manager' } as const;

/**
 * The configuration of the controller manager. Namespaces are ignored by expressions that would match anywhere in a
 * name, so they are anchored; the control plane's is not among them, or the api-server would have no SVID. The interval
 * is a number of nanoseconds: text is refused. No `reconcile` block: what it leaves out is switched off.
 * Source: spire-controller-manager, docs/spire-controller-manager-config.md and api/v1alpha1.
 */
export const controllerManagerConfig = ({ spire, trustDomain, cluster }: Platform): object => ({
  apiVersion: `${SPIRE_GROUP}/${SPIRE_VERSION}`,
  kind: 'ControllerManagerConfig',
  metadata: { name: CONTROLLER_MANAGER },
  clusterName: spire.clusterName,
  clusterDomain: cluster.domain,
  trustDomain,
  className: SPIRE_CLASS,
  watchClassless: false,
  // Without a prefix it deletes every entry that it did not make; one per cluster, since servers may share a database.
  entryIDPrefix: spire.clusterName,
  ignoreNamespaces: ['^kube-system$', '^kube-public$', '^kube-node-lease$'],
  validatingWebhookConfigurationName: SPIRE_WEBHOOK.configuration,
  gcInterval: 10_000_000_000,
  spireServerSocketPath: SERVER_PATHS.socket,
  logLevel: 'info',
  logEncoding: 'json',
  leaderElection: {
    leaderElect: true,
    resourceName: CONTROLLER_MANAGER,
    resourceNamespace: spire.namespace,
    resourceLock: 'leases',
  },
  metrics: { bindAddress: `0.0.0.0:${SPIRE_PORTS.controllerManager.metrics.port}` },
  health: { healthProbeBindAddress: `0.0.0.0:${SPIRE_PORTS.controllerManager.health.port}` },
  webhook: { port: SPIRE_PORTS.controllerManager.webhook.port },
});
