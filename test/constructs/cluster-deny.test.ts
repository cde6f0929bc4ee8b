import { describe, expect, it } from 'vitest';
import { renderPlatform } from '../../src/charts/render.js';
import { intersect, isEmpty, NO_ADDRESSES, parseCidr, union } from '../../src/model/addresses.js';
import type { Edge } from '../../src/model/edges.js';
import { agentEdges, workspaceEdges } from '../../src/model/workspace-edges.js';
import type { KubeObject } from '../../src/model/kube-object.js';
import { METADATA_CIDRS } from '../../src/model/never.js';
import type { Platform } from '../../src/model/platform.js';
import { publicCidrs } from '../../src/model/public-addresses.js';
import { ACME, GLOBEX, PLATFORM } from '../model/examples.js';

const EVERYTHING: Platform = { ...PLATFORM, network: { cilium: true, clusterNetworkPolicy: true } };
const NODE_LOCAL: Platform = {
  ...PLATFORM,
  network: { cilium: false, clusterNetworkPolicy: true },
  cluster: { ...PLATFORM.cluster, dns: { ...PLATFORM.cluster.dns, nodeLocalAddress: '169.254.20.10' } },
};
const CILIUM_DNS: Platform = { ...EVERYTHING, agentDns: { ...EVERYTHING.agentDns, mode: 'cilium' } };

const objects = (platform: Platform, kind: string): readonly KubeObject[] =>
  renderPlatform(platform).filter((object) => object.kind === kind);

interface AdminRule {
  readonly name: string;
  readonly action: string;
  readonly to: readonly Record<string, unknown>[];
  readonly protocols?: readonly object[];
}
interface AdminSpec {
  readonly tier: string;
  readonly priority: number;
  readonly subject: { readonly namespaces: Selector };
  readonly egress: readonly AdminRule[];
}
interface Selector {
  readonly matchLabels?: Record<string, string>;
  readonly matchExpressions?: readonly { key: string; operator: string; values?: readonly string[] }[];
}

const admin = (platform: Platform): ReadonlyMap<string, AdminSpec> =>
  new Map(objects(platform, 'ClusterNetworkPolicy').map((each) => [each.metadata.name, each['spec'] as AdminSpec]));

describe('the Admin-tier ClusterNetworkPolicy', () => {
  it('denies what no level opens, to every agents’ namespace', () => {
    expect(admin(EVERYTHING).get('portarium-agents-never')).toEqual({
      tier: 'Admin',
      priority: 10,
      subject: { namespaces: named('portarium-agents', 'portarium-agents-globex') },
      egress: [
        {
          name: 'pass-dns',
          action: 'Pass',
          to: [
            {
              pods: {
                namespaceSelector: named('portarium-agents', 'portarium-agents-globex'),
                podSelector: {
                  matchExpressions: [
                    {
                      key: 'portarium.io/component',
                      operator: 'In',
                      values: ['agent-dns-ws-acme', 'agent-dns-ws-beta', 'agent-dns-ws-globex'],
                    },
                  ],
                },
              },
            },
            {
              pods: {
                namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
                podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
              },
            },
          ],
          protocols: DNS,
        },
        { name: 'port-53-elsewhere', action: 'Deny', to: [{ networks: ['0.0.0.0/0', '::/0'] }], protocols: DNS },
        { name: 'metadata', action: 'Deny', to: [{ networks: METADATA_CIDRS }] },
        { name: 'nodes', action: 'Deny', to: [{ networks: ['10.0.0.0/24', '35.200.7.0/24'] }] },
        { name: 'kubernetes-api', action: 'Deny', to: [{ networks: ['10.96.0.1/32', '35.190.1.1/32'] }] },
      ],
    });
  });

  it('isolates each agents’ namespace from all but those that the edge matrix names', () => {
    expect(admin(EVERYTHING).get('portarium-agents-isolated-portarium-agents')).toEqual({
      tier: 'Admin',
      priority: 20,
      subject: { namespaces: named('portarium-agents') },
      egress: [
        {
          name: 'other-namespaces',
          action: 'Deny',
          to: [
            {
              namespaces: {
                matchExpressions: [
                  { key: 'kubernetes.io/metadata.name', operator: 'Exists' },
                  {
                    key: 'kubernetes.io/metadata.name',
                    operator: 'NotIn',
                    values: [
                      'kube-system',
                      'portarium-agents',
                      'portarium-control-plane',
                      'portarium-observability',
                      'vault',
                    ],
                  },
                ],
              },
            },
          ],
        },
      ],
    });
  });

  it('never accepts: an Accept would take the decision from every policy below', () => {
    for (const platform of [EVERYTHING, NODE_LOCAL, CILIUM_DNS]) {
      for (const { egress } of admin(platform).values()) {
        for (const { action } of egress) expect(['Deny', 'Pass']).toContain(action);
      }
    }
  });

  it('passes DNS on to NodeLocal DNSCache, although its address is link-local', () => {
    const { egress } = admin(NODE_LOCAL).get('portarium-agents-never')!;
    expect(egress[0]).toMatchObject({ action: 'Pass', protocols: DNS });
    expect(egress[0]!.to[1]).toEqual({ networks: ['169.254.20.10/32'] });
  });

  it('is split where a rule would hold more than 25 networks', () => {
    const nodeCidrs = Array.from({ length: 60 }, (_each, index) => `10.1.${index}.0/24`);
    const many = { ...EVERYTHING, cluster: { ...EVERYTHING.cluster, nodeCidrs } };
    const rules = admin(many)
      .get('portarium-agents-never')!
      .egress.filter(({ name }) => name.startsWith('nodes'));
    expect(rules.map(({ name }) => name)).toEqual(['nodes', 'nodes-2', 'nodes-3']);
    const networks = rules.flatMap(({ to }) => to.flatMap((peer) => peer['networks'] as string[]));
    expect(networks.sort()).toEqual([...nodeCidrs].sort());
    for (const { to } of rules) expect((to[0]!['networks'] as string[]).length).toBeLessThanOrEqual(25);
  });

  it('is kept by every engine, and rendered only where the cluster has the kind', () => {
    for (const { metadata } of objects(EVERYTHING, 'ClusterNetworkPolicy')) {
      expect(metadata.labels).toMatchObject({ 'portarium.io/keep': 'baseline' });
    }
    expect(objects(PLATFORM, 'ClusterNetworkPolicy')).toEqual([]);
    expect(objects({ ...EVERYTHING, workspaces: [] }, 'ClusterNetworkPolicy')).toEqual([]);
  });
});

