import { addresses } from '../../../../lab/data-plane/addresses.js';
import type { Cluster } from '../../../bridge/cluster.js';
import { COMPONENTS } from '../../../model/edges.js';
import { NAMESPACES, serviceHost } from '../../../model/names.js';
import type { Platform } from '../../../model/platform.js';

/** The systems of record of both sample workspaces, all at one address of the world. */
const SYSTEMS_OF_RECORD = ['api.hubspot.com', 'erp.example.com', 'api.zendesk.com'] as const;

/** A Corefile for what stands in for cluster DNS: the Services that are asked for by name, and names of the world. */
export async function clusterDnsCorefile(admin: Cluster, platform: Platform): Promise<string> {
  const { name, namespace } = COMPONENTS.openfga;
  const service = await admin.get({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace } });
  const { clusterIP } = service['spec'] as { clusterIP: string };
  const hosts = [
    [clusterIP, serviceHost(name, namespace, platform.cluster.domain)],
    [platform.front.clusterIP, serviceHost('api-server', NAMESPACES.controlPlane, platform.cluster.domain)],
    [addresses.identityProvider, new URL(platform.tokens.jwksUri).hostname],
    ...SYSTEMS_OF_RECORD.map((host) => [addresses.systemOfRecord, host]),
  ];
  return `.:53 {\n  hosts {\n${hosts.map((each) => `    ${each.join(' ')}\n`).join('')}  }\n}\n`;
}

/** Where `enforce verify` finds a system of record: somewhere else than in the cluster. */
export const resolveInWorld = (host: string): Promise<readonly string[]> =>
  (SYSTEMS_OF_RECORD as readonly string[]).includes(host)
    ? Promise.resolve([addresses.systemOfRecord])
    : Promise.reject(new Error(`${host} is no name of the lab’s world`));
