import { k8s } from 'cdk8s-plus-28';
import { describe, expect, it } from 'vitest';
import { renderWorkspace } from '../../src/charts/render.js';
import { outboundConfig } from '../../src/constructs/envoy/outbound-config.js';
import { startGateContainer } from '../../src/constructs/start-gate.js';
import { sha256 } from '../../src/model/canonical.js';
import type { KubeObject } from '../../src/model/kube-object.js';
import type { Platform } from '../../src/model/platform.js';
import { ACME, PLATFORM } from '../model/examples.js';

const objects = renderWorkspace(PLATFORM, ACME);
const find = (kind: string, name: string, among: readonly KubeObject[] = objects): KubeObject => {
  const [found, ...others] = among.filter((object) => object.kind === kind && object.metadata.name === name);
  expect(others).toEqual([]);
  expect(found).toBeDefined();
  return found!;
};

/** Pod Security Standard `restricted`, for a container. */
const RESTRICTED = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};
const POD = { runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, seccompProfile: { type: 'RuntimeDefault' } };
/** What the agent's Envoy is started with. */
const envoyOf = (agent: string) => outboundConfig(PLATFORM, `spiffe://portarium.io/ns/portarium-agents/sa/${agent}`);
interface ConfigMap {
  readonly metadata: KubeObject['metadata'];
  readonly data: Readonly<Record<string, string>>;
}
const LABELS = {
  'portarium.io/agent': 'invoice-clerk',
  'portarium.io/role': 'agent',
  'portarium.io/workspace': 'ws-acme',
};

describe('an agent', () => {
  it('has a service account of its own, without a token', () => {
    for (const { name } of ACME.agents) {
      const account = find('ServiceAccount', name);
      expect(account.metadata.namespace).toBe('portarium-agents');
      expect(account['automountServiceAccountToken']).toBe(false);
    }
  });

  it('is this Deployment', () => {
    const { spec, metadata } = find('Deployment', 'invoice-clerk');
    expect(metadata.labels).toEqual({ ...LABELS, 'portarium.io/stack': 'ws-acme' });
    expect(metadata.annotations).toMatchObject({
      'portarium.io/type': 'openclaw-gateway',
      'portarium.io/risk': 'high',
    });
    expect(spec).toEqual({
      replicas: 2,
      selector: { matchLabels: LABELS },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: {
        metadata: {
          labels: LABELS,
          annotations: { 'portarium.io/egress': 'closed', 'portarium.io/envoy': sha256(envoyOf('invoice-clerk')) },
        },
        spec: {
          serviceAccountName: 'invoice-clerk',
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          dnsPolicy: 'None',
          dnsConfig: { nameservers: ['10.96.53.1'], options: [{ name: 'ndots', value: '1' }] },
          securityContext: POD,
          initContainers: [
            {
              name: 'envoy',
              image: 'docker.io/envoyproxy/envoy:distroless-v1.40.0',
              command: ['/usr/local/bin/envoy'],
              args: [
                '--config-path',
                '/etc/envoy/envoy.json',
                '--concurrency',
                '2',
                '--drain-time-s',
                '30',
                '--log-level',
                'warning',
                '--file-flush-interval-msec',
                '1000',
                '--disable-hot-restart',
                '--reject-unknown-dynamic-fields',
              ],
              restartPolicy: 'Always',
              ports: [{ name: 'envoy-metrics', containerPort: 15020, protocol: 'TCP' }],
              startupProbe: { httpGet: { path: '/envoy/ready', port: 15020 }, periodSeconds: 1, failureThreshold: 60 },
              livenessProbe: { httpGet: { path: '/envoy/ready', port: 15020 }, periodSeconds: 10, failureThreshold: 6 },
              resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '256Mi' } },
              securityContext: RESTRICTED,
              volumeMounts: [
                { name: 'envoy-config', mountPath: '/etc/envoy', readOnly: true },
                { name: 'envoy-run', mountPath: '/run/envoy' },
                { name: 'spire', mountPath: '/run/spire/sockets', readOnly: true },
              ],
            },
            k8s.toJson_Container(startGateContainer(PLATFORM)),
          ],
          volumes: [
            { name: 'envoy-config', configMap: { name: 'invoice-clerk-envoy' } },
            { name: 'envoy-run', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
            { name: 'spire', csi: { driver: 'csi.spiffe.io', readOnly: true } },
          ],
          containers: [
            {
              name: 'agent',
              image: 'registry.example.com/acme/invoice-clerk:2.1.0',
              env: [
                { name: 'PORTARIUM_API_URL', value: 'http://127.0.0.1:15001' },
                { name: 'PORTARIUM_GRPC_ADDRESS', value: '127.0.0.1:15051' },
                { name: 'PORTARIUM_WORKSPACE_ID', value: 'ws-acme' },
                { name: 'PORTARIUM_AGENT_ID', value: 'invoice-clerk' },
                {
                  name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
                  value: 'http://otel-collector.portarium-observability.svc.cluster.local:4317',
                },
              ],
              ports: [
                { name: 'gateway', containerPort: 18789, protocol: 'TCP' },
                { name: 'metrics', containerPort: 9464, protocol: 'TCP' },
              ],
              resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '1Gi' } },
              securityContext: RESTRICTED,
            },
          ],
        },
      },
    });
  });

  it('has the files of its own Envoy, which speaks by its own SVID', () => {
    const { metadata, data } = find('ConfigMap', 'invoice-clerk-envoy') as unknown as ConfigMap;
    expect(metadata).toMatchObject({
      namespace: 'portarium-agents',
      labels: { ...LABELS, 'portarium.io/stack': 'ws-acme' },
    });
    expect(Object.keys(data)).toEqual(['envoy.json']);
    expect(JSON.parse(data['envoy.json']!)).toEqual(envoyOf('invoice-clerk')['/etc/envoy/envoy.json']);
  });

  it('asks cluster DNS where Cilium filters the names', () => {
    const cilium: Platform = {
      ...PLATFORM,
      network: { ...PLATFORM.network, cilium: true },
      agentDns: { ...PLATFORM.agentDns, mode: 'cilium' },
    };
    const rendered = renderWorkspace(cilium, ACME);
    const { spec } = find('Deployment', 'sales-bot', rendered);
    expect(spec).toMatchObject({ template: { spec: { dnsConfig: { nameservers: ['10.96.0.10'] } } } });
    expect(rendered.filter(({ metadata }) => metadata.name === 'agent-dns-ws-acme')).toEqual([]);
  });
});

