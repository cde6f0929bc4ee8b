import { METADATA_CIDRS } from '../../model/never.js';
import type { Modes } from '../../model/levels.js';
import { NAMESPACES, serviceHost } from '../../model/names.js';
import type { Platform } from '../../model/platform.js';
import type { Workspace } from '../../model/workspace.js';
import { callProbes } from './calls.js';
import type { Place, Probe, Target } from './probe.js';

/** What the list needs to know of the cluster and the world. */
export interface Surroundings {
  /** Addresses of nodes. */
  readonly nodes: readonly string[];
  /** Addresses of the front's pods. */
  readonly fronts: readonly string[];
  /** Addresses of pods of other workspaces. */
  readonly otherAgents: readonly string[];
  /** The Kubernetes API's Service. */
  readonly apiService?: string;
  /** Addresses of each system of record's host, of both families; absent where it could not be resolved. */
  readonly hosts: Readonly<Record<string, readonly string[]>>;
  /** Part of a name that nobody has asked for before: an answer to it cannot come from a cache. */
  readonly nonce: string;
}

/** Positive controls: what every agent reaches at every level. */
export const FRONT = 'front by its Service';
export const OWN_DNS = 'own DNS, the front’s name';
const controlAt = (from: 'elsewhere' | 'node'): string => `cluster DNS from ${from}`;

/** Servers that answer on the internet, of both families: for "port 53 to the world" and "anything at all". */
const WORLD = ['1.1.1.1', '2606:4700:4700::1111'] as const;

const show = (address: string, port: number): string => `${address.includes(':') ? `[${address}]` : address}:${port}`;

/**
 * Runbook Phase 4, step 5, items 1 to 4, for the modes that are in force: every denial is paired with something that
 * must succeed from the same place at the same time. Pure: who sends it, and from where, is the runner's.
 */
export function probesOf(
  platform: Platform,
  workspace: Workspace,
  modes: Modes,
  surroundings: Surroundings,
): readonly Probe[] {
  const { front, collector, cluster } = platform;
  const name = serviceHost('api-server', NAMESPACES.controlPlane, cluster.domain);
  const ask = (address: string, question: string, transport: 'udp' | 'tcp' = 'udp'): Target => ({
    address,
    port: 53,
    question,
    transport,
  });
  const never = (what: string, address: string, port: number, from: Place = 'agents'): Probe => ({
    name: `${what} ${show(address, port)}${from === 'agents' ? '' : ` from ${from}`}`,
    kind: 'tcp',
    target: { address, port },
    expect: 'denied',
    pairedWith: from === 'agents' ? FRONT : controlAt(from),
    ...(from !== 'agents' && { from }),
  });
  const resolver = platform.agentDns.mode === 'cilium' ? cluster.dns.clusterIP : workspace.dns.clusterIP;
  const strange = `${surroundings.nonce}.example.com`;
  const unresolved = (what: string, target: Target): Probe => ({
    name: what,
    kind: 'dns',
    target,
    expect: 'denied',
    pairedWith: OWN_DNS,
  });
  const open = modes.egress === 'shadow';
  return [
    { name: FRONT, kind: 'tcp', target: { address: front.clusterIP, port: 443 }, expect: 'allowed' },
    { name: 'collector', kind: 'tcp', target: { address: collector.clusterIP, port: 4317 }, expect: 'allowed' },
    { name: OWN_DNS, kind: 'dns', target: ask(resolver, name), expect: 'allowed' },
    ...workspace.systemsOfRecord.flatMap(({ host, ports }) => [
      ...(surroundings.hosts[host] ?? []).flatMap((address) =>
        ports.map((port): Probe => {
          const probe = never(`system of record ${host}`, address, port);
          return open ? { name: probe.name, kind: 'tcp', target: probe.target, expect: 'allowed' } : probe;
        }),
      ),
      ...(open ? [] : [unresolved(`the name ${host}`, ask(resolver, host))]),
    ]),
    ...WORLD.flatMap((address) => [
      // Plain policies cannot open a system of record by name: while egress is open, its ports are open to the world.
      ...(open && !platform.network.cilium ? [] : [never('the internet', address, 443)]),
      unresolved(`DNS of ${address} over UDP`, ask(address, strange)),
      unresolved(`DNS of ${address} over TCP`, ask(address, strange, 'tcp')),
    ]),
    unresolved('a strange name', ask(resolver, strange)),
    unresolved('a strange name over TCP', ask(resolver, strange, 'tcp')),
    ...(resolver === cluster.dns.clusterIP
      ? []
      : [
          unresolved('cluster DNS over UDP', ask(cluster.dns.clusterIP, name)),
          unresolved('cluster DNS over TCP', ask(cluster.dns.clusterIP, name, 'tcp')),
        ]),
    ...METADATA.map((address) => never('metadata', address, 80)),
    ...surroundings.nodes.flatMap((node) => [10250, 22].map((port) => never('node', node, port))),
    ...(surroundings.nodes[0] === undefined ? [] : [icmp('ping of a node', surroundings.nodes[0])]),
    ...(surroundings.apiService === undefined ? [] : [never('API server', surroundings.apiService, 443)]),
    ...single(cluster.apiServerCidrs).map((address) => never('API server', address, cluster.apiServerPort)),
    ...surroundings.otherAgents.map((address) => never('another workspace’s agent', address, 9464)),
    never('front for people', front.peopleClusterIP, 443),
    ...(modes.mtls === 'enforce' ? [never('front by bearer token', front.bearerClusterIP, 443)] : []),
    ...surroundings.fronts.flatMap((address) =>
      (['agents', 'elsewhere', 'node'] as const).map((from) =>
        never('api-server past its sidecar', address, 8080, from),
      ),
    ),
    ...(['elsewhere', 'node'] as const).map((from): Probe => ({
      name: controlAt(from),
      kind: 'dns',
      target: ask(cluster.dns.clusterIP, name),
      expect: 'allowed',
      from,
    })),
    ...callProbes(platform, workspace, modes, FRONT),
  ];
}

/** One address of each range, and of link-local the one that clouds use. */
const METADATA: readonly string[] = [
  '169.254.169.254',
  ...METADATA_CIDRS.filter((cidr) => !cidr.startsWith('169.254.') && !cidr.startsWith('fe80')).map((cidr) =>
    cidr.slice(0, cidr.indexOf('/')),
  ),
];

const icmp = (name: string, address: string): Probe => ({
  name,
  kind: 'icmp',
  target: { address },
  expect: 'denied',
  pairedWith: FRONT,
});

/** The ranges that are one address. */
const single = (cidrs: readonly string[]): readonly string[] =>
  cidrs.filter((cidr) => /\/(32|128)$/.test(cidr)).map((cidr) => cidr.slice(0, cidr.indexOf('/')));
