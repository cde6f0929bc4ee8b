import { agentEdges, agentsOf, type Edge, type Pods, type Port } from '../../model/edges.js';
import type { Platform } from '../../model/platform.js';

/** Stand-ins for a workspace, so that the edge matrix of every workspace is one CEL expression. */
const ANY = { id: '{workspace}', namespace: '{namespace}' } as const;
const VARIABLE: Readonly<Record<string, string>> = {
  [ANY.id]: 'variables.workspace',
  [ANY.namespace]: 'request.namespace',
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

/** Agents that ask a DNS server: by exact names only, where the network layer knows names. */
const asksDns = ({ from, ports: asked }: Edge): boolean =>
  from.name === agentsOf(ANY).name && asked.some(({ service }) => service === 53);

/** Values of one map are of one type in the API server's CEL, or of none. */
function entry(edge: Edge, subject: Pods, peer: Edge['to']): string {
  const fields = {
    of: labels(subject.labels),
    namespace: peer.kind === 'pods' ? text(peer.namespace) : '""',
    labels: peer.kind === 'pods' ? labels(peer.labels) : '{}',
    cidrs: JSON.stringify(peer.kind === 'addresses' ? peer.cidrs : []),
    ports: ports(edge.ports),
    dns: String(asksDns(edge)),
  };
  return map(Object.entries(fields).map(([key, value]) => [key, `dyn(${value})`] as const));
}

/**
 * The edges of the matrix that a policy in an agents' namespace may open, as a CEL list of maps: the always open ones,
 * and with the label `portarium.io/opens` those of that control. Needs `variables.workspace` and `variables.opens`.
 */
export function allowedEdges(platform: Platform, direction: 'egress' | 'ingress'): string {
  const entries = agentEdges(platform, ANY).flatMap((edge) => {
    const [subject, peer] = direction === 'egress' ? [edge.from, edge.to] : [edge.to, edge.from];
    if (subject.kind !== 'pods' || subject.namespace !== ANY.namespace) return [];
    const opener = edge.open === 'always' ? '' : edge.open.whileShadow;
    return [{ opener, cel: entry(edge, subject, peer) }];
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