describe('nothing that a level may open is denied by a tier that an allow cannot override:', () => {
  const publicAddresses = union(NO_ADDRESSES, ...publicCidrs(EVERYTHING).map((cidr) => parseCidr(cidr)));
  const edges = (platform: Platform): readonly Edge[] =>
    [ACME, GLOBEX].flatMap((workspace) => workspaceEdges(platform, workspace)).filter(leavesAgents);

  it.each([
    ['agent-dns', EVERYTHING],
    ['NodeLocal DNSCache', NODE_LOCAL],
    ['Cilium’s DNS', CILIUM_DNS],
  ])('ClusterNetworkPolicy, with %s', (_what, platform) => {
    const specs = [...admin(platform).values()].sort((a, b) => a.priority - b.priority);
    for (const edge of edges(platform)) {
      for (const port of edge.ports.flatMap(({ protocol, service, target }) =>
        [service, target].map((number) => ({ protocol, number })),
      )) {
        const rules = specs
          .filter(({ subject }) => selects(subject.namespaces, namespaceOf(edge.from)))
          .flatMap(({ egress }) => egress);
        const first = rules.find((rule) => matchesAdmin(rule, edge, port.protocol, port.number));
        expect([edge.id, port.number, first?.action ?? 'no rule']).toEqual([
          edge.id,
          port.number,
          expect.stringMatching(/^(Pass|no rule)$/),
        ]);
      }
    }
  });

  it.each([
    ['agent-dns', EVERYTHING],
    ['Cilium’s DNS', CILIUM_DNS],
  ])('CiliumClusterwideNetworkPolicy, with %s', (_what, platform) => {
    for (const { spec } of objects(platform, 'CiliumClusterwideNetworkPolicy')) {
      const { endpointSelector, egressDeny } = spec as CiliumSpec;
      for (const edge of edges(platform)) {
        if (endpointSelector.matchLabels?.[POD_NAMESPACE] !== namespaceOf(edge.from)) continue;
        for (const rule of egressDeny) expect([edge.id, deniedByCilium(rule, edge)]).toEqual([edge.id, false]);
      }
    }
  });

  it('public addresses hold none that is denied whatever the port', () => {
    const denied = [...admin(EVERYTHING).values()]
      .flatMap(({ egress }) => egress)
      .filter(({ protocols }) => protocols === undefined)
      .flatMap(({ to }) => to.flatMap((peer) => (peer['networks'] as string[] | undefined) ?? []));
    expect(denied.length).toBeGreaterThan(5);
    for (const cidr of denied) expect(isEmpty(intersect(publicAddresses, parseCidr(cidr)))).toBe(true);
  });

  function matchesAdmin(rule: AdminRule, edge: Edge, protocol: string, port: number): boolean {
    const protocols = rule.protocols as Record<string, { destinationPort: { number: number } }>[] | undefined;
    if (protocols?.every((each) => each[protocol.toLowerCase()]?.destinationPort.number !== port)) return false;
    return rule.to.some((peer) => {
      const to = edge.to;
      if (to.kind === 'pods') {
        const { pods, namespaces } = peer as { pods?: Record<string, Selector>; namespaces?: Selector };
        if (namespaces) return selects(namespaces, to.namespace);
        if (pods) {
          const labels = { ...to.labels };
          return selects(pods['namespaceSelector']!, to.namespace) && selects(pods['podSelector']!, undefined, labels);
        }
        // `networks` matches pods too, by their addresses; of the pods' network only "everything" holds any.
        return (peer['networks'] as string[]).includes('0.0.0.0/0');
      }
      const networks = peer['networks'] as string[] | undefined;
      if (networks === undefined) return false;
      const there = to.kind === 'public' ? publicAddresses : union(...to.cidrs.map((cidr) => parseCidr(cidr)));
      return networks.some((cidr) => !isEmpty(intersect(there, parseCidr(cidr))));
    });
  }
});

