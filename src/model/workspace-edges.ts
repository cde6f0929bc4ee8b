import { clusterDnsEdge, governs, same, tcp, vaultOf } from './edge-parts.js';
import { agentDnsOf, agentsOf, COMPONENTS, PORTS, type Edge, type Placement } from './edges.js';
import { LABELS } from './names.js';
import type { Platform } from './platform.js';
import type { Workspace } from './workspace.js';

/**
 * The edges of a workspace that both its own stack and the platform's render, each its own end, but that the workspace's
 * opens the platform's too where `isOpenedAtPlatform`.
 */
export function agentEdges(platform: Platform, placement: Placement): readonly Edge[] {
  const agents = agentsOf(placement);
  const dns = agentDnsOf(placement);
  const named = (name: string): string => `${placement.id}: ${name}`;
  const edges: Edge[] = [
    {
      id: named('agents to the front'),
      from: agents,
      to: COMPONENTS.apiServer,
      ports: [PORTS.front, PORTS.grpc],
      authenticates: 'the front demands an SVID of the exact SPIFFE ID, then a token of the same agent',
      mtls: 'SVID',
      forwards: governs,
      open: 'always',
    },
    {
      id: named('agents to the front by bearer token'),
      from: agents,
      to: COMPONENTS.apiServer,
      ports: [PORTS.bearer],
      authenticates: 'server TLS and the agent’s token alone',
      mtls: { not: 'for callers without an SVID, and open only while mtls is in shadow or relaxed' },
      forwards: governs,
      open: { whileShadow: 'mtls' },
    },
    {
      // The workers serve every workspace, so at their own end this is open always; at the front's while any opens it.
      id: named('workers to the front by bearer token'),
      from: COMPONENTS.worker,
      to: COMPONENTS.apiServer,
      ports: [PORTS.bearer],
      authenticates: 'server TLS and the worker’s token alone',
      mtls: { not: 'for callers without an SVID, and open only while mtls is in shadow or relaxed' },
      forwards: governs,
      open: { whileShadow: 'mtls' },
    },
    {
      id: named('agents to the collector'),
      from: agents,
      to: COMPONENTS.collector,
      ports: [PORTS.otlp],
      authenticates: 'nobody: the network policy alone says who may send',
      mtls: { not: 'telemetry carries no authority, and the collector has no sidecar yet: OTLP in plain' },
      forwards: { ...same, why: 'exports to the back ends of its own configuration only' },
      open: 'always',
    },
    {
      id: named('prometheus to the agents'),
      from: COMPONENTS.prometheus,
      to: agents,
      ports: [PORTS.metrics],
      authenticates: 'nobody: read-only metrics',
      mtls: { not: 'Prometheus has no SVID; metrics are read-only and hold no secret' },
      forwards: { ...same, why: 'an agent forwards only by its own egress, which is this matrix' },
      open: 'always',
    },
    {
      id: named('prometheus to the agents’ sidecars'),
      from: COMPONENTS.prometheus,
      to: agents,
      ports: [PORTS.sidecar],
      authenticates: 'nobody: read-only metrics',
      mtls: { not: 'Prometheus has no SVID; metrics are read-only and hold no secret' },
      forwards: { ...same, why: 'the sidecar serves metrics and probes there and nothing else' },
      open: 'always',
    },
    {
      id: named('front to the agents’ gateways'),
      from: COMPONENTS.apiServer,
      to: agents,
      ports: [PORTS.gateway],
      authenticates: 'the gateway, by the token that the control plane holds for it',
      mtls: { not: 'the control plane dials gateways by their own address and token, past its sidecar' },
      forwards: { ...same, why: 'an agent forwards only by its own egress, which is this matrix' },
      open: 'always',
    },
  ];
  if (platform.agentDns.mode === 'cilium') {
    edges.push(
      clusterDnsEdge(named('agents to DNS'), agents, platform, 'always', 'Cilium’s proxy passes exact names only'),
    );
  } else {
    edges.push(
      {
        id: named('agents to DNS'),
        from: agents,
        to: dns,
        ports: [PORTS.agentDnsUdp, PORTS.agentDnsTcp],
        authenticates: 'nobody: DNS has no caller identity',
        mtls: { not: 'DNS has no TLS; whoever is found by it proves itself afterwards' },
        forwards: { ...same, why: 'answers exact names of its own configuration and refuses all else' },
        open: 'always',
      },
      {
        id: named('prometheus to DNS'),
        from: COMPONENTS.prometheus,
        to: dns,
        ports: [PORTS.metrics],
        authenticates: 'nobody: read-only metrics',
        mtls: { not: 'Prometheus has no SVID; metrics are read-only and hold no secret' },
        forwards: { ...same, why: 'answers exact names of its own configuration and refuses all else' },
        open: 'always',
      },
      clusterDnsEdge(
        named('DNS to cluster DNS'),
        dns,
        platform,
        { whileShadow: 'egress' },
        'asked only for the declared SoR names',
      ),
    );
  }
  const vault = vaultOf(platform);
  if (vault && platform.vault) {
    edges.push({
      id: named('agents to Vault'),
      from: agents,
      to: vault,
      ports: [tcp(platform.vault.port)],
      authenticates: 'Vault authenticates the agent’s token',
      mtls: { not: 'Vault has TLS and authentication of its own' },
      forwards: { does: true, why: 'hands out SoR credentials until they are removed from the agents’ policies' },
      open: { whileShadow: 'egress' },
    });
  }
  return edges;
}

/** Every edge of a workspace: its agents' edges, each listening agent by name, and its systems of record. */
export function workspaceEdges(platform: Platform, workspace: Workspace): readonly Edge[] {
  const agents = agentsOf(workspace);
  const listening = (edge: Edge, listens: 'gateway' | 'metrics'): Edge[] =>
    workspace.agents
      .filter((agent) => agent.listens.includes(listens))
      .map((agent) => ({
        ...edge,
        id: `${edge.id}: ${agent.name}`,
        to: { ...agents, name: agent.name, labels: { ...agents.labels, [LABELS.agent]: agent.name } },
      }));
  const edges = agentEdges(platform, workspace).flatMap((edge) => {
    if (edge.to.name !== agents.name || edge.ports.includes(PORTS.sidecar)) return [edge];
    return listening(edge, edge.ports.includes(PORTS.gateway) ? 'gateway' : 'metrics');
  });
  const systems: Edge[] = workspace.systemsOfRecord.map(({ name, host, ports }) => ({
    id: `${workspace.id}: agents to ${name}`,
    from: agents,
    to: { kind: 'public', name, hosts: [host] },
    ports: ports.map(tcp),
    authenticates: 'the system of record, by credentials the agent still holds',
    mtls: { not: 'outside the trust domain' },
    forwards: { does: true, why: 'this is the bypass that enforcement closes' },
    open: { whileShadow: 'egress' },
  }));
  return [...edges, ...systems];
}
