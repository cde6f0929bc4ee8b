import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { agentsOf, PORTS } from '../model/edges.js';
import { spiffeId } from '../model/identity.js';
import { ANNOTATIONS, LABELS, NAMESPACES, serviceHost } from '../model/names.js';
import type { Platform } from '../model/platform.js';
import type { Agent, Workspace } from '../model/workspace.js';
import { EnvoyConfig } from './envoy/config-map.js';
import { OUTBOUND, outboundConfig } from './envoy/outbound-config.js';
import { RESTRICTED_CONTAINER, RESTRICTED_POD } from './restricted.js';
import { agentSidecars, SIDECAR_FILES } from './sidecars.js';

export interface AgentWorkloadProps {
  readonly platform: Platform;
  readonly workspace: Workspace;
  readonly agent: Agent;
  /** Whether the network was open to its pods: `shadow`, a Relaxation's name, or `closed…`; a change restarts them. */
  readonly egress: string;
}

/**
 * One agent: its own service account and a Deployment that passes `restricted`, asks only the workspace's DNS server,
 * and carries no Kubernetes token. It calls the control plane on its own loopback, where its Envoy presents its SVID.
 * Established flows survive a closed policy on many data planes, so a change of `egress` restarts the pods (bypass B23);
 * nothing else of them depends on the level.
 * Source: runbook Phase 3 step 1, Phase 4 step 2 ("portarium-agents/sa/{agent-name}").
 */
export class AgentWorkload extends Construct {
  constructor(scope: Construct, id: string, { platform, workspace, agent, egress }: AgentWorkloadProps) {
    super(scope, id);
    const { namespace } = workspace;
    const { name } = agent;
    const selected = { ...agentsOf(workspace).labels, [LABELS.agent]: name };
    const metadata = { name, namespace, labels: { ...selected } };
    const service = (component: string, ns: string): string => serviceHost(component, ns, platform.cluster.domain);
    const listening = { gateway: PORTS.gateway.target, metrics: PORTS.metrics.target };
    const config = new EnvoyConfig(this, 'envoy', {
      ...metadata,
      name: SIDECAR_FILES.agent(name),
      files: outboundConfig(platform, spiffeId(namespace, name, platform.trustDomain)),
    });
    const { containers, volumes } = agentSidecars(platform, name);
    new k8s.KubeServiceAccount(this, 'service-account', { metadata, automountServiceAccountToken: false });
    new k8s.KubeDeployment(this, 'deployment', {
      metadata: { ...metadata, annotations: { 'portarium.io/type': agent.type, 'portarium.io/risk': agent.risk } },
      spec: {
        replicas: agent.replicas,
        selector: { matchLabels: selected },
        strategy: {
          type: 'RollingUpdate',
          rollingUpdate: { maxUnavailable: k8s.IntOrString.fromNumber(0), maxSurge: k8s.IntOrString.fromNumber(1) },
        },
        template: {
          metadata: {
            labels: selected,
            annotations: { [ANNOTATIONS.egress]: egress, [ANNOTATIONS.envoy]: config.hash },
          },
          spec: {
            serviceAccountName: name,
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            dnsPolicy: 'None',
            dnsConfig: {
              nameservers: [
                platform.agentDns.mode === 'cilium' ? platform.cluster.dns.clusterIP : workspace.dns.clusterIP,
              ],
              // No search list: every name is asked as it stands, and only exact names are answered.
              options: [{ name: 'ndots', value: '1' }],
            },
            securityContext: RESTRICTED_POD,
            initContainers: [...containers],
            volumes: [...volumes],
            containers: [
              {
                name: 'agent',
                image: agent.image,
                env: [
                  { name: 'PORTARIUM_API_URL', value: `http://${OUTBOUND.address}:${OUTBOUND.http}` },
                  { name: 'PORTARIUM_GRPC_ADDRESS', value: `${OUTBOUND.address}:${OUTBOUND.grpc}` },
                  { name: 'PORTARIUM_WORKSPACE_ID', value: workspace.id },
                  { name: 'PORTARIUM_AGENT_ID', value: name },
                  {
                    name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
                    value: `http://${service('otel-collector', NAMESPACES.observability)}:${PORTS.otlp.service}`,
                  },
                ],
                ports: agent.listens.map((what) => ({ name: what, containerPort: listening[what], protocol: 'TCP' })),
                resources: {
                  requests: { cpu: k8s.Quantity.fromString('100m'), memory: k8s.Quantity.fromString('128Mi') },
                  limits: { memory: k8s.Quantity.fromString('1Gi') },
                },
                securityContext: RESTRICTED_CONTAINER,
              },
            ],
          },
        },
      },
    });
  }
}
