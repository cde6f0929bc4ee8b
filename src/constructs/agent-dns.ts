import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { sha256 } from '../model/canonical.js';
import { agentDnsOf, isOpen, PORTS } from '../model/edges.js';
import { resolvableNames, type ResolvableName } from '../model/resolvable-names.js';
import type { Modes } from '../model/levels.js';
import type { Platform } from '../model/platform.js';
import type { Workspace } from '../model/workspace.js';
import { RESTRICTED_CONTAINER, RESTRICTED_POD } from './restricted.js';

export interface AgentDnsProps {
  readonly platform: Platform;
  readonly workspace: Workspace;
  readonly modes: Modes;
}

const HEALTH_PORT = 8080;
const READY_PORT = 8181;

/**
 * The DNS server of one workspace's agents: CoreDNS with exact names and no general `forward`. Cluster DNS forwards
 * any name, which is a tunnel (bypass B5); here all else is REFUSED, so nothing can be carried out in a query's name.
 * Source: design, "The front of the control plane", DNS; RFC 1035 (RCODE 5).
 */
export class AgentDns extends Construct {
  constructor(scope: Construct, id: string, { platform, workspace, modes }: AgentDnsProps) {
    super(scope, id);
    const { name, namespace, labels, serviceAccount } = agentDnsOf(workspace);
    const open = resolvableNames(platform, workspace).filter((candidate) => isOpen(candidate.open, modes));
    const text = corefile(open, platform.cluster.dns.nodeLocalAddress ?? platform.cluster.dns.clusterIP);
    const metadata = { name, namespace, labels: { ...labels } };
    new k8s.KubeServiceAccount(this, 'service-account', { metadata, automountServiceAccountToken: false });
    new k8s.KubeConfigMap(this, 'corefile', { metadata, data: { Corefile: text } });
    new k8s.KubeService(this, 'service', {
      metadata,
      spec: {
        clusterIp: workspace.dns.clusterIP,
        type: 'ClusterIP',
        selector: { ...labels },
        ports: [PORTS.agentDnsUdp, PORTS.agentDnsTcp].map(({ protocol, service, target }) => ({
          name: `dns-${protocol.toLowerCase()}`,
          protocol,
          port: service,
          targetPort: k8s.IntOrString.fromNumber(target),
        })),
      },
    });
    new k8s.KubeDeployment(this, 'deployment', {
      metadata,
      spec: {
        replicas: 2,
        selector: { matchLabels: { ...labels } },
        // The old names must go on being answered until the new server is ready, and never by fewer than two.
        strategy: {
          type: 'RollingUpdate',
          rollingUpdate: { maxUnavailable: k8s.IntOrString.fromNumber(0), maxSurge: k8s.IntOrString.fromNumber(1) },
        },
        template: {
          // CoreDNS's own reload waits for the kubelet's copy of the ConfigMap, about a minute; a new pod does not.
          metadata: { labels: { ...labels }, annotations: { 'portarium.io/corefile': sha256(text) } },
          spec: {
            serviceAccountName: serviceAccount ?? name,
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            dnsPolicy: 'Default',
            securityContext: RESTRICTED_POD,
            containers: [
              {
                name: 'coredns',
                image: platform.agentDns.image,
                args: ['-conf', '/etc/coredns/Corefile'],
                ports: [
                  { name: 'dns-udp', containerPort: PORTS.agentDnsUdp.target, protocol: 'UDP' },
                  { name: 'dns-tcp', containerPort: PORTS.agentDnsTcp.target, protocol: 'TCP' },
                  { name: 'metrics', containerPort: PORTS.metrics.target, protocol: 'TCP' },
                ],
                livenessProbe: { httpGet: { path: '/health', port: k8s.IntOrString.fromNumber(HEALTH_PORT) } },
                readinessProbe: { httpGet: { path: '/ready', port: k8s.IntOrString.fromNumber(READY_PORT) } },
                resources: {
                  requests: { cpu: k8s.Quantity.fromString('50m'), memory: k8s.Quantity.fromString('32Mi') },
                  limits: { memory: k8s.Quantity.fromString('128Mi') },
                },
                securityContext: {
                  ...RESTRICTED_CONTAINER,
                  // CoreDNS's image gives its binary this file capability; without it in the bounding set the kernel
                  // refuses to execute it ("exec /coredns: operation not permitted"). `restricted` allows it.
                  capabilities: { ...RESTRICTED_CONTAINER.capabilities, add: ['NET_BIND_SERVICE'] },
                },
                volumeMounts: [{ name: 'corefile', mountPath: '/etc/coredns', readOnly: true }],
              },
            ],
            volumes: [{ name: 'corefile', configMap: { name } }],
          },
        },
      },
    });
  }
}

/**
 * The Corefile for exactly these names: fixed addresses are answered by `template`, which needs no upstream at all;
 * the others are forwarded, exact name and A or AAAA only, since a label or a TXT query under them would be a tunnel.
 * What a forwarded query carries beside name and type (EDNS options, letter case) reaches cluster DNS unread.
 *
 * @param upstream cluster DNS, IP address
 */
export function corefile(names: readonly ResolvableName[], upstream: string): string {
  const port = PORTS.agentDnsUdp.target;
  const blocks = names.map(({ name, address }) => {
    const exact = `^${escape(name)}\\.$`;
    const lines =
      address === undefined
        ? [
            'acl {',
            '  allow type A',
            '  allow type AAAA',
            '  block',
            '}',
            `template ANY ANY ${name} {`,
            `  match "^.+\\.${escape(name)}\\.$"`,
            '  rcode REFUSED',
            '  fallthrough',
            '}',
            `forward . ${upstream}`,
            'cache 30',
          ]
        : [
            `template IN ${address.includes(':') ? 'AAAA' : 'A'} ${name} {`,
            `  match "${exact}"`,
            `  answer "{{ .Name }} 30 IN ${address.includes(':') ? 'AAAA' : 'A'} ${address}"`,
            '  fallthrough',
            '}',
            // An empty answer, not a refusal: resolvers ask for both families and give up on REFUSED.
            `template IN ${address.includes(':') ? 'A' : 'AAAA'} ${name} {`,
            `  match "${exact}"`,
            '  rcode NOERROR',
            '  fallthrough',
            '}',
            `template ANY ANY ${name} {`,
            '  rcode REFUSED',
            '}',
          ];
    return block(`${name}:${port}`, ['errors', `prometheus 0.0.0.0:${PORTS.metrics.target}`, ...lines]);
  });
  const rest = [
    'errors',
    `health 0.0.0.0:${HEALTH_PORT}`,
    `ready 0.0.0.0:${READY_PORT}`,
    `prometheus 0.0.0.0:${PORTS.metrics.target}`,
    'template ANY ANY . {',
    '  rcode REFUSED',
    '}',
  ];
  return [...blocks, block(`.:${port}`, rest)].join('\n');
}

const block = (zone: string, lines: readonly string[]): string =>
  `${zone} {\n${lines.map((line) => `  ${line}\n`).join('')}}\n`;

const escape = (name: string): string => name.replaceAll('.', '\\.');
