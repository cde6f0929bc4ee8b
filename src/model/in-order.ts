import type { ExternalPeer, Platform } from './platform.js';
import type { SpireBridge, SpireWorkload } from './spire.js';
import type { AllowedTool, Credential, Workspace } from './workspace.js';

const by =
  <T>(key: (item: T) => string) =>
  (items: readonly T[]): readonly T[] =>
    [...items].sort((a, b) => (key(a) < key(b) ? -1 : 1));
const text = by((value: string) => value);
const numbers = (values: readonly number[]): readonly number[] => [...values].sort((a, b) => a - b);

const known = new WeakMap<Platform, Platform>();

/** The platform with every list sorted: no list of the config means anything by its order, so none may show in objects. */
export function platformInOrder(platform: Platform): Platform {
  const before = known.get(platform);
  if (before !== undefined) return before;
  const { cluster, execution, peers, spire, workspaces } = platform;
  const ordered: Platform = {
    ...platform,
    cluster: {
      ...cluster,
      podCidrs: text(cluster.podCidrs),
      serviceCidrs: text(cluster.serviceCidrs),
      nodeCidrs: text(cluster.nodeCidrs),
      apiServerCidrs: text(cluster.apiServerCidrs),
    },
    front: {
      ...platform.front,
      grpcMethods: by(({ method }: Platform['front']['grpcMethods'][number]) => method)(platform.front.grpcMethods),
    },
    execution: { hosts: text(execution.hosts), ports: numbers(execution.ports) },
    peers: by(({ name }: ExternalPeer) => name)(peers).map((peer) => ({
      ...peer,
      ports: numbers(peer.ports),
      ...(peer.cidrs && { cidrs: text(peer.cidrs) }),
    })),
    spire: {
      ...spire,
      workloads: by(({ name }: SpireWorkload) => name)(spire.workloads),
      bridges: by(({ name }: SpireBridge) => name)(spire.bridges),
    },
    workspaces: by(({ id }: { id: string; namespace: string }) => id)(workspaces),
    pending: text(platform.pending),
  };
  known.set(platform, ordered);
  known.set(ordered, ordered);
  return ordered;
}

/** The workspace with every list sorted, as {@link platformInOrder}. */
export const workspaceInOrder = (workspace: Workspace): Workspace => ({
  ...workspace,
  allowlist: {
    ...workspace.allowlist,
    allowedTools: by(({ tool }: AllowedTool) => tool)(workspace.allowlist.allowedTools),
  },
  blastRadius: by(({ tool }: AllowedTool) => tool)(workspace.blastRadius),
  separationOfDuties: { financialTools: text(workspace.separationOfDuties.financialTools) },
  policyIds: text(workspace.policyIds),
  access: {
    admins: text(workspace.access.admins),
    operators: text(workspace.access.operators),
    approvers: text(workspace.access.approvers),
    auditors: text(workspace.access.auditors),
    suspended: text(workspace.access.suspended),
  },
  credentials: by(({ id }: Credential) => id)(workspace.credentials),
  agents: by(({ name }: Workspace['agents'][number]) => name)(workspace.agents).map((agent) => ({
    ...agent,
    listens: [...agent.listens].sort(),
  })),
  systemsOfRecord: by(({ name }: Workspace['systemsOfRecord'][number]) => name)(workspace.systemsOfRecord).map(
    (system) => ({ ...system, ports: numbers(system.ports) }),
  ),
  approvers: text(workspace.approvers),
});
