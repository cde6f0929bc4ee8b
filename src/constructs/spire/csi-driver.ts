import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { LABELS, NAMESPACES } from '../../model/names.js';
import type { Platform } from '../../model/platform.js';
import { SPIRE_ACCOUNTS, SPIRE_PORTS, SPIRE_SOCKETS } from '../../model/spire.js';
import { answers, containerPorts, resources } from '../container.js';

const NAME = SPIRE_ACCOUNTS.csiDriver;
const namespace = NAMESPACES.spire;
const { csiDriver, hostDir } = SPIRE_SOCKETS;
const KUBELET = '/var/lib/kubelet';
const PLUGIN = `${KUBELET}/plugins/${csiDriver}`;

/**
 * The CSI driver that shows the directory of the Workload API's socket to pods of `restricted` namespaces, where no
 * hostPath may be. It mounts into pods' directories, so it is privileged; it has no token and no network. It is never
 * deleted: pods with its volume could neither start nor end without it.
 * Source: spiffe-csi, README; Kubernetes, "Kubernetes CSI Developer Documentation", CSIDriver.
 */
export class SpireCsiDriver extends Construct {
  constructor(scope: Construct, id: string, { spire }: Platform) {
    super(scope, id);
    const keep = { [LABELS.keep]: 'csi-driver' };
    // Not a component: no policy opens anything for it.
    const labels = { 'app.kubernetes.io/name': NAME };
    const metadata = { name: NAME, namespace, labels: { ...labels, ...keep } };
    const { health } = SPIRE_PORTS.csiDriver;
    new k8s.KubeCsiDriver(this, 'driver', {
      metadata: { name: csiDriver, labels: keep },
      spec: {
        attachRequired: false,
        podInfoOnMount: true,
        fsGroupPolicy: 'None',
        volumeLifecycleModes: ['Ephemeral'],
      },
    });
    new k8s.KubeServiceAccount(this, 'service-account', { metadata, automountServiceAccountToken: false });
    new k8s.KubeDaemonSet(this, 'daemon-set', {
      metadata,
      spec: {
        selector: { matchLabels: labels },
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: k8s.IntOrString.fromNumber(1) } },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: NAME,
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            priorityClassName: 'system-node-critical',
            tolerations: [{ operator: 'Exists' }],
            nodeSelector: { 'kubernetes.io/os': 'linux' },
            containers: [
              {
                name: NAME,
                image: spire.images.csiDriver,
                args: [
                  '-workload-api-socket-dir',
                  hostDir,
                  '-plugin-name',
                  csiDriver,
                  '-csi-socket-path',
                  '/spiffe-csi/csi.sock',
                ],
                env: [{ name: 'MY_NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
                resources: resources('10m', '32Mi', '128Mi'),
                securityContext: {
                  privileged: true,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ['ALL'] },
                },
                volumeMounts: [
                  { name: 'sockets', mountPath: hostDir, readOnly: true },
                  { name: 'plugin', mountPath: '/spiffe-csi' },
                  { name: 'pods', mountPath: `${KUBELET}/pods`, mountPropagation: 'Bidirectional' },
                ],
              },
              {
                name: 'node-driver-registrar',
                image: spire.images.registrar,
                args: [
                  '-csi-address',
                  '/spiffe-csi/csi.sock',
                  '-kubelet-registration-path',
                  `${PLUGIN}/csi.sock`,
                  '-health-port',
                  String(health.port),
                ],
                ports: containerPorts(health),
                livenessProbe: { httpGet: answers(health, '/healthz'), initialDelaySeconds: 5, timeoutSeconds: 5 },
                resources: resources('10m', '16Mi', '64Mi'),
                securityContext: {
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ['ALL'] },
                },
                volumeMounts: [
                  { name: 'plugin', mountPath: '/spiffe-csi' },
                  { name: 'registration', mountPath: '/registration' },
                ],
              },
            ],
            volumes: [
              { name: 'sockets', hostPath: { path: hostDir, type: 'DirectoryOrCreate' } },
              { name: 'plugin', hostPath: { path: PLUGIN, type: 'DirectoryOrCreate' } },
              { name: 'pods', hostPath: { path: `${KUBELET}/pods`, type: 'Directory' } },
              { name: 'registration', hostPath: { path: `${KUBELET}/plugins_registry`, type: 'Directory' } },
            ],
          },
        },
      },
    });
  }
}
