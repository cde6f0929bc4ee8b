import { PORTS, type Addresses, type Edge, type Pods, type Port } from './edges.js';
import type { Platform } from './platform.js';

/** A port that pods serve as it is dialled. */
export const tcp = (port: number): Port => ({ protocol: 'TCP', service: port, target: port });
export const same = { does: false } as const;

const clusterDnsOf = ({ cluster: { dns } }: Platform): Pods | Addresses =>
  dns.nodeLocalAddress === undefined
    ? {
        kind: 'pods',
        name: 'cluster-dns',
        namespace: dns.namespace,
        labels: dns.podLabels,
        serviceAccount: dns.serviceAccount,
      }
    : { kind: 'addresses', name: 'node-local-dns', cidrs: [hostCidr(dns.nodeLocalAddress)] };

const hostCidr = (address: string): string => `${address}/${address.includes(':') ? 128 : 32}`;

export const vaultOf = ({ vault }: Platform): Pods | undefined =>
  vault && {
    kind: 'pods',
    name: 'vault',
    namespace: vault.namespace,
    labels: vault.podLabels,
    serviceAccount: vault.serviceAccount,
  };

/** Of the front. */
export const governs = {
  ...same,
  why: 'decides every call by allowlist and relation and never sends a request to an address that its caller names',
};

export const clusterDnsEdge = (id: string, from: Pods, platform: Platform, open: Edge['open'], why: string): Edge => ({
  id,
  from,
  to: clusterDnsOf(platform),
  ports: [PORTS.dnsUdp, PORTS.dnsTcp],
  authenticates: 'nobody: DNS has no caller identity',
  mtls: { not: 'DNS has no TLS; whoever is found by it proves itself afterwards' },
  forwards: { does: true, why },
  open,
});
