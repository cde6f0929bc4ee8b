import type { Answer } from '../../../bridge/answer.js';
import type { Cluster } from '../../../bridge/cluster.js';
import type { Control, Level } from '../../../model/levels.js';
import type { Platform } from '../../../model/platform.js';

/** The lab's users (dana is of the allowlist's admins), a service account, and an approver whom no workspace has named. */
export type Who =
  | 'mallory'
  | 'platform-deployer'
  | 'ws-acme-deployer'
  | 'ws-globex-deployer'
  | 'bob'
  | 'carol'
  | 'dave'
  | 'dana'
  | 'breakglass'
  | 'pipeline';

/** What attempts are made against: the platform, and names that the cluster gave. */
export interface Scene {
  /** As it is deployed. */
  readonly platform: Platform;
  /** The level that ws-acme has reached, whatever is relaxed. */
  readonly reached: Level;
  /** Names of running pods. */
  readonly pods: { readonly agent: string; readonly apiServer: string };
  /** Name of ws-acme's current PolicyApproval; ws-globex has none. */
  readonly approval: string;
  /** Relaxations by name: `asked` are requested only, `expired` were approved and their time is over. */
  readonly relaxations: {
    readonly asked: Readonly<Record<'ws-acme' | 'ws-globex', string>>;
    /** Of ws-acme. */
    readonly inForce?: { readonly name: string; readonly controls: readonly Control[] };
    readonly expired?: Readonly<Record<'ws-acme' | 'ws-globex', string>>;
  };
}

/** A request, as a dry run where there is one, and the answer that it must get. */
export interface Attempt {
  readonly who: Who;
  /** What is tried, as a noun phrase. */
  readonly what: string;
  /**
   * Who must refuse it: admission policies by name, of which one must be the one that answers, or `PodSecurity`, `RBAC`,
   * `schema` (the rules of a CRD). Empty: it must be permitted.
   */
  readonly refusedBy: readonly string[];
  /** Must be part of the refusal. */
  readonly says?: string;
  readonly send: (as: Cluster, scene: Scene) => Promise<unknown>;
  /** When it is made at all. @default always */
  readonly when?: (scene: Scene) => boolean;
}

export interface Family {
  readonly title: string;
  readonly attempts: readonly Attempt[];
}

type More = Pick<Attempt, 'says' | 'when'>;

export const refused = (
  refusedBy: string | readonly string[],
  who: Who,
  what: string,
  send: Attempt['send'],
  more: More = {},
): Attempt => ({ who, what, send, refusedBy: typeof refusedBy === 'string' ? [refusedBy] : refusedBy, ...more });

/** A neighbour of something refused: without it, a cluster that refuses everything would look guarded. */
export const permitted = (who: Who, what: string, send: Attempt['send'], more: More = {}): Attempt => ({
  who,
  what,
  send,
  refusedBy: [],
  ...more,
});

/** What is wrong with the answer, as a sentence; undefined when it is the one that must be given. */
export function complaint({ who, what, refusedBy, says }: Attempt, answer: Answer): string | undefined {
  const tried = `${who}: ${what}`;
  if (answer.admitted) {
    return refusedBy.length === 0 ? undefined : `${tried}: admitted, although ${refusedBy.join(' or ')} must refuse it`;
  }
  if (refusedBy.length === 0) return `${tried}: refused by ${answer.by}, although it must be permitted: ${answer.says}`;
  if (!refusedBy.includes(answer.by)) {
    return `${tried}: refused by ${answer.by} instead of ${refusedBy.join(' or ')}: ${answer.says}`;
  }
  if (says !== undefined && !answer.says.includes(says)) {
    return `${tried}: ${answer.by} refused it for another reason than "${says}": ${answer.says}`;
  }
  return undefined;
}
