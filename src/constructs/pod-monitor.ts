import type { Construct } from 'constructs';
import type { Pods } from '../model/edges.js';
import { object } from './object.js';

/**
 * What tells a Prometheus operator to scrape pods under /metrics, by the names of their ports.
 * Source: prometheus-operator, PodMonitor (monitoring.coreos.com/v1).
 */
export const podMonitor = (
  scope: Construct,
  id: string,
  { name, namespace, labels }: Pods,
  ports: readonly string[],
): void =>
  void object(scope, id, {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PodMonitor',
    name,
    namespace,
    content: {
      spec: {
        selector: { matchLabels: { ...labels } },
        namespaceSelector: { matchNames: [namespace] },
        podMetricsEndpoints: ports.map((port) => ({ port, path: '/metrics' })),
      },
    },
  });
