import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  agentsOf,
  agentDnsOf,
  COMPONENTS,
  isOpen,
  isOpenedAtPlatform,
  openEdges,
  PORTS,
} from '../../src/model/edges.js';
import { platformEdges } from '../../src/model/platform-edges.js';
import { workspaceEdges } from '../../src/model/workspace-edges.js';
import { resolvableNames } from '../../src/model/resolvable-names.js';
import type { Edge } from '../../src/model/edges.js';
import { atLeast, CONTROLS, LEVELS, modes, modesAt } from '../../src/model/levels.js';
import type { Modes } from '../../src/model/levels.js';
import { NAMESPACES } from '../../src/model/names.js';
import type { Platform } from '../../src/model/platform.js';
import { ACME, GLOBEX, PLATFORM } from './examples.js';

const CILIUM_DNS: Platform = {
  ...PLATFORM,
  network: { ...PLATFORM.network, cilium: true },
  agentDns: { ...PLATFORM.agentDns, mode: 'cilium' },
};
const NODE_LOCAL: Platform = {
  ...PLATFORM,
  cluster: { ...PLATFORM.cluster, dns: { ...PLATFORM.cluster.dns, nodeLocalAddress: '169.254.20.10' } },
};

const agents = agentsOf(ACME).name;
const anyModes = fc
  .subarray([...CONTROLS])
  .map((enforced) => modes((control) => (enforced.includes(control) ? 'enforce' : 'shadow')));

/** `agents to the front TCP 443>8443 TCP 50051>50051`, for a reader. */
const line = ({ id, ports }: Edge): string =>
  [id, ...ports.map(({ protocol, service, target }) => `${protocol} ${service}>${target}`)].join(' ');
const leaving = (edges: readonly Edge[], modes: Modes): string[] =>
  openEdges(edges, modes)
    .filter(({ from }) => from.name === agents)
    .map(line);

describe('the edges that leave an agent', () => {
  it('are the front, the collector and DNS at `enforced`, and nothing else', () => {
    expect(leaving(workspaceEdges(PLATFORM, ACME), modesAt('enforced'))).toEqual([
      'ws-acme: agents to the front TCP 443>8443 TCP 50051>50051',
      'ws-acme: agents to the collector TCP 4317>4317',
      'ws-acme: agents to DNS UDP 53>1053 TCP 53>1053',
    ]);
  });

  it('are those exactly which are open always', () => {
    const standing = workspaceEdges(PLATFORM, ACME).filter(({ open }) => open === 'always');
    expect(openEdges(workspaceEdges(PLATFORM, ACME), modesAt('enforced'))).toEqual(standing);
  });

  it('lead to pods by component label, never to an address or a host, at `enforced`', () => {
    for (const platform of [PLATFORM, CILIUM_DNS, NODE_LOCAL]) {
      for (const edge of openEdges(workspaceEdges(platform, ACME), modesAt('enforced'))) {
        if (edge.from.name === agents) expect(edge.to).toMatchObject({ kind: 'pods', namespace: expect.any(String) });
      }
    }
  });

  it('add the bearer listener while mtls is in shadow, and close it when it enforces', () => {
    const bearer = 'ws-acme: agents to the front by bearer token TCP 443>8444';
    fc.assert(
      fc.property(anyModes, (wanted) => {
        const edges = leaving(workspaceEdges(PLATFORM, ACME), wanted);
        expect(edges.includes(bearer)).toBe(wanted.mtls === 'shadow');
      }),
    );
  });

  it('add Vault and the declared systems of record while egress is in shadow', () => {
    const closed = leaving(workspaceEdges(PLATFORM, ACME), modesAt('enforced'));
    const open = leaving(workspaceEdges(PLATFORM, ACME), modesAt('allowlist'));
    expect(open.filter((edge) => !closed.includes(edge))).toEqual([
      'ws-acme: agents to Vault TCP 8200>8200',
      'ws-acme: agents to hubspot TCP 443>443',
      'ws-acme: agents to erp TCP 8443>8443 TCP 443>443',
    ]);
  });

  it('never go to the world on port 53', () => {
    for (const { to, ports } of workspaceEdges(PLATFORM, ACME)) {
      if (to.kind === 'public') expect(ports.map(({ service }) => service)).not.toContain(53);
    }
  });

  it('never go to another workspace', () => {
    for (const { from, to } of workspaceEdges(PLATFORM, ACME)) {
      for (const end of [from, to]) {
        expect([agentsOf(GLOBEX).name, agentDnsOf(GLOBEX).name]).not.toContain(end.name);
        expect(end).not.toMatchObject({ namespace: GLOBEX.namespace });
      }
    }
  });
});