describe('the workspace’s DNS server', () => {
  it('has a service account, a fixed address on port 53 for UDP and TCP, and two replicas', () => {
    expect(find('ServiceAccount', 'agent-dns-ws-acme')['automountServiceAccountToken']).toBe(false);
    const labels = { 'portarium.io/component': 'agent-dns-ws-acme', 'portarium.io/workspace': 'ws-acme' };
    expect(find('Service', 'agent-dns-ws-acme')['spec']).toEqual({
      type: 'ClusterIP',
      clusterIP: '10.96.53.1',
      selector: labels,
      ports: [
        { name: 'dns-udp', protocol: 'UDP', port: 53, targetPort: 1053 },
        { name: 'dns-tcp', protocol: 'TCP', port: 53, targetPort: 1053 },
      ],
    });
    const { spec } = find('Deployment', 'agent-dns-ws-acme');
    expect(spec).toMatchObject({
      replicas: 2,
      selector: { matchLabels: labels },
      strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: 'agent-dns-ws-acme',
          automountServiceAccountToken: false,
          dnsPolicy: 'Default',
          securityContext: POD,
          containers: [
            {
              image: 'registry.k8s.io/coredns/coredns:v1.13.1',
              args: ['-conf', '/etc/coredns/Corefile'],
              // Its image's binary carries this file capability and cannot be executed without it.
              securityContext: { ...RESTRICTED, capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } },
              volumeMounts: [{ name: 'corefile', mountPath: '/etc/coredns', readOnly: true }],
            },
          ],
          volumes: [{ name: 'corefile', configMap: { name: 'agent-dns-ws-acme' } }],
        },
      },
    });
  });

  it('restarts when the names change, and only then', () => {
    const stamp = (level: 'routing' | 'authz' | 'identity' | 'allowlist' | 'enforced'): unknown => {
      const { spec } = find('Deployment', 'agent-dns-ws-acme', renderWorkspace(PLATFORM, { ...ACME, level }));
      return (spec as { template: KubeObject }).template.metadata.annotations?.['portarium.io/corefile'];
    };
    expect(stamp('routing')).toBe(stamp('authz'));
    expect(stamp('identity')).toBe(stamp('allowlist'));
    expect(new Set([stamp('authz'), stamp('identity'), stamp('enforced')]).size).toBe(3);
  });
});

describe('the policy object', () => {
  it('stands in the policy namespace under the workspace’s name, and is kept', () => {
    const policy = find('WorkspacePolicy', 'ws-acme');
    expect(policy.metadata.namespace).toBe('portarium-policy');
    expect(policy.metadata.labels).toEqual({
      'portarium.io/keep': 'policy',
      'portarium.io/level': 'enforced',
      'portarium.io/stack': 'ws-acme',
      'portarium.io/workspace': 'ws-acme',
    });
    expect(policy['spec']).toMatchObject({ workspaceId: 'ws-acme', reachedLevel: 'enforced' });
  });
});
