import type { KubeObject } from '../model/kube-object.js';
import type { Workspace } from '../model/workspace.js';
import type { Cluster } from './cluster.js';
import type { LiveFacts } from './live-facts.js';

export interface PreflightTarget {
  readonly stack: string;
  /** Absent for the platform's stack. */
  readonly workspace?: Workspace;
  /** The stack's objects, given what is known of the cluster. Called with placeholders too, to hash the plan. */
  readonly render: (facts: LiveFacts) => readonly KubeObject[];
}

export interface PreflightOptions {
  /** `refuse`: live objects of the stack that are not rendered stop it (Pulumi). `allow`: the engine prunes them. */
  readonly extras: 'refuse' | 'allow';
  /** `refuse`: drift that the engine cannot see stops it (Pulumi). @default allow, since apply repairs it */
  readonly drift?: 'refuse' | 'allow';
  /** `warn`: rendered without live facts (preview). @default error */
  readonly unreachable?: 'warn' | 'error';
  /** @default - now */
  readonly now?: Date;
}

export interface Preflight {
  readonly facts: LiveFacts;
  /** What to register or apply. */
  readonly objects: readonly KubeObject[];
  readonly warnings: readonly string[];
}

/** Something live forbids the deployment; every reason is listed. Exit code 5. */
export class PreflightRefused extends Error {
  override readonly name = 'PreflightRefused';
  constructor(readonly reasons: readonly string[]) {
    super(reasons.join('\n'));
  }
}

export function preflight(_cluster: Cluster, _target: PreflightTarget, _options: PreflightOptions): Promise<Preflight> {
  return Promise.reject(new Error('not built yet'));
}
