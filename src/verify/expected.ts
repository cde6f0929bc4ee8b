import { liveFacts } from '../bridge/preflight.js';
import { readReachedLevel, RelaxationRefused } from '../bridge/live-facts.js';
import { renderStack } from '../bridge/render.js';
import type { Cluster } from '../bridge/cluster.js';
import type { Stack } from '../config/load.js';
import type { KubeObject } from '../model/kube-object.js';
import { rank, relax, type Level, type Modes } from '../model/levels.js';
import type { Workspace } from '../model/workspace.js';

/** What must be live of a stack today. */
export interface Expected {
  readonly stack: string;
  readonly objects: readonly KubeObject[];
  /** What is in force when everything is as rendered; absent for the platform. */
  readonly modes?: Modes;
  readonly level?: Level;
  /** Why the config itself would be refused, as sentences. */
  readonly refusals: readonly string[];
}

/**
 * Renders a stack as it must be live: at the config's level or, where that is lower, at the one the workspace has
 * reached. What the config relaxes counts only under a Relaxation in force; otherwise its openings must be gone.
 */
export async function expectedOf(cluster: Cluster, config: Stack): Promise<Expected> {
  if (config.kind === 'platform') {
    return { stack: config.platform.stack, objects: renderStack(config), refusals: [] };
  }
  const reached = await readReachedLevel(cluster, config.workspace.id);
  const falls = reached !== undefined && rank(reached) > rank(config.workspace.level);
  const at = falls ? { ...config.workspace, level: reached } : config.workspace;
  const refusals = falls
    ? [`the config says level ${config.workspace.level}, and the workspace has reached ${reached}`]
    : [];
  try {
    const facts = await liveFacts(cluster, { ...config, workspace: at });
    return made(at, renderStack({ ...config, workspace: at }, facts), refusals);
  } catch (error) {
    if (!(error instanceof RelaxationRefused)) throw error;
    const closed = withoutRelaxing(at);
    const facts = await liveFacts(cluster, { ...config, workspace: closed });
    return made(closed, renderStack({ ...config, workspace: closed }, facts), [...refusals, error.message]);
  }
}

const withoutRelaxing = (workspace: Workspace): Workspace =>
  Object.fromEntries(Object.entries(workspace).filter(([key]) => key !== 'relaxing')) as unknown as Workspace;

const made = (workspace: Workspace, objects: readonly KubeObject[], refusals: readonly string[]): Expected => ({
  stack: workspace.stack,
  objects,
  level: workspace.level,
  modes: relax(workspace.level, workspace.relaxing?.controls ?? []),
  refusals,
});
