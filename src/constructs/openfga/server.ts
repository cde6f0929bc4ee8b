import { JsonPatch } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { COMPONENTS, PORTS } from '../../model/edges.js';
import { OPENFGA_SECRETS } from '../../model/openfga.js';
import type { Platform } from '../../model/platform.js';
import { answers, containerPorts, resources } from '../container.js';
import { object } from '../object.js';
import { RESTRICTED_CONTAINER, RESTRICTED_POD } from '../restricted.js';
import { datastoreOf } from './datastore.js';
import { OPENFGA_PATHS } from './paths.js';
import { settings } from './settings.js';

const HTTPS = { name: 'https', port: PORTS.openfga.target } as const;
const METRICS = { name: 'metrics', port: PORTS.openfgaMetrics.target } as const;

/** Seconds: until no Service sends calls any more, and until those under way are answered. */
const DRAIN = 5;
const GRACE = 30;

/**
 * OpenFGA's servers, which answer HTTPS to whoever has a preshared key. Their account is the platform's (`Principals`).
 *
 * `/healthz` asks the datastore, so it takes a server out of the Service and no more: by it a restart would follow every
 * outage of the database. Whether the process is well is asked at the port of metrics, in plain, where it leaves no
 * broken TLS handshakes in the log. A server whose schema is older than it needs is not ready until the migration is
 * done, and needs nothing to wait for it.
 * Source: runbook Phase 4 step 4; OpenFGA, docs of self-hosting; cmd/run/run.go.
 */
export class OpenFgaServer extends Construct {
  constructor(scope: Construct, id: string, { openfga }: Platform) {
    super(scope, id);
    const { name, namespace, labels: matchLabels } = COMPONENTS.openfga;
    const labels = { ...matchLabels };
    const metadata = { name, namespace, labels };
    const datastore = datastoreOf(openfga, OPENFGA_SECRETS.datastore);
    new k8s.KubeService(this, 'service', {
      metadata,
      spec: {
        type: 'ClusterIP',
        selector: labels,
        ports: [
          {
            name: HTTPS.name,
            protocol: 'TCP',
            port: PORTS.openfga.service,
            targetPort: k8s.IntOrString.fromNumber(HTTPS.port),
          },
        ],
      },
    });
    new k8s.KubePodDisruptionBudget(this, 'disruptions', {
      metadata,
      spec: { maxUnavailable: k8s.IntOrString.fromNumber(1), selector: { matchLabels: labels } },
    });
    const spec: k8s.DeploymentSpec = {
      replicas: openfga.replicas,
      selector: { matchLabels: labels },
      strategy: strategyOf(openfga.datastore.type),
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: name,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          priorityClassName: 'system-cluster-critical',
          terminationGracePeriodSeconds: GRACE,
          securityContext: { ...RESTRICTED_POD, fsGroup: RESTRICTED_POD.runAsGroup },
          ...(openfga.replicas > 1 && { topologySpreadConstraints: apart(labels) }),
          containers: [
            {
              name,
              image: openfga.image,
              args: ['run'],
              env: [...settings(openfga), ...datastore.env],
              ports: containerPorts(HTTPS, METRICS),
              // It opens its ports once it has reached the database, for which it tries a minute.
              startupProbe: { httpGet: answers(METRICS, '/metrics'), periodSeconds: 2, failureThreshold: 60 },
              livenessProbe: {
                httpGet: answers(METRICS, '/metrics'),
                periodSeconds: 15,
                timeoutSeconds: 3,
                failureThreshold: 4,
              },
              readinessProbe: {
                httpGet: { ...answers(HTTPS, '/healthz'), scheme: 'HTTPS' },
                periodSeconds: 5,
                timeoutSeconds: 3,
                failureThreshold: 2,
              },
              resources: resources('250m', '256Mi', '1Gi'),
              securityContext: RESTRICTED_CONTAINER,
              volumeMounts: [
                { name: 'tls', mountPath: OPENFGA_PATHS.tls, readOnly: true },
                { name: 'tmp', mountPath: OPENFGA_PATHS.tmp },
                ...datastore.mounts,
              ],
            },
          ],
          volumes: [
            {
              name: 'tls',
              secret: {
                secretName: openfga.certificateSecret,
                items: ['tls.crt', 'tls.key'].map((key) => ({ key, path: key })),
                defaultMode: 0o440,
              },
            },
            { name: 'tmp', emptyDir: { medium: 'Memory', sizeLimit: k8s.Quantity.fromString('1Mi') } },
            ...datastore.volumes,
          ],
        },
      },
    };
    const deployment = object(this, 'deployment', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      ...metadata,
      content: { spec: k8s.toJson_DeploymentSpec(spec) as unknown },
    });
    // The image has no shell to sleep with; the types are older than this field (Kubernetes 1.30).
    const lifecycle = { preStop: { sleep: { seconds: DRAIN } } };
    deployment.addJsonPatch(JsonPatch.add('/spec/template/spec/containers/0/lifecycle', lifecycle));
  }
}

/** Never fewer than there should be; but two servers with a memory of their own would answer differently. */
const strategyOf = (datastore: 'postgres' | 'memory'): k8s.DeploymentStrategy =>
  datastore === 'memory'
    ? { type: 'Recreate' }
    : {
        type: 'RollingUpdate',
        rollingUpdate: { maxUnavailable: k8s.IntOrString.fromNumber(0), maxSurge: k8s.IntOrString.fromNumber(1) },
      };

/** Over nodes in any case, counted by version, so that as many nodes as replicas are enough during an update too. */
const apart = (matchLabels: Record<string, string>): k8s.TopologySpreadConstraint[] => [
  {
    maxSkew: 1,
    topologyKey: 'kubernetes.io/hostname',
    whenUnsatisfiable: 'DoNotSchedule',
    labelSelector: { matchLabels },
    matchLabelKeys: ['pod-template-hash'],
  },
  {
    maxSkew: 1,
    topologyKey: 'topology.kubernetes.io/zone',
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels },
    matchLabelKeys: ['pod-template-hash'],
  },
];
