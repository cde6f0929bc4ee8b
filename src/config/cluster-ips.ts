import { formatAddress, includes, parseAddress, parseCidr, union } from '../model/addresses.js';
import type { Platform } from '../model/platform.js';
import type { Workspace } from '../model/workspace.js';
import { renderPath, type Problem } from './messages.js';
import type { RawStack } from './stack-file.js';

/** Fixed cluster IPs are the cluster's to give, and given once. */
export function* checkClusterIPs(
  { front, collector, cluster }: Platform,
  platformRaw: RawStack,
  loaded: readonly { raw: RawStack; workspace: Workspace }[],
): Generator<Problem> {
  const given = [
    { owner: 'cluster DNS', raw: platformRaw, path: ['cluster', 'dns', 'clusterIP'], address: cluster.dns.clusterIP },
    { owner: 'the front', raw: platformRaw, path: ['front', 'clusterIP'], address: front.clusterIP },
    {
      owner: 'the front’s bearer listener',
      raw: platformRaw,
      path: ['front', 'bearerClusterIP'],
      address: front.bearerClusterIP,
    },
    {
      owner: 'the front’s people listener',
      raw: platformRaw,
      path: ['front', 'peopleClusterIP'],
      address: front.peopleClusterIP,
    },
    { owner: 'the collector', raw: platformRaw, path: ['collector', 'clusterIP'], address: collector.clusterIP },
    ...loaded.map(({ raw, workspace }) => ({
      owner: `workspace "${workspace.id}"`,
      raw,
      path: ['workspace', 'dns', 'clusterIP'],
      address: workspace.dns.clusterIP,
    })),
  ];
  const services = union(...cluster.serviceCidrs.map((cidr) => parseCidr(cidr)));
  const firstOwner = new Map<string, string>();
  for (const { owner, raw, path, address } of given) {
    const at = { where: raw.where(path), path: renderPath(path) };
    const parsed = parseAddress(address);
    if (!includes(services, parsed)) {
      const message = `${address} is not in the cluster’s service CIDRs. Allowed: ${cluster.serviceCidrs.join(', ')}.`;
      yield { ...at, message };
    }
    // One address may be written in several ways.
    const spelt = formatAddress(parsed);
    const earlier = firstOwner.get(spelt);
    if (earlier !== undefined) yield { ...at, message: `cluster IP ${address} is used by ${earlier} already.` };
    else firstOwner.set(spelt, owner);
  }
}
