import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { sha256 } from '../../model/canonical.js';
import type { Platform } from '../../model/platform.js';
import { spireServerOf } from '../../model/spire-edges.js';
import { SPIRE_ACCOUNTS, SPIRE_GROUP, SPIRE_PORTS, SPIRE_RESOURCES } from '../../model/spire.js';
import { RESTRICTED_CONTAINER } from '../restricted.js';
import { answers, containerPorts, resources } from '../container.js';
import { CONTROLLER_MANAGER, controllerManagerConfig, SPIRE_WEBHOOK } from './controller-manager-config.js';
import { SERVER_PATHS } from './paths.js';

const CONFIG = { dir: '/run/controller-manager/config', file: 'config.yaml', volume: 'controller-manager-config' };

const rule = (apiGroup: string, resources: string[], verbs: string[], resourceNames?: string[]): k8s.PolicyRule => ({
  apiGroups: [apiGroup],
  resources,
  verbs,
  ...(resourceNames && { resourceNames }),
});

/**
 * The controller manager, which makes entries of the server from registrations and pods: its configuration, its rights
 * and the Service of its webhook. It runs beside the server, whose socket is its authority, and of each replica's one
 * leads. It writes no registration, only their status; upstream's own role lets it create and delete them too.
 * Source: spire-controller-manager, internal/controller and pkg/webhookmanager.
 */
export class ControllerManager extends Construct {
  /** In the server's pod. */
  readonly container: k8s.Container;
  readonly volume: k8s.Volume;
  /** Of the configuration: a changed one starts new pods. */
  readonly checksum: string;

  constructor(scope: Construct, id: string, platform: Platform) {
    super(scope, id);
    const { namespace } = platform.spire;
    const config = JSON.stringify(controllerManagerConfig(platform), undefined, 2);
    new k8s.KubeConfigMap(this, 'config', {
      metadata: { name: CONTROLLER_MANAGER, namespace },
      data: { [CONFIG.file]: config },
    });
    this.rights(namespace);
    const { webhook, metrics, health } = SPIRE_PORTS.controllerManager;
    new k8s.KubeService(this, 'webhook', {
      metadata: { name: SPIRE_WEBHOOK.service, namespace },
      spec: {
        type: 'ClusterIP',
        selector: { ...spireServerOf(platform).labels },
        ports: [
          { name: webhook.name, protocol: 'TCP', port: 443, targetPort: k8s.IntOrString.fromNumber(webhook.port) },
        ],
      },
    });
    this.checksum = sha256(config);
    this.volume = { name: CONFIG.volume, configMap: { name: CONTROLLER_MANAGER } };
    this.container = {
      name: CONTROLLER_MANAGER,
      image: platform.spire.images.controllerManager,
      args: [`--config=${CONFIG.dir}/${CONFIG.file}`],
      env: [{ name: 'ENABLE_WEBHOOKS', value: 'true' }],
      ports: containerPorts(webhook, metrics, health),
      livenessProbe: { httpGet: answers(health, '/healthz'), periodSeconds: 15, failureThreshold: 4 },
      readinessProbe: { httpGet: answers(health, '/readyz'), periodSeconds: 5 },
      resources: resources('50m', '128Mi', '512Mi'),
      securityContext: RESTRICTED_CONTAINER,
      volumeMounts: [
        { name: CONFIG.volume, mountPath: CONFIG.dir, readOnly: true },
        { name: 'sockets', mountPath: SERVER_PATHS.sockets, readOnly: true },
        // It keeps its webhook's key there.
        { name: 'controller-manager-tmp', mountPath: '/tmp' },
      ],
    };
  }

  private rights(namespace: string): void {
    const account = [{ kind: 'ServiceAccount', name: SPIRE_ACCOUNTS.server, namespace }];
    const name = `portarium-${CONTROLLER_MANAGER}`;
    const watch = ['get', 'list', 'watch'];
    new k8s.KubeClusterRole(this, 'cluster-role', {
      metadata: { name },
      rules: [
        rule('', ['namespaces', 'nodes', 'pods', 'endpoints'], watch),
        rule('admissionregistration.k8s.io', ['validatingwebhookconfigurations'], ['list', 'watch']),
        rule(
          'admissionregistration.k8s.io',
          ['validatingwebhookconfigurations'],
          ['get', 'patch'],
          [SPIRE_WEBHOOK.configuration],
        ),
        rule(SPIRE_GROUP, [...SPIRE_RESOURCES], watch),
        rule(
          SPIRE_GROUP,
          SPIRE_RESOURCES.map((resource) => `${resource}/status`),
          ['get', 'patch', 'update'],
        ),
      ],
    });
    new k8s.KubeClusterRoleBinding(this, 'cluster-role-binding', {
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: account,
    });
    new k8s.KubeRole(this, 'role', {
      metadata: { name: CONTROLLER_MANAGER, namespace },
      rules: [
        rule('coordination.k8s.io', ['leases'], ['create']),
        rule('coordination.k8s.io', ['leases'], ['get', 'update'], [CONTROLLER_MANAGER]),
        rule('', ['events'], ['create', 'patch']),
        rule('events.k8s.io', ['events'], ['create', 'patch']),
      ],
    });
    new k8s.KubeRoleBinding(this, 'role-binding', {
      metadata: { name: CONTROLLER_MANAGER, namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: CONTROLLER_MANAGER },
      subjects: account,
    });
  }
}
