import type { Placement } from './edges.js';
import type { Platform } from './platform.js';

/** What no level ever opens to an agent, as address ranges and namespaces (design: controls, levels, relaxations). */
export interface NeverLegitimate {
  readonly name: string;
  readonly why: string;
  readonly cidrs?: readonly string[];
  readonly namespaces?: readonly string[];
}

/** Link-local ranges (RFC 3927, RFC 4291) and the metadata services that clouds put elsewhere. */
export const METADATA_CIDRS: readonly string[] = [
  '169.254.0.0/16',
  'fe80::/10',
  'fd00:ec2::254/128',
  '168.63.129.16/32',
  '100.100.100.200/32',
];

/** The denials for one workspace's agents, beside port 53 to the world. */
export function neverLegitimate(platform: Platform, placement: Placement): readonly NeverLegitimate[] {
  const others = platform.workspaces
    .map(({ namespace }) => namespace)
    .filter((namespace) => namespace !== placement.namespace);
  const denials: NeverLegitimate[] = [
    { name: 'metadata', why: 'cloud metadata services hand out node credentials', cidrs: METADATA_CIDRS },
    { name: 'nodes', why: 'kubelet, host ports and node ports are ways around', cidrs: platform.cluster.nodeCidrs },
    {
      name: 'kubernetes-api',
      why: 'the API server proxies to pods, services and nodes',
      cidrs: platform.cluster.apiServerCidrs,
    },
    { name: 'other-workspaces', why: 'workspaces are isolated', namespaces: [...new Set(others)].sort() },
  ];
  return denials.filter(({ cidrs, namespaces }) => (cidrs ?? namespaces ?? []).length > 0);
}
