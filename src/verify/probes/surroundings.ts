import { randomBytes } from 'node:crypto';
import type { Cluster, LiveObject } from '../../bridge/cluster.js';
import { COMPONENTS } from '../../model/edges.js';
import { AGENT_ROLE, LABELS } from '../../model/names.js';
import type { Workspace } from '../../model/workspace.js';
import { inconclusive, type Check } from '../../model/check.js';
import type { Surroundings } from './list.js';

/** The addresses of a name, of both families; rejects where there are none. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** Other workspaces' agents that are tried. */
const MOST_OTHERS = 3;

/** Reads what the list of probes needs. What is missing from it is inconclusive by name, since no probe stands for it. */
export async function readSurroundings(
  cluster: Cluster,
  workspace: Workspace,
  resolve: Resolve,
): Promise<{ readonly surroundings: Surroundings; readonly checks: readonly Check[] }> {
  const pods = (labels: string, namespace?: string) =>
    cluster.list({ apiVersion: 'v1', kind: 'Pod', ...(namespace !== undefined && { namespace }) }, { labels });
  const { apiServer } = COMPONENTS;
  const [nodes, fronts, agents, api] = await Promise.all([
    cluster.list({ apiVersion: 'v1', kind: 'Node' }),
    pods(`${LABELS.component}=${apiServer.name}`, apiServer.namespace),
    pods(`${LABELS.role}=${AGENT_ROLE},${LABELS.workspace}!=${workspace.id}`),
    cluster.tryGet({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'kubernetes', namespace: 'default' } }),
  ]);
  const hosts: Record<string, readonly string[]> = {};
  const checks: Check[] = [];
  for (const { host } of workspace.systemsOfRecord) {
    try {
      hosts[host] = await resolve(host);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      checks.push(inconclusive(`probe system of record ${host}`, `its addresses are not known here: ${why}`));
    }
  }
  const absent = (name: string, found: readonly string[], why: string): void => {
    if (found.length === 0) checks.push(inconclusive(`probe ${name}`, why));
  };
  const frontAddresses = fronts.flatMap(podAddresses);
  const others = agents.flatMap(podAddresses).slice(0, MOST_OTHERS);
  const nodeAddresses = nodes.flatMap(addressesOfNode);
  absent('node', nodeAddresses, 'no node has an address');
  absent('api-server past its sidecar', frontAddresses, 'no pod of the api-server has an address');
  absent('another workspace’s agent', others, 'no agent of another workspace runs');
  const apiService = (api?.['spec'] as { clusterIP?: string } | undefined)?.clusterIP;
  return {
    surroundings: {
      nodes: nodeAddresses,
      fronts: frontAddresses,
      otherAgents: others,
      ...(apiService !== undefined && { apiService }),
      hosts,
      nonce: `portarium-${randomBytes(6).toString('hex')}`,
    },
    checks,
  };
}

export function podAddresses(pod: LiveObject): readonly string[] {
  const { podIPs, podIP } = (pod['status'] ?? {}) as { podIPs?: readonly { ip: string }[]; podIP?: string };
  return podIPs?.map(({ ip }) => ip) ?? (podIP === undefined ? [] : [podIP]);
}

function addressesOfNode(node: LiveObject): readonly string[] {
  const { addresses = [] } = (node['status'] ?? {}) as { addresses?: readonly { type: string; address: string }[] };
  return addresses.filter(({ type }) => type === 'InternalIP').map(({ address }) => address);
}
