import { Construct } from 'constructs';
import { COMPONENTS } from '../../model/edges.js';
import { object } from '../object.js';

/** What tells a Prometheus operator to scrape OpenFGA's pods, by the name of their port. */
export class OpenFgaMonitor extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const { name, namespace, labels } = COMPONENTS.openfga;
    object(this, 'monitor', {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PodMonitor',
      name,
      namespace,
      content: {
        spec: {
          selector: { matchLabels: { ...labels } },
          namespaceSelector: { matchNames: [namespace] },
          podMetricsEndpoints: [{ port: 'metrics', path: '/metrics' }],
        },
      },
    });
  }
}