describe('any edge matrix', () => {
  const matrices = [PLATFORM, CILIUM_DNS, NODE_LOCAL].flatMap((platform) => [
    workspaceEdges(platform, ACME),
    platformEdges(platform),
  ]);

  it('opens at stricter modes nothing that looser ones close', () => {
    fc.assert(
      fc.property(fc.constantFrom(...matrices), anyModes, anyModes, (edges, a, b) => {
        if (!atLeast(a, b)) return;
        const loose = openEdges(edges, b);
        expect(openEdges(edges, a).every((edge) => loose.includes(edge))).toBe(true);
      }),
    );
  });

  it('names each edge once', () => {
    for (const edges of matrices) {
      const ids = edges.map(({ id }) => id);
      expect(ids).toEqual([...new Set(ids)]);
    }
  });

  it('says of each edge who authenticates whom and why it forwards or not', () => {
    for (const edge of matrices.flat()) {
      expect(edge.authenticates).not.toBe('');
      expect(edge.forwards.why).not.toBe('');
      expect(edge.ports.length).toBeGreaterThan(0);
    }
  });

  it('selects pods by at least one label and ties every label of ours to one service account', () => {
    for (const end of matrices.flat().flatMap(({ from, to }) => [from, to])) {
      if (end.kind !== 'pods') continue;
      expect(Object.keys(end.labels)).not.toEqual([]);
      const ours = Object.keys(end.labels).includes('portarium.io/component');
      if (ours) expect(end.serviceAccount).toBe(end.labels['portarium.io/component']);
    }
  });
});

describe('DNS', () => {
  it('is asked of agent-dns, which asks cluster DNS only while egress is in shadow', () => {
    const asks = (modes: Modes): string[] =>
      openEdges(workspaceEdges(PLATFORM, ACME), modes)
        .filter(({ to }) => to.name === 'cluster-dns')
        .map(({ from }) => from.name);
    expect(asks(modesAt('allowlist'))).toEqual(['agent-dns-ws-acme']);
    expect(asks(modesAt('enforced'))).toEqual([]);
  });

  it('is asked of cluster DNS itself where Cilium filters names', () => {
    const dns = workspaceEdges(CILIUM_DNS, ACME).filter(({ ports }) => ports.some(({ service }) => service === 53));
    expect(dns.map(line)).toEqual(['ws-acme: agents to DNS UDP 53>53 TCP 53>53']);
    expect(dns[0]!.to).toMatchObject({ namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } });
  });

  it('goes to exactly one address where the node caches DNS', () => {
    const dns = workspaceEdges(NODE_LOCAL, ACME).find(({ id }) => id === 'ws-acme: DNS to cluster DNS');
    expect(dns?.to).toEqual({ kind: 'addresses', name: 'node-local-dns', cidrs: ['169.254.20.10/32'] });
    const six = { ...NODE_LOCAL.cluster, dns: { ...NODE_LOCAL.cluster.dns, nodeLocalAddress: 'fd00::53' } };
    const edges = workspaceEdges({ ...NODE_LOCAL, cluster: six }, ACME);
    expect(edges.find(({ id }) => id === 'ws-acme: DNS to cluster DNS')?.to).toMatchObject({ cidrs: ['fd00::53/128'] });
  });

  it('resolves the front and the collector always, to fixed addresses', () => {
    const names = resolvableNames(PLATFORM, ACME).filter(({ open }) => isOpen(open, modesAt('enforced')));
    expect(names).toEqual([
      { name: 'api-server.portarium-control-plane.svc.cluster.local', address: '10.96.80.1', open: 'always' },
      { name: 'otel-collector.portarium-observability.svc.cluster.local', address: '10.96.80.4', open: 'always' },
    ]);
  });

  it('resolves the bearer listener only while mtls is in shadow, hosts and Vault only while egress is', () => {
    const opened = (control: string): string[] =>
      resolvableNames(PLATFORM, ACME)
        .filter(({ open }) => open !== 'always' && open.whileShadow === control)
        .map(({ name }) => name);
    expect(opened('mtls')).toEqual(['api-server-bearer.portarium-control-plane.svc.cluster.local']);
    expect(opened('egress')).toEqual(['api.hubspot.com', 'erp.example.com', 'vault.vault.svc.cluster.local']);
    expect(opened('authz').concat(opened('allowlist'))).toEqual([]);
  });

  it('resolves no name of a system that another workspace declares', () => {
    expect(resolvableNames(PLATFORM, ACME).map(({ name }) => name)).not.toContain('api.zendesk.com');
  });
});

