import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { COMPONENTS, PORTS, type Pods, type Port } from '../model/edges.js';
import type { Platform } from '../model/platform.js';

/**
 * The Services under which the front and the collector are dialled: clients keep port 443, and each of the front's
 * listeners has a Service and a fixed address of its own, so that agents' DNS answers without asking anyone.
 * Source: design, "The front of the control plane".
 */
export class FrontServices extends Construct {
  constructor(scope: Construct, id: string, { front, collector }: Platform) {
    super(scope, id);
    const { apiServer, collector: collectorPods } = COMPONENTS;
    this.service('api-server', apiServer, front.clusterIP, { https: PORTS.front, grpc: PORTS.grpc });
    this.service('api-server-bearer', apiServer, front.bearerClusterIP, { https: PORTS.bearer });
    this.service('api-server-people', apiServer, front.peopleClusterIP, { https: PORTS.people });
    this.service('otel-collector', collectorPods, collector.clusterIP, { otlp: PORTS.otlp });
  }

  private service(name: string, { namespace, labels }: Pods, clusterIp: string, ports: Record<string, Port>): void {
    new k8s.KubeService(this, name, {
      metadata: { name, namespace },
      spec: {
        type: 'ClusterIP',
        clusterIp,
        selector: { ...labels },
        ports: Object.entries(ports).map(([portName, { protocol, service, target }]) => ({
          name: portName,
          protocol,
          port: service,
          targetPort: k8s.IntOrString.fromNumber(target),
        })),
      },
    });
  }
}
