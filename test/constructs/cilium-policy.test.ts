import { describe, expect, it } from 'vitest';
import { renderPlatform, renderWorkspace } from '../../src/charts/render.js';
import { keyOf, type KubeObject } from '../../src/model/kube-object.js';
import { LEVELS } from '../../src/model/levels.js';
import { LABELS } from '../../src/model/names.js';
import type { Platform } from '../../src/model/platform.js';
import type { Workspace } from '../../src/model/workspace.js';
import { ACME, PLATFORM } from '../model/examples.js';

const CILIUM: Platform = { ...PLATFORM, network: { ...PLATFORM.network, cilium: true } };
const CILIUM_DNS: Platform = { ...CILIUM, agentDns: { ...CILIUM.agentDns, mode: 'cilium' } };

interface Rule {
  readonly toEndpoints?: readonly { matchLabels: Record<string, string> }[];
  readonly toFQDNs?: readonly { matchName: string }[];
  readonly toCIDR?: readonly string[];
  readonly fromEndpoints?: readonly { matchLabels: Record<string, string> }[];
  readonly toPorts?: readonly {
    ports: readonly { port: string; protocol: string }[];
    rules?: { dns: readonly { matchName: string }[] };
  }[];
}
interface Spec {
  readonly endpointSelector: object;
  readonly enableDefaultDeny: object;
  readonly egress: readonly Rule[];
  readonly ingress: readonly Rule[];
}

const policies = (objects: readonly KubeObject[]): ReadonlyMap<string, Spec> =>
  new Map(
    objects
      .filter(({ kind }) => kind === 'CiliumNetworkPolicy')
      .map((object) => [object.metadata.name, object['spec'] as Spec]),
  );
const rendered = (platform: Platform, level: Workspace['level']): readonly KubeObject[] =>
  renderWorkspace(platform, { ...ACME, level });
const namespaced = (namespace: string, labels: Record<string, string>): object => ({
  matchLabels: {
    'k8s:io.kubernetes.pod.namespace': namespace,
    ...Object.fromEntries(Object.entries(labels).map(([key, value]) => [`k8s:${key}`, value])),
  },
});
const component = (namespace: string, name: string): object =>
  namespaced(namespace, { 'portarium.io/component': name });
const AGENTS = { 'k8s:portarium.io/role': 'agent', 'k8s:portarium.io/workspace': 'ws-acme' };
const DNS_SERVER = namespaced('portarium-agents', {
  'portarium.io/component': 'agent-dns-ws-acme',
  'portarium.io/workspace': 'ws-acme',
});
const ports = (...numbers: number[]): object[] => numbers.map((port) => ({ port: String(port), protocol: 'TCP' }));
const BOTH = [...ports(53, 1053), ...ports(53, 1053).map((port) => ({ ...port, protocol: 'UDP' }))];
const names = (...matchNames: string[]): object => ({ dns: matchNames.map((matchName) => ({ matchName })) });
const FRONT = 'api-server.portarium-control-plane.svc.cluster.local';
const BEARER = 'api-server-bearer.portarium-control-plane.svc.cluster.local';
const COLLECTOR = 'otel-collector.portarium-observability.svc.cluster.local';
const SYSTEMS = ['api.hubspot.com', 'erp.example.com', 'vault.vault.svc.cluster.local'];

