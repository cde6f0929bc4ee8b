import { renderPlatform, renderWorkspace } from '../charts/render.js';
import type { Stack } from '../config/load.js';
import type { KubeObject } from '../model/kube-object.js';
import type { LiveFacts } from './live-facts.js';

/**
 * A stack's objects. What is known of the cluster goes in as values: the Relaxation's name, where the config does not
 * name it, and after which Relaxation agents must have restarted. Without facts it is what a stack renders offline.
 */
export function renderStack(stack: Stack, { relaxation, closedAfter }: LiveFacts = {}): readonly KubeObject[] {
  if (stack.kind === 'platform') return renderPlatform(stack.platform);
  const { platform, workspace } = stack;
  const named =
    workspace.relaxing && relaxation
      ? { ...workspace, relaxing: { ...workspace.relaxing, relaxation: relaxation.name } }
      : workspace;
  return renderWorkspace(platform, named, closedAfter === undefined ? {} : { closedAfter });
}
