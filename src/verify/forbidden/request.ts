import type { Cluster } from '../../bridge/cluster.js';
import type { KubeObject } from '../../model/kube-object.js';

/** Something that admission must refuse; sent as a dry run, so that nothing is stored even where it is let in. */
export interface ForbiddenRequest {
  /** As a noun phrase. */
  readonly what: string;
  /** The policies of which one must refuse it. */
  readonly by: readonly string[];
  /** Whether it is forbidden to everyone; else some principals may do it, and the caller may be one. */
  readonly toEveryone: boolean;
  readonly send: (cluster: Cluster) => Promise<unknown>;
}

export const guard = (name: string): string => `portarium-guard-${name}`;

export const create =
  (object: KubeObject): ForbiddenRequest['send'] =>
  (cluster) =>
    cluster.create(object, { dryRun: true });

/** What nobody may do, refused by one guard alone. */
export const nobody = (name: string, what: string, send: ForbiddenRequest['send']): ForbiddenRequest => ({
  what,
  by: [guard(name)],
  toEveryone: true,
  send,
});

/** What only named principals may do. */
export const others = (
  by: string | readonly string[],
  what: string,
  send: ForbiddenRequest['send'],
): ForbiddenRequest => ({ what, by: typeof by === 'string' ? [by] : by, toEveryone: false, send });
