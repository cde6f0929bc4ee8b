import type { KubeObject } from '../model/kube-object.js';
import type { Cluster } from './cluster.js';

export type Action = 'created' | 'updated' | 'repaired' | 'unchanged' | 'pruned' | 'kept';

/** What happened to one object. */
export interface Change {
  /** As `keyOf` writes it. */
  readonly key: string;
  readonly action: Action;
  /** Milliseconds that its requests took; 0 where none was sent. */
  readonly ms: number;
  /** What the API server warned of, among it admission guards in audit. */
  readonly warnings: readonly string[];
}

export interface ApplyOptions {
  /** Called after each object, in the order of events. */
  readonly onProgress?: (change: Change) => void;
  /** Nothing is stored; the API server validates and admits. @default false */
  readonly dryRun?: boolean;
  /** Whether live objects of the stack that are not rendered are deleted. @default true */
  readonly prune?: boolean;
  readonly signal?: AbortSignal;
}

/** Keys by what happened, and how long it took. */
export interface ApplyResult extends Readonly<Record<Action, readonly string[]>> {
  readonly changes: readonly Change[];
  /** From the first request to the last answer, milliseconds. */
  readonly ms: number;
  /** What a reader should know, for example that new admission guards take a moment to become active. */
  readonly notes: readonly string[];
}

export function applyStack(
  _cluster: Cluster,
  _stack: string,
  _objects: readonly KubeObject[],
  _options: ApplyOptions = {},
): Promise<ApplyResult> {
  return Promise.reject(new Error('not built yet'));
}
