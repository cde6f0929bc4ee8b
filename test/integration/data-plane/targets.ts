import { addresses } from '../../../lab/data-plane/addresses.js';
import type { Probe } from '../../../lab/data-plane/place.js';
import { labNetwork } from '../../../lab/control-plane.js';
import { modesAt, type Control, type Level } from '../../../src/model/levels.js';
import { SYSTEM_OF_RECORD, type Cast } from './cast.js';
import type { Samples } from './fixture.js';
import { to } from './pods.js';

/** When an agent reaches a target: always, never, or while that control is in shadow or relaxed. */
export type Open = 'always' | 'never' | Control;

export interface Target extends Probe {
  readonly open: Open;
  /** What shows from the node, which no policy keeps from its own pods, that the target answers. */
  readonly alive: Probe;
}

/** A name that every agent-dns answers. */
const FRONT_HOST = 'api-server.portarium-control-plane.svc.cluster.local';

type Protocol = Probe['protocol'];

/** What an agent of ws-acme may and may not reach, at every level: the edge matrix by hand, and the runbook's step 5. */
export function targets({ platform, plane }: Samples, { pods }: Cast): readonly Target[] {
  const { front, collector, cluster } = platform;
  const at = (id: string, open: Open, protocol: Protocol, address: string, port: number): Target => {
    const probe = to(id, protocol, address, port);
    return { ...probe, open, alive: probe };
  };
  /** The node has nobody who translates Services for it. */
  const service = (id: string, open: Open, protocol: Protocol, address: string, port: number, pod: string): Target => {
    const [host = '', target = ''] = pod.split(/:(?=\d+$)/);
    return { ...to(id, protocol, address, port), open, alive: to(id, protocol, host, Number(target)) };
  };
  /** The DNS server of a Service, asked for a name. */
  const named = (id: string, open: Open, address: string, pod: string, name: string): Target => {
    const probe = service(id, open, 'dns', address, 53, pod);
    return { ...probe, name, alive: { ...probe.alive, name } };
  };
  const apiPort = Number(new URL(plane.lab.server).port);
  const [frontPod, dns, globexDns, clusterDns] = [pods.front, pods.dns, pods.globexDns, pods.clusterDns].map(
    ({ address }) => address,
  );
  return [
    service('front, Service', 'always', 'tcp', front.clusterIP, 443, `${frontPod}:8443`),
    service('front, gRPC', 'always', 'tcp', front.clusterIP, 50051, `${frontPod}:50051`),
    at('front, pod', 'always', 'tcp', pods.front.address, 8443),
    service('front by bearer token', 'mtls', 'tcp', front.bearerClusterIP, 443, `${frontPod}:8444`),
    at('front by bearer token, pod', 'mtls', 'tcp', pods.front.address, 8444),
    service('front for people', 'never', 'tcp', front.peopleClusterIP, 443, `${frontPod}:8445`),
    at('front for people, pod', 'never', 'tcp', pods.front.address, 8445),
    at('api-server past its sidecar', 'never', 'tcp', pods.front.address, 8080),
    service('collector', 'always', 'tcp', collector.clusterIP, 4317, `${pods.collector.address}:4317`),
    at('collector, another port', 'never', 'tcp', pods.collector.address, 4318),
    named('agent-dns, UDP', 'always', '10.96.53.1', `${dns}:1053`, FRONT_HOST),
    service('agent-dns, TCP', 'always', 'tcp', '10.96.53.1', 53, `${dns}:1053`),
    named('agent-dns of another workspace', 'never', '10.96.53.2', `${globexDns}:1053`, FRONT_HOST),
    named('cluster DNS, UDP', 'never', cluster.dns.clusterIP, `${clusterDns}:53`, SYSTEM_OF_RECORD),
    service('cluster DNS, TCP', 'never', 'tcp', cluster.dns.clusterIP, 53, `${clusterDns}:53`),
    at('Vault', 'egress', 'tcp', pods.vault.address, 8200),
    at('OpenFGA', 'never', 'tcp', pods.openfga.address, 8080),
    at('worker', 'never', 'tcp', pods.worker.address, 9464),
    at('another agent', 'never', 'tcp', pods.other.address, 9464),
    at('another agent’s gateway', 'never', 'tcp', pods.clerk.address, 18789),
    at('agent of another workspace', 'never', 'tcp', pods.globex.address, 9464),
    at('a pod outside', 'never', 'tcp', pods.outside.address, 443),
    at('system of record', 'egress', 'tcp', addresses.systemOfRecord, 443),
    at('system of record, 8443', 'egress', 'tcp', addresses.systemOfRecord, 8443),
    at('system of record, another port', 'never', 'tcp', addresses.systemOfRecord, 8080),
    at('a documentation address', 'never', 'tcp', addresses.documentation, 443),
    at('53/udp of anyone', 'never', 'udp', addresses.resolver, 53),
    at('53/tcp of anyone', 'never', 'tcp', addresses.resolver, 53),
    at('front, pod, IPv6', 'always', 'tcp', pods.front.address6, 8443),
    at('another agent, IPv6', 'never', 'tcp', pods.other.address6, 9464),
    at('agent of another workspace, IPv6', 'never', 'tcp', pods.globex.address6, 9464),
    at('system of record, IPv6', 'egress', 'tcp', addresses.systemOfRecord6, 443),
    at('a documentation address, IPv6', 'never', 'tcp', addresses.documentation6, 443),
    at('53/udp of anyone, IPv6', 'never', 'udp', addresses.resolver6, 53),
    at('53/tcp of anyone, IPv6', 'never', 'tcp', addresses.resolver6, 53),
    at('metadata, IPv6', 'never', 'tcp', addresses.metadata6, 80),
    at('node, IPv6', 'never', 'tcp', addresses.node6, 10250),
    at('metadata', 'never', 'tcp', addresses.metadata, 80),
    at('node', 'never', 'tcp', addresses.node, 10250),
    at('another node', 'never', 'tcp', addresses.otherNode, 10250),
    at('API server', 'never', 'tcp', addresses.apiServer, 6443),
    at('API server, endpoint', 'never', 'tcp', labNetwork.advertisedApiServer, apiPort),
    service('API server, Service', 'never', 'tcp', '10.96.0.1', 443, `${labNetwork.advertisedApiServer}:${apiPort}`),
  ];
}

/** Whether that is open at a level. */
export const isOpen = (open: Open, level: Level): boolean =>
  open === 'always' || (open !== 'never' && modesAt(level)[open] === 'shadow');
