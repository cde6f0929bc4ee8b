import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { sha256 } from '../../model/canonical.js';
import type { Platform } from '../../model/platform.js';
import { spireServerOf } from '../../model/spire-edges.js';
import { SPIRE_ACCOUNTS, SPIRE_BUNDLE, SPIRE_PORTS } from '../../model/spire.js';
import { RESTRICTED_CONTAINER } from '../restricted.js';
import { answers, containerPorts, resources } from '../container.js';
import type { ControllerManager } from './controller-manager.js';
import { SERVER_PATHS } from './paths.js';
import { serverConfig } from './server-config.js';
import { storageOf } from './server-storage.js';

const NAME = SPIRE_ACCOUNTS.server;
const CONFIG_FILE = 'server.conf';

/** Of SPIRE's image; server and controller manager share the socket by it. */
const USER = 1000;

/**
 * The SPIRE server with the controller manager beside it, both in a pod that passes `restricted`.
 *
 * SPIRE's own /live asks the database, so an outage of that would restart every server, and with it what still works;
 * here liveness is that the port accepts, and /ready takes a server out of the Service. The Service has no address of
 * its own: agents see each server and spread over them.
 * Source: runbook Phase 4 step 2; SPIRE, doc/spire_server.md, plugin_server_nodeattestor_k8s_psat.md (rights).
 */
export class SpireServer extends Construct {
  constructor(scope: Construct, id: string, platform: Platform, controllerManager: ControllerManager) {
    super(scope, id);
    const { spire } = platform;
    const { namespace, replicas } = spire;
    const labels = { ...spireServerOf(platform).labels };
    const metadata = { name: NAME, namespace, labels };
    const config = JSON.stringify(serverConfig(platform), undefined, 2);
    const { grpc, health, metrics } = SPIRE_PORTS.server;
    const storage = storageOf(spire);
    new k8s.KubeServiceAccount(this, 'service-account', {
      metadata: {
        ...metadata,
        ...(spire.awsRoleArn !== undefined && {
          annotations: { 'eks.amazonaws.com/role-arn': spire.awsRoleArn },
        }),
      },
      automountServiceAccountToken: false,
    });
    this.rights(platform);
    new k8s.KubeConfigMap(this, 'config', { metadata, data: { [CONFIG_FILE]: config } });
    new k8s.KubeService(this, 'service', {
      metadata,
      spec: {
        type: 'ClusterIP',
        clusterIp: 'None',
        selector: labels,
        ports: [
          { name: grpc.name, protocol: 'TCP', port: grpc.port, targetPort: k8s.IntOrString.fromNumber(grpc.port) },
        ],
      },
    });
    new k8s.KubePodDisruptionBudget(this, 'disruptions', {
      metadata,
      spec: { maxUnavailable: k8s.IntOrString.fromNumber(1), selector: { matchLabels: labels } },
    });
    new k8s.KubeStatefulSet(this, 'stateful-set', {
      metadata,
      spec: {
        serviceName: NAME,
        replicas,
        selector: { matchLabels: labels },
        // One that cannot start must not keep the others from starting; updates go one by one all the same.
        podManagementPolicy: 'Parallel',
        template: {
          metadata: {
            labels,
            annotations: {
              'portarium.io/config': sha256(config),
              'portarium.io/controller-manager-config': controllerManager.checksum,
            },
          },
          spec: {
            serviceAccountName: NAME,
            automountServiceAccountToken: true,
            enableServiceLinks: false,
            priorityClassName: 'system-cluster-critical',
            securityContext: {
              runAsNonRoot: true,
              runAsUser: USER,
              runAsGroup: USER,
              fsGroup: USER,
              fsGroupChangePolicy: 'OnRootMismatch',
              seccompProfile: { type: 'RuntimeDefault' },
            },
            ...(replicas > 1 && { affinity: apart(labels), topologySpreadConstraints: [acrossZones(labels)] }),
            containers: [
              {
                name: NAME,
                image: spire.images.server,
                args: ['-config', `${SERVER_PATHS.config}/${CONFIG_FILE}`],
                env: storage.env,
                ports: containerPorts(grpc, health, metrics),
                // The first start migrates the database.
                startupProbe: {
                  tcpSocket: { port: k8s.IntOrString.fromString(grpc.name) },
                  periodSeconds: 5,
                  failureThreshold: 60,
                },
                livenessProbe: {
                  tcpSocket: { port: k8s.IntOrString.fromString(grpc.name) },
                  periodSeconds: 15,
                  failureThreshold: 4,
                },
                readinessProbe: { httpGet: answers(health, '/ready'), periodSeconds: 5, timeoutSeconds: 3 },
                resources: resources('100m', '256Mi', '1Gi'),
                securityContext: RESTRICTED_CONTAINER,
                volumeMounts: [
                  { name: 'config', mountPath: SERVER_PATHS.config, readOnly: true },
                  { name: 'sockets', mountPath: SERVER_PATHS.sockets },
                  { name: 'tmp', mountPath: '/tmp' },
                  { name: 'data', mountPath: SERVER_PATHS.data },
                  ...storage.mounts,
                ],
              },
              controllerManager.container,
            ],
            volumes: [
              { name: 'config', configMap: { name: NAME } },
              { name: 'sockets', emptyDir: {} },
              { name: 'tmp', emptyDir: {} },
              { name: 'controller-manager-tmp', emptyDir: {} },
              controllerManager.volume,
              ...storage.volumes,
            ],
          },
        },
        ...(storage.claims.length > 0 && {
          volumeClaimTemplates: storage.claims,
          persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
        }),
      },
    });
  }

  /** What attestation needs, and the one ConfigMap that the bundle is published to. */
  private rights({ spire }: Platform): void {
    const { namespace } = spire;
    const account = [{ kind: 'ServiceAccount', name: NAME, namespace }];
    const name = `portarium-${NAME}`;
    new k8s.KubeClusterRole(this, 'cluster-role', {
      metadata: { name },
      rules: [
        { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
        { apiGroups: [''], resources: ['pods', 'nodes'], verbs: ['get'] },
      ],
    });
    new k8s.KubeClusterRoleBinding(this, 'cluster-role-binding', {
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: account,
    });
    const role = (id: string, at: { name: string; namespace: string }, rules: k8s.PolicyRule[]): void => {
      new k8s.KubeRole(this, id, { metadata: at, rules });
      new k8s.KubeRoleBinding(this, `${id}-binding`, {
        metadata: at,
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: at.name },
        subjects: account,
      });
    };
    role('bundle', { name: 'spire-bundle', namespace: SPIRE_BUNDLE.namespace }, [
      {
        apiGroups: [''],
        resources: ['configmaps'],
        // By server-side apply, whose creation is authorised with the name.
        verbs: ['get', 'patch', 'create'],
        resourceNames: [SPIRE_BUNDLE.configMap],
      },
    ]);
    if (spire.upstreamAuthority?.type === 'cert-manager') {
      role('certificate-requests', { name: 'spire-certificate-requests', namespace }, [
        {
          apiGroups: ['cert-manager.io'],
          resources: ['certificaterequests'],
          verbs: ['create', 'get', 'list', 'delete'],
        },
      ]);
    }
  }
}

/** Never two on one node. */
const apart = (matchLabels: Record<string, string>): k8s.Affinity => ({
  podAntiAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: [
      { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels } },
    ],
  },
});

const acrossZones = (matchLabels: Record<string, string>): k8s.TopologySpreadConstraint => ({
  maxSkew: 1,
  topologyKey: 'topology.kubernetes.io/zone',
  whenUnsatisfiable: 'ScheduleAnyway',
  labelSelector: { matchLabels },
});