const POD_NAMESPACE = 'k8s:io.kubernetes.pod.namespace';

interface CiliumSpec {
  readonly endpointSelector: Selector;
  readonly enableDefaultDeny: object;
  readonly egressDeny: readonly {
    readonly toCIDR?: readonly string[];
    readonly toEntities?: readonly string[];
    readonly toEndpoints?: readonly Selector[];
    readonly toPorts?: readonly { ports: readonly { port: string }[] }[];
  }[];
}

describe('the CiliumClusterwideNetworkPolicy', () => {
  it('denies the same for each agents’ namespace, and isolates nobody by itself', () => {
    const [first, ...rest] = objects(EVERYTHING, 'CiliumClusterwideNetworkPolicy');
    expect(rest.length).toBe(1);
    expect(first!.metadata).toMatchObject({
      name: 'portarium-agents-never-portarium-agents',
      labels: { 'portarium.io/keep': 'baseline' },
    });
    expect(first!['spec']).toEqual({
      endpointSelector: { matchLabels: { [POD_NAMESPACE]: 'portarium-agents' } },
      enableDefaultDeny: { egress: false, ingress: false },
      egressDeny: [
        { toCIDR: [...METADATA_CIDRS, '10.0.0.0/24', '35.200.7.0/24', '10.96.0.1/32', '35.190.1.1/32'] },
        { toEntities: ['host', 'remote-node', 'kube-apiserver'] },
        {
          toEntities: ['world'],
          toPorts: [
            {
              ports: [
                { port: '53', protocol: 'UDP' },
                { port: '53', protocol: 'TCP' },
              ],
            },
          ],
        },
        {
          toEndpoints: [
            {
              matchExpressions: [
                { key: POD_NAMESPACE, operator: 'Exists' },
                {
                  key: POD_NAMESPACE,
                  operator: 'NotIn',
                  values: [
                    'kube-system',
                    'portarium-agents',
                    'portarium-control-plane',
                    'portarium-observability',
                    'vault',
                  ],
                },
              ],
            },
          ],
        },
      ],
    });
  });
});

const DNS = [{ udp: { destinationPort: { number: 53 } } }, { tcp: { destinationPort: { number: 53 } } }];

function named(...values: string[]): Selector {
  return { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values }] };
}

function leavesAgents({ from }: Edge): boolean {
  return from.kind === 'pods' && from.namespace.startsWith('portarium-agents');
}

function namespaceOf(end: Edge['from']): string {
  return end.kind === 'pods' ? end.namespace : '';
}

function selects(selector: Selector, namespace: string | undefined, labels: Record<string, string> = {}): boolean {
  const has: Record<string, string> = namespace === undefined ? labels : { 'kubernetes.io/metadata.name': namespace };
  return (
    Object.entries(selector.matchLabels ?? {}).every(([key, value]) => has[key] === value) &&
    (selector.matchExpressions ?? []).every(({ key, operator, values }) => {
      if (operator === 'Exists') return key in has;
      if (operator === 'In') return values!.includes(has[key] ?? '');
      if (operator === 'NotIn') return !values!.includes(has[key] ?? '');
      throw new Error(`operator ${operator} is not known here`);
    })
  );
}

function deniedByCilium({ toCIDR, toEntities, toEndpoints, toPorts }: CiliumSpec['egressDeny'][number], edge: Edge) {
  const port53 = edge.ports.some(({ service, target }) => service === 53 || target === 53);
  if (edge.to.kind === 'pods') {
    const { namespace } = edge.to;
    return (
      toEndpoints?.some(({ matchExpressions = [] }) =>
        matchExpressions.every(({ operator, values }) => operator === 'Exists' || !values!.includes(namespace)),
      ) ?? false
    );
  }
  if (toEntities) return toEntities.includes('world') && (toPorts === undefined || port53);
  const cidrs = edge.to.kind === 'public' ? publicCidrs(EVERYTHING) : edge.to.cidrs;
  return (toCIDR ?? []).some((cidr) => cidrs.some((there) => !isEmpty(intersect(parseCidr(cidr), parseCidr(there)))));
}

describe('the edges of every workspace', () => {
  it('are known to the platform without that workspace’s stack', () => {
    for (const workspace of [ACME, GLOBEX]) {
      const ids = workspaceEdges(EVERYTHING, workspace).map(({ id }) => id);
      for (const { id } of agentEdges(EVERYTHING, workspace)) expect(ids.some((own) => own.startsWith(id))).toBe(true);
    }
  });
});