describe('the agents’ standing CiliumNetworkPolicy', () => {
  it('opens the front, the collector and DNS by exact name, and isolates both directions', () => {
    expect(policies(rendered(CILIUM, 'enforced')).get('agents-ws-acme-allow')).toEqual({
      endpointSelector: { matchLabels: AGENTS },
      enableDefaultDeny: { egress: true, ingress: true },
      egress: [
        {
          toEndpoints: [component('portarium-control-plane', 'api-server')],
          toPorts: [{ ports: ports(443, 8443, 50051) }],
        },
        { toEndpoints: [component('portarium-observability', 'otel-collector')], toPorts: [{ ports: ports(4317) }] },
        { toEndpoints: [DNS_SERVER], toPorts: [{ ports: BOTH, rules: names(FRONT, COLLECTOR) }] },
      ],
      ingress: [
        { fromEndpoints: [component('portarium-observability', 'prometheus')], toPorts: [{ ports: ports(15020) }] },
      ],
    });
  });

  it('asks cluster DNS for the same exact names where Cilium filters them', () => {
    const { egress } = policies(rendered(CILIUM_DNS, 'enforced')).get('agents-ws-acme-allow')!;
    expect(egress[2]).toEqual({
      toEndpoints: [namespaced('kube-system', { 'k8s-app': 'kube-dns' })],
      toPorts: [
        {
          ports: [...ports(53), { port: '53', protocol: 'UDP' }],
          rules: names(FRONT, COLLECTOR),
        },
      ],
    });
  });
});

describe.each([
  ['agent-dns', CILIUM],
  ['Cilium’s DNS proxy', CILIUM_DNS],
])('a CiliumNetworkPolicy that opens egress, with %s,', (_what, platform) => {
  const { egress } = policies(rendered(platform, 'allowlist')).get('agents-ws-acme-open-egress')!;

  it('opens each system of record by exact name on its own ports', () => {
    expect(egress.filter(({ toFQDNs }) => toFQDNs)).toEqual([
      { toFQDNs: [{ matchName: 'erp.example.com' }], toPorts: [{ ports: ports(443, 8443) }] },
      { toFQDNs: [{ matchName: 'api.hubspot.com' }], toPorts: [{ ports: ports(443) }] },
    ]);
  });

  it('opens Vault', () => {
    expect(egress).toContainEqual({
      toEndpoints: [namespaced('vault', { app: 'vault' })],
      toPorts: [{ ports: ports(8200) }],
    });
  });

  it('lets the opened names be asked for: without that rule no name resolves and nothing is open', () => {
    const asking = egress.filter(({ toPorts }) => toPorts?.[0]?.rules);
    expect(asking.map(({ toPorts }) => toPorts![0]!.rules)).toEqual([names(...SYSTEMS)]);
  });
});

describe('a CiliumNetworkPolicy that opens the bearer listener', () => {
  it('opens its port and its name, and nothing else', () => {
    const { egress } = policies(rendered(CILIUM, 'authz')).get('agents-ws-acme-open-mtls')!;
    expect(egress).toEqual([
      { toEndpoints: [component('portarium-control-plane', 'api-server')], toPorts: [{ ports: ports(443, 8444) }] },
      { toEndpoints: [DNS_SERVER], toPorts: [{ ports: BOTH, rules: names(BEARER) }] },
    ]);
  });
});

