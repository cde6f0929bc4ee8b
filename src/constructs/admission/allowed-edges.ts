import { agentsOf, asksDns, isOpenedAtPlatform, type Edge, type Pods, type Port } from '../../model/edges.js';
import { agentEdges } from '../../model/workspace-edges.js';
import type { Control } from '../../model/levels.js';
import { NAMESPACES } from '../../model/names.js';
import type { Platform } from '../../model/platform.js';

/** Stand-ins for a workspace, so that the edge matrix of every workspace is one CEL expression. */
const ANY = { id: '{workspace}', namespace: '{namespace}' } as const;
const VARIABLE: Readonly<Record<string, string>> = {
  [ANY.id]: 'variables.workspace',
  [ANY.namespace]: 'variables.agents_namespace',
};

const text = (value: string): string =>
  value
    .split(/(\{workspace\}|\{namespace\})/)
    .filter((part) => part !== '')
    .map((part) => VARIABLE[part] ?? JSON.stringify(part))
    .join(' + ') || '""';

const map = (entries: readonly (readonly [string, string])[]): string =>
  `{${entries.map(([key, value]) => `${JSON.stringify(key)}: ${value}`).join(', ')}}`;
const labels = (of: Readonly<Record<string, string>>): string =>
  map(Object.entries(of).map(([key, value]) => [key, text(value)] as const));

const ports = (of: readonly Port[]): string =>
  JSON.stringify([
    ...new Set(of.flatMap(({ protocol, service, target }) => [`${protocol}/${service}`, `${protocol}/${target}`])),
  ]);

/** Labels of a workspace's agents as a CEL map. Needs `variables.workspace`. */
export const AGENT_LABELS = labels(agentsOf(ANY).labels);

/** Values of one map are of one type in the API server's CEL, or of none. */
function entry(edge: Edge, subject: Pods, peer: Edge['to']): string {
  const fields = {
    of: labels(subject.labels),
    namespace: peer.kind === 'pods' ? text(peer.namespace) : '""',
    labels: peer.kind === 'pods' ? labels(peer.labels) : '{}',
    cidrs: JSON.stringify(peer.kind === 'addresses' ? peer.cidrs : []),
    ports: ports(edge.ports),
    // By exact names only, where the network layer knows names.
    dns: String(asksDns(edge)),
  };
  return map(Object.entries(fields).map(([key, value]) => [key, `dyn(${value})`] as const));
}

/**
 * The edges of the matrix that a policy in an agents' namespace may open, as a CEL list of maps: the always open ones,
 * and with the label `portarium.io/opens` those of that control. Needs `variables.workspace`, `variables.agents_namespace`
 * and `variables.opens`.
 */
export const allowedEdges = (platform: Platform, direction: 'egress' | 'ingress'): string =>
  edgesOf(
    agentEdges(platform, ANY).map((edge) => {
      const [subject, peer] = direction === 'egress' ? [edge.from, edge.to] : [edge.to, edge.from];
      return { ...edge, subject, peer };
    }),
    ANY.namespace,
  );

const openedAtFront = (platform: Platform): readonly Edge[] =>
  agentEdges(platform, ANY).filter((edge) => isOpenedAtPlatform(edge));

/** The namespace of the platform where workspaces' stacks open something: all such edges end at the front. */
export const FRONT_NAMESPACE = NAMESPACES.controlPlane;

/** The edges that a workspace's stack may let in beside the control plane, as {@link allowedEdges}. */
export const frontEdges = (platform: Platform): string =>
  edgesOf(
    openedAtFront(platform).map((edge) => ({ ...edge, subject: edge.to, peer: edge.from })),
    FRONT_NAMESPACE,
  );

/** The controls that open something beside the control plane. */
export const frontControls = (platform: Platform): readonly Control[] => [
  ...new Set(openedAtFront(platform).flatMap(({ open }) => (open === 'always' ? [] : [open.whileShadow]))),
];

/** Those whose subject stands in the namespace. */
function edgesOf(edges: readonly (Edge & { subject: Edge['to']; peer: Edge['to'] })[], namespace: string): string {
  const entries = edges.flatMap((edge) => {
    const { subject, peer } = edge;
    if (subject.kind !== 'pods' || subject.namespace !== namespace) return [];
    return [{ opener: edge.open === 'always' ? '' : edge.open.whileShadow, cel: entry(edge, subject, peer) }];
  });
  const opened = (opener: string): string =>
    `[${entries
      .filter((edge) => edge.opener === opener)
      .map(({ cel }) => cel)
      .join(', ')}]`;
  const openers = [...new Set(entries.map(({ opener }) => opener))].filter((opener) => opener !== '');
  return [opened(''), ...openers.map((opener) => `(variables.opens == "${opener}" ? ${opened(opener)} : [])`)].join(
    ' + ',
  );
}
