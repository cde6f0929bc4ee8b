import type { Level } from '../model/levels.js';
import type { KubeObject } from '../model/kube-object.js';
import type { Relaxation } from '../model/relaxation.js';
import type { Workspace } from '../model/workspace.js';
import type { Cluster } from './cluster.js';

/** What rendering a workspace needs to know of the cluster. */
export interface LiveFacts {
  /** In force for exactly the controls that the config relaxes; absent where it relaxes none. */
  readonly relaxation?: Relaxation;
  /** Name of the newest ended or expired Relaxation that covered egress: agents older than it must restart. */
  readonly closedAfter?: string;
  /** From the live WorkspacePolicy; absent before the first deployment. */
  readonly reachedLevel?: Level;
}

/** The name that stands for a Relaxation that does not exist yet, so that its plan can be rendered and hashed. */
export const UNNAMED = 'relaxation-to-be-named';

/** The Relaxation that the config names or needs is not in force, or is for something else. Exit code 5. */
export class RelaxationRefused extends Error {
  override readonly name = 'RelaxationRefused';
}

export function planHash(_objects: readonly KubeObject[]): string {
  throw new Error('not built yet');
}

export interface LiveFactsOptions {
  /** Hash of the stack as rendered with the relaxation. @default - not compared */
  readonly planHash?: string;
  /** @default - now */
  readonly now?: Date;
}

export function readLiveFacts(
  _cluster: Cluster,
  _workspace: Workspace,
  _options: LiveFactsOptions = {},
): Promise<LiveFacts> {
  return Promise.reject(new Error('not built yet'));
}
