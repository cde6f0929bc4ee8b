import type { Level } from '../../model/levels.js';

/** The five claims of design.md, section 8: together they say that there is no way around. */
export const CLAIMS = {
  P: 'no packet from an agent’s pod, or to it, outside the edge matrix',
  C: 'no credential of a system of record that agents could use',
  I: 'no identity confusion: who may become which SVID, token and agent',
  D: 'no deputy: nothing that agents reach sends on what they choose',
  W: 'nobody but the named principals can change what P to D rest on',
} as const;
export type ClaimName = keyof typeof CLAIMS;

/** The lowest level at which each claim is made. W is not at `routing`, the only level that guards in `audit` allow. */
export const CLAIMED_FROM: Readonly<Record<ClaimName, Level>> = {
  P: 'routing',
  C: 'enforced',
  I: 'identity',
  D: 'enforced',
  W: 'authz',
};

/**
 * `proved`: for every pod that could exist. `refuted`: there is a counter-example. `inconclusive`: neither could be
 * shown, for the reasons given. `not claimed`: the level does not make this claim.
 */
export type Verdict = 'proved' | 'refuted' | 'inconclusive' | 'not claimed';

/** One claim about one workspace at one level, with everything that a reader needs to judge it. Plain data, fit for JSON. */
export interface ClaimVerdict {
  readonly claim: ClaimName;
  readonly verdict: Verdict;
  /** How it was shown, each a sentence: what was quantified over and how much of it there was. */
  readonly argument: readonly string[];
  /** Smallest first; one for each cause. Empty unless refuted. */
  readonly counterExamples: readonly CounterExample[];
  /** Why it could not be settled, or is not claimed; each a sentence that names the object. */
  readonly reasons: readonly string[];
  /** What it rests on that was not read, each with what checks it. */
  readonly assumptions: readonly Assumption[];
}

export interface Assumption {
  readonly assumed: string;
  /** A command, a probe or a guard. */
  readonly checkedBy: string;
}

/** Something that must not be possible and is. */
export interface CounterExample {
  /** Stable name of the kind of hole, for machines: `open-egress`, `unselected-pod`, `namespace-label`, `open-ingress` … */
  readonly cause: string;
  /** What happens, in one sentence. */
  readonly summary: string;
  /** Objects to create so that it happens: pods, namespaces; as small as can be. */
  readonly objects: readonly object[];
  /** The packet that passes; absent where the hole is no packet. */
  readonly packet?: ExamplePacket;
  /** What lets it through, as object (`NetworkPolicy ns/name`) and field (`spec.egress[1]`); empty: nothing stops it. */
  readonly because: readonly Because[];
  readonly fix: string;
}

export interface ExamplePacket {
  /** `ns/name` of a pod, an address, or an entity (`nodes`, `kube-apiserver`). */
  readonly from: string;
  readonly to: string;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP' | 'other';
  /** Absent for `other`. */
  readonly port?: number;
}

export interface Because {
  readonly object: string;
  readonly field: string;
}

/** The worst of several: refuted, then inconclusive, then not claimed. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  const order: readonly Verdict[] = ['refuted', 'inconclusive', 'not claimed', 'proved'];
  return order.find((verdict) => verdicts.includes(verdict)) ?? 'inconclusive';
}