describe('with Cilium', () => {
  const all = [CILIUM, CILIUM_DNS].flatMap((platform) => LEVELS.map((level) => rendered(platform, level)));

  it('no plain NetworkPolicy of a workspace opens port 53, which would void the DNS rules, or an address', () => {
    for (const { kind, spec } of all.flat()) {
      if (kind !== 'NetworkPolicy') continue;
      for (const { to, ports } of (spec as { egress: { to: object[]; ports: { port: number }[] }[] }).egress) {
        expect(ports.map(({ port }) => port)).not.toContain(53);
        for (const peer of to) expect(peer).not.toHaveProperty('ipBlock');
      }
    }
  });

  it('every rule to a DNS server carries exact names, never an empty list of them, which would let all pass', () => {
    for (const objects of all) {
      for (const { egress } of policies(objects).values()) {
        for (const { toPorts } of egress) {
          for (const { ports, rules } of toPorts ?? []) {
            if (!ports.some(({ port }) => port === '53')) continue;
            expect(rules?.dns.length).toBeGreaterThan(0);
            for (const name of rules!.dns) expect(name).toEqual({ matchName: expect.not.stringContaining('*') });
          }
        }
      }
    }
  });

  it('hosts are opened only by objects that say so, and only for as long', () => {
    for (const { kind, metadata, spec } of all.flat()) {
      if (kind !== 'CiliumNetworkPolicy' || !JSON.stringify(spec).includes('toFQDNs')) continue;
      expect(metadata.labels).toMatchObject({ [LABELS.opens]: 'egress' });
    }
    for (const platform of [CILIUM, CILIUM_DNS]) {
      expect(JSON.stringify(rendered(platform, 'enforced'))).not.toContain('toFQDNs');
    }
  });

  it('every peer is selected by namespace and by labels', () => {
    for (const { egress, ingress } of [...all, renderPlatform(CILIUM)].flatMap((objects) => [
      ...policies(objects).values(),
    ])) {
      for (const { toEndpoints = [], fromEndpoints = [] } of [...egress, ...ingress]) {
        for (const { matchLabels } of [...toEndpoints, ...fromEndpoints]) {
          expect(matchLabels).toHaveProperty(['k8s:io.kubernetes.pod.namespace']);
          expect(Object.keys(matchLabels).length).toBeGreaterThan(1);
        }
      }
    }
  });

  it('the deny baseline is doubled by one that Cilium reads by itself', () => {
    for (const objects of all) {
      expect(policies(objects).get('agent-deny-default-ws-acme')).toEqual({
        endpointSelector: {},
        enableDefaultDeny: { egress: true, ingress: true },
        egress: [{}],
        ingress: [{}],
      });
    }
    const platform = renderPlatform(CILIUM)
      .filter(({ kind, metadata }) => kind === 'CiliumNetworkPolicy' && metadata.name === 'deny-default')
      .map(({ metadata }) => metadata.namespace);
    expect(platform.length).toBe(5);
  });

  it('a workspace without systems of record opens no DNS at all for them', () => {
    const withoutVault = Object.fromEntries(
      Object.entries(CILIUM).filter(([key]) => key !== 'vault'),
    ) as unknown as Platform;
    const objects = renderWorkspace(withoutVault, { ...ACME, level: 'routing', systemsOfRecord: [] });
    expect(objects.filter(({ metadata }) => metadata.labels?.[LABELS.opens] === 'egress').map(keyOf)).toEqual([]);
  });

  it('without it, none is rendered', () => {
    const objects = [...renderPlatform(PLATFORM), ...rendered(PLATFORM, 'routing')];
    expect(
      objects.filter(({ apiVersion, kind }) => apiVersion === 'cilium.io/v2' || kind.startsWith('Cilium')),
    ).toEqual([]);
  });

  it('the front reaches the Kubernetes API by entity: Cilium’s address rules match neither nodes nor their processes', () => {
    const { egress } = policies(renderPlatform(CILIUM)).get('api-server-allow')!;
    expect(egress).toContainEqual({ toEntities: ['kube-apiserver'], toPorts: [{ ports: ports(443, 6443) }] });
    expect(JSON.stringify(egress)).not.toContain(PLATFORM.cluster.apiServerCidrs[0]);
  });

  it('workers get the systems of record by name too, and ask DNS where Cilium sees the answers', () => {
    const objects = renderPlatform(CILIUM);
    const { egress } = policies(objects).get('worker-allow')!;
    expect(egress.filter(({ toFQDNs }) => toFQDNs)).toEqual([
      {
        toFQDNs: [{ matchName: 'api.hubspot.com' }, { matchName: 'erp.example.com' }],
        toPorts: [{ ports: ports(443) }],
      },
    ]);
    expect(egress.filter(({ toPorts }) => toPorts?.some(({ rules }) => rules))).toEqual([
      {
        toEndpoints: [namespaced('kube-system', { 'k8s-app': 'kube-dns' })],
        toPorts: [{ ports: [...ports(53), { port: '53', protocol: 'UDP' }], rules: { dns: [{ matchPattern: '*' }] } }],
      },
    ]);
    const plain = objects.find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'worker-allow');
    expect(JSON.stringify(plain)).not.toMatch(/ipBlock|"port":53\b/);
  });
});
