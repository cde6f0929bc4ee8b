import type { LiveObject } from './cluster.js';

/** Whether one replica of the front decides by the policy that is live. */
export interface Acknowledgement {
  /** Name of its pod. */
  readonly replica: string;
  /** `missing`: it has no row; `other`: its row has another hash; `stale`: its row is too old to count, or undated. */
  readonly state: 'acknowledged' | 'missing' | 'other' | 'stale';
  /** SHA-256 that it acknowledged, in hex. */
  readonly hash?: string;
  /** ISO 8601; when it said so. */
  readonly time?: string;
}

interface Row {
  readonly replica: string;
  readonly hash: string;
  readonly time: string;
}

/** Milliseconds: a replica says the same again every 12 h, and after twice that its row is forgotten. */
const STALE = 24 * 3_600_000;

/**
 * What each pod of the front says in `status.observed` of a WorkspacePolicy, in the order of their names. Rows of pods
 * that are gone say nothing. Source: design, section 4.
 */
export function acknowledgements(
  policy: LiveObject | undefined,
  pods: readonly LiveObject[],
  now: Date,
): readonly Acknowledgement[] {
  const { policyHash } = (policy?.['spec'] ?? {}) as { readonly policyHash?: string };
  const { observed = [] } = (policy?.['status'] ?? {}) as { readonly observed?: readonly Row[] };
  return pods
    .map(({ metadata }) => metadata.name)
    .sort()
    .map((replica): Acknowledgement => {
      const row = observed.find((each) => each.replica === replica);
      if (row === undefined) return { replica, state: 'missing' };
      const { hash, time } = row;
      if (policyHash === undefined || hash !== policyHash) return { replica, state: 'other', hash, time };
      const isFresh = now.getTime() - Date.parse(time) < STALE;
      return { replica, state: isFresh ? 'acknowledged' : 'stale', hash, time };
    });
}

const SAYS: Readonly<Record<Exclude<Acknowledgement['state'], 'acknowledged'>, string>> = {
  missing: 'has not acknowledged the policy',
  other: 'acknowledged another policy',
  stale: 'acknowledged the policy too long ago',
};

/** Why it is not known that the whole front decides by the policy; `undefined` when every replica says so. */
export function tryUnacknowledged(replicas: readonly Acknowledgement[]): string | undefined {
  if (replicas.length === 0) return 'the front has no replica that could have acknowledged the policy';
  const open = replicas.filter(({ state }) => state !== 'acknowledged');
  const [first] = open;
  if (first === undefined || first.state === 'acknowledged') return undefined;
  return `${open.length} of ${replicas.length} replicas of the front do not say that they decide by it: ${first.replica} ${SAYS[first.state]}`;
}
