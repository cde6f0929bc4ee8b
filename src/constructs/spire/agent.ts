import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { sha256 } from '../../model/canonical.js';
import { NAMESPACES } from '../../model/names.js';
import type { Platform } from '../../model/platform.js';
import { SPIRE_AGENTS } from '../../model/spire-edges.js';
import { SPIRE_ACCOUNTS, SPIRE_BUNDLE, SPIRE_PORTS, SPIRE_SOCKETS } from '../../model/spire.js';
import { agentConfig, KUBELET_ADDRESS } from './agent-config.js';
import { answers, containerPorts, resources } from '../container.js';
import { AGENT_PATHS, AGENT_TOKEN } from './paths.js';

const NAME = SPIRE_ACCOUNTS.agent;
const namespace = NAMESPACES.spire;
const CONFIG_FILE = 'agent.conf';

/**
 * SPIRE's agent on every node. It must see processes of the node to know who calls, so it is in the host's PID
 * namespace and in a privileged namespace of its own, but without the host's network, without capabilities, and with
 * one right: to read the list of its node's pods. Until the server has published the bundle its pods wait for it.
 * Source: runbook Phase 4 step 2; SPIRE, doc/plugin_agent_workloadattestor_k8s.md; KEP-2862 (nodes/pods).
 */
export class SpireAgent extends Construct {
  constructor(scope: Construct, id: string, platform: Platform) {
    super(scope, id);
    const { access, address, caConfigMap } = platform.spire.kubelet;
    const labels = { ...SPIRE_AGENTS.labels };
    const metadata = { name: NAME, namespace, labels };
    const config = JSON.stringify(agentConfig(platform), undefined, 2);
    const { health, metrics } = SPIRE_PORTS.agent;
    new k8s.KubeServiceAccount(this, 'service-account', { metadata, automountServiceAccountToken: false });
    const role = `portarium-${NAME}`;
    new k8s.KubeClusterRole(this, 'cluster-role', {
      metadata: { name: role },
      rules: [{ apiGroups: [''], resources: [access], verbs: ['get'] }],
    });
    new k8s.KubeClusterRoleBinding(this, 'cluster-role-binding', {
      metadata: { name: role },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
      subjects: [{ kind: 'ServiceAccount', name: NAME, namespace }],
    });
    new k8s.KubeConfigMap(this, 'config', { metadata, data: { [CONFIG_FILE]: config } });
    new k8s.KubeDaemonSet(this, 'daemon-set', {
      metadata,
      spec: {
        selector: { matchLabels: labels },
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: k8s.IntOrString.fromNumber(1) } },
        template: {
          metadata: { labels, annotations: { 'portarium.io/config': sha256(config) } },
          spec: {
            serviceAccountName: NAME,
            automountServiceAccountToken: true,
            enableServiceLinks: false,
            hostPid: true,
            priorityClassName: 'system-node-critical',
            // A node without an agent has no identities, and on it volumes of workloads hang.
            tolerations: [{ operator: 'Exists' }],
            nodeSelector: { 'kubernetes.io/os': 'linux' },
            securityContext: { runAsUser: 0, runAsGroup: 0, seccompProfile: { type: 'RuntimeDefault' } },
            containers: [
              {
                name: NAME,
                image: platform.spire.images.agent,
                args: ['-config', `${AGENT_PATHS.config}/${CONFIG_FILE}`],
                env: [
                  {
                    name: KUBELET_ADDRESS,
                    valueFrom: { fieldRef: { fieldPath: address === 'hostIP' ? 'status.hostIP' : 'spec.nodeName' } },
                  },
                ],
                ports: containerPorts(health, metrics),
                startupProbe: { httpGet: answers(health, '/live'), periodSeconds: 5, failureThreshold: 60 },
                livenessProbe: { httpGet: answers(health, '/live'), periodSeconds: 15, failureThreshold: 8 },
                readinessProbe: { httpGet: answers(health, '/ready'), periodSeconds: 5 },
                resources: resources('50m', '64Mi', '512Mi'),
                securityContext: {
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ['ALL'] },
                },
                volumeMounts: [
                  { name: 'config', mountPath: AGENT_PATHS.config, readOnly: true },
                  { name: 'data', mountPath: AGENT_PATHS.data },
                  { name: 'bundle', mountPath: AGENT_PATHS.bundle, readOnly: true },
                  { name: 'token', mountPath: AGENT_PATHS.tokens, readOnly: true },
                  { name: 'sockets', mountPath: AGENT_PATHS.sockets },
                  ...(caConfigMap === undefined
                    ? []
                    : [{ name: 'kubelet-ca', mountPath: AGENT_PATHS.kubeletCa, readOnly: true }]),
                ],
              },
            ],
            volumes: [
              { name: 'config', configMap: { name: NAME } },
              { name: 'data', emptyDir: {} },
              { name: 'bundle', configMap: { name: SPIRE_BUNDLE.configMap } },
              { name: 'token', projected: { sources: [{ serviceAccountToken: { ...AGENT_TOKEN } }] } },
              { name: 'sockets', hostPath: { path: SPIRE_SOCKETS.hostDir, type: 'DirectoryOrCreate' } },
              ...(caConfigMap === undefined ? [] : [{ name: 'kubelet-ca', configMap: { name: caConfigMap } }]),
            ],
          },
        },
      },
    });
  }
}
