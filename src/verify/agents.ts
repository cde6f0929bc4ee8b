import type { LiveObject } from '../bridge/cluster.js';
import { AGENT_ROLE, LABELS } from '../model/names.js';
import { selects, type Selector } from '../prove/selector.js';

/** The agents of one workspace: those that run, and those that admission would let in. */
export interface Agents {
  readonly namespace: string;
  readonly workspaceId: string;
  /** Pods that run in the namespace, whatever they say of themselves. */
  readonly pods: readonly LiveObject[];
}

/**
 * Whether the selector selects a pod of the namespace that runs, or could select an agent that admission lets in: its role and
 * workspace are fixed, it is no component, and every other label is its author's.
 */
export function selectsAgents(selector: Selector, { workspaceId, pods }: Agents): boolean {
  const fixed = new Map([
    [LABELS.role, AGENT_ROLE],
    [LABELS.workspace, workspaceId],
    [LABELS.component, ''],
  ] as const);
  const possible = selector.every((requirement) => {
    const value = fixed.get(requirement.key as typeof LABELS.role);
    if (value === undefined) return true;
    // An agent may carry an empty component label, or none.
    const labels =
      value === ''
        ? [new Map([[requirement.key, '']]), new Map<string, string>()]
        : [new Map([[requirement.key, value]])];
    return labels.some((each) => selects([requirement], each));
  });
  return possible || pods.some(({ metadata }) => selects(selector, new Map(Object.entries(metadata.labels ?? {}))));
}
