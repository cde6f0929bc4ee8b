import type { Edge } from './edges.js';
import { NAMESPACES, serviceHost } from './names.js';
import type { Platform } from './platform.js';
import type { Workspace } from './workspace.js';

/** A name that agents may resolve, with its fixed address or to be asked of cluster DNS, and what opens it. */
export interface ResolvableName {
  readonly name: string;
  readonly address?: string;
  readonly open: Edge['open'];
}

/** The exact names that a workspace's agents may ever resolve; everything else is refused. */
export function resolvableNames(
  platform: Platform,
  workspace: Pick<Workspace, 'systemsOfRecord'>,
): readonly ResolvableName[] {
  const service = (name: string, namespace: string): string => serviceHost(name, namespace, platform.cluster.domain);
  const { controlPlane, observability } = NAMESPACES;
  const hosts = workspace.systemsOfRecord.map(({ host }) => host);
  const vault = platform.vault === undefined ? [] : [service('vault', platform.vault.namespace)];
  return [
    { name: service('api-server', controlPlane), address: platform.front.clusterIP, open: 'always' },
    { name: service('otel-collector', observability), address: platform.collector.clusterIP, open: 'always' },
    {
      name: service('api-server-bearer', controlPlane),
      address: platform.front.bearerClusterIP,
      open: { whileShadow: 'mtls' },
    },
    ...[...new Set([...vault, ...hosts])].sort().map((name) => ({ name, open: { whileShadow: 'egress' } as const })),
  ];
}