describe('the edges that reach an agent', () => {
  it('are Prometheus to every sidecar, and the front and Prometheus to the agents that listen', () => {
    const reaching = workspaceEdges(PLATFORM, ACME).filter(({ to }) => isAgent(to.name));
    expect(reaching.map(line).sort()).toEqual([
      'ws-acme: front to the agents’ gateways: invoice-clerk TCP 18789>18789',
      'ws-acme: prometheus to the agents: invoice-clerk TCP 9464>9464',
      'ws-acme: prometheus to the agents: sales-bot TCP 9464>9464',
      'ws-acme: prometheus to the agents’ sidecars TCP 15020>15020',
    ]);
  });

  it('stay closed for an agent that listens for nothing, but for its sidecar’s metrics', () => {
    for (const { to, ports } of workspaceEdges(PLATFORM, ACME)) {
      expect(to.name).not.toBe('report-reader');
      if (to.name === agents) expect(ports).toEqual([PORTS.sidecar]);
    }
  });
});

describe('the platform’s edges', () => {
  const edges = platformEdges(PLATFORM);
  const between = (from: string, to: string): string[] =>
    edges.filter((edge) => edge.from.name === from && edge.to.name === to).map(line);

  it('let nobody but agents, workers and the ingress gateway call the front', () => {
    const callers = edges
      .filter(({ from, to }) => to.name === 'api-server' && from.name !== 'prometheus')
      .map(({ from }) => from.name);
    expect([...new Set(callers)].sort()).toEqual([
      'agents-ws-acme',
      'agents-ws-beta',
      'agents-ws-globex',
      'ingress-gateway',
      'worker',
    ]);
    expect(between('ingress-gateway', 'api-server')).toEqual(['people to the front TCP 443>8445']);
  });

  it('let the front and SPIRE’s server reach the Kubernetes API, as the Service and as its endpoints', () => {
    const dialling = edges.filter(({ to }) => to.name === 'kubernetes-api');
    expect(dialling.map(line)).toEqual([
      'front to the Kubernetes API TCP 443>6443',
      'spire-server to the Kubernetes API TCP 443>6443',
    ]);
    expect(dialling[0]).toMatchObject({ from: COMPONENTS.apiServer, to: { cidrs: PLATFORM.cluster.apiServerCidrs } });
    const elsewhere = platformEdges({ ...PLATFORM, cluster: { ...PLATFORM.cluster, apiServerPort: 443 } });
    expect(elsewhere.filter(({ to }) => to.name === 'kubernetes-api').map(line)).toEqual([
      'front to the Kubernetes API TCP 443>443',
      'spire-server to the Kubernetes API TCP 443>443',
    ]);
  });

  it('are opened by workspaces at the front’s bearer port alone, for their agents and the workers', () => {
    for (const platform of [PLATFORM, CILIUM_DNS, NODE_LOCAL]) {
      const opened = workspaceEdges(platform, ACME).filter(isOpenedAtPlatform);
      expect(opened.map(line)).toEqual([
        'ws-acme: agents to the front by bearer token TCP 443>8444',
        'ws-acme: workers to the front by bearer token TCP 443>8444',
      ]);
      for (const { open, to } of opened) expect([open, to]).toEqual([{ whileShadow: 'mtls' }, COMPONENTS.apiServer]);
    }
    const others = edges.filter((edge) => !isOpenedAtPlatform(edge) && edge.open !== 'always');
    expect(others.map(({ to }) => to.name).filter(isPlatforms)).toEqual([]);
  });

  it('let only workers out to the systems of record', () => {
    const out = edges.filter(({ to }) => to.kind === 'public').map(({ from, to }) => [from.name, to.name]);
    expect(out).toEqual([['worker', 'systems-of-record']]);
  });

  it('open the collector to no sender of its own choice: nothing leaves it but DNS and its declared peers', () => {
    const leaving = edges.filter(({ from }) => from.name === 'otel-collector').map(line);
    expect(leaving).toEqual(['otel-collector to cluster DNS UDP 53>53 TCP 53>53']);
  });

  it('name the same ends as the workspaces’ own stacks, for every workspace', () => {
    for (const workspace of [ACME, GLOBEX]) {
      const shared = workspaceEdges(PLATFORM, workspace).filter(
        ({ from, to }) => isPlatforms(from.name) || isPlatforms(to.name),
      );
      for (const edge of shared) {
        expect(edges.some((other) => line(edge).startsWith(other.id) && samePorts(other, edge))).toBe(true);
      }
    }
  });

  it('include what a peer is declared for, and nothing without it', () => {
    expect(between('api-server', 'identity-provider')).toEqual(['api-server to identity-provider TCP 443>443']);
    expect(between('openfga', 'postgres')).toEqual(['openfga to postgres TCP 5432>5432']);
    const without = platformEdges({ ...PLATFORM, peers: [] }).map(({ id }) => id);
    expect(edges.map(({ id }) => id).filter((id) => !without.includes(id))).toEqual([
      'api-server to identity-provider',
      'openfga to postgres',
      'openfga-migration to postgres',
    ]);
  });

  it('let OpenFGA be asked by the front and by Prometheus, by nobody else, and send nothing on', () => {
    const ends = (own: 'from' | 'to') =>
      edges
        .filter((edge) => edge[own].name === 'openfga')
        .map((edge) => `${edge[own === 'to' ? 'from' : 'to'].name} ${edge.ports.map(({ target }) => target).join()}`);
    expect(ends('to')).toEqual(['api-server 8080', 'prometheus 2112']);
    expect(ends('from')).toEqual(['cluster-dns 53,53', 'postgres 5432']);
  });

  it('give OpenFGA’s migration its database and DNS alone, and only where there is a schema', () => {
    const peers = [
      { ...PLATFORM.peers.find(({ component }) => component === 'openfga')!, ports: [5432, 6432] },
      { ...PLATFORM.peers[0]!, name: 'tracing', component: 'openfga' as const },
    ];
    const migrations = (openfga: Partial<typeof PLATFORM.openfga>) =>
      platformEdges({ ...PLATFORM, peers, openfga: { ...PLATFORM.openfga, ...openfga } })
        .filter(({ from, to }) => [from.name, to.name].includes('openfga-migration'))
        .map(({ to, ports }) => `${to.name} ${ports.map(({ target }) => target).join()}`);
    expect(migrations({})).toEqual(['cluster-dns 53,53', 'postgres 5432']);
    expect(migrations({ datastore: { type: 'memory' }, replicas: 1 })).toEqual([]);
  });

  it('stand only between the namespaces that are named in config or by the program', () => {
    const known = [
      ...Object.values(NAMESPACES),
      ...PLATFORM.workspaces.map(({ namespace }) => namespace),
      ...['kube-system', 'ingress', 'vault', 'databases'],
    ];
    for (const { from, to } of edges) {
      for (const end of [from, to]) if (end.kind === 'pods') expect(known).toContain(end.namespace);
    }
  });
});

function samePorts(a: Edge, b: Edge): boolean {
  return JSON.stringify(a.ports) === JSON.stringify(b.ports);
}

function isAgent(name: string): boolean {
  return ACME.agents.some((agent) => agent.name === name) || name === agents;
}

function isPlatforms(name: string): boolean {
  return Object.values(COMPONENTS).some((component) => component.name === name);
}

describe('a level', () => {
  it('opens what every higher one opens', () => {
    for (const edges of [workspaceEdges(PLATFORM, ACME), workspaceEdges(CILIUM_DNS, ACME)]) {
      LEVELS.slice(1).forEach((level, index) => {
        const lower = openEdges(edges, modesAt(LEVELS[index]!));
        for (const edge of openEdges(edges, modesAt(level))) expect(lower).toContain(edge);
      });
    }
  });
});
