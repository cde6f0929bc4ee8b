import { NAMESPACES } from '../../model/names.js';
import { platformNamespaces, type Platform } from '../../model/platform.js';
import { agentNamespaces } from '../cluster-deny.js';

export { agentNamespaces };

/** The platform's namespaces whose pods never need the host: all but SPIRE's, whose agents are DaemonSets on it. */
export const hostlessNamespaces = (platform: Platform): readonly string[] =>
  platformNamespaces(platform).filter((name) => name !== NAMESPACES.spire);

/** Agents' and platform's namespaces, sorted. */
export const guardedNamespaces = (platform: Platform): readonly string[] =>
  [...new Set([...agentNamespaces(platform), ...platformNamespaces(platform)])].sort();

/** The ids of the workspaces that live in a namespace, sorted. */
export const workspacesIn = ({ workspaces }: Platform, namespace: string): readonly string[] =>
  workspaces
    .filter((placement) => placement.namespace === namespace)
    .map(({ id }) => id)
    .sort();
