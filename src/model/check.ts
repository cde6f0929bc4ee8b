/** `inconclusive`: it could not be found out, and says why; never as good as `pass`. */
export type Verdict = 'pass' | 'fail' | 'inconclusive';

/** One thing that is not as it must be. */
export interface Finding {
  /** As `keyOf` writes it: `NetworkPolicy.networking.k8s.io portarium-agents/agent-deny-default`. */
  readonly object: string;
  /** `spec.egress[0]`. @default - the object as a whole */
  readonly field?: string;
  /** @default - nothing */
  readonly expected?: unknown;
  /** @default - nothing */
  readonly found?: unknown;
  /** What is wrong, as the end of a sentence about the object. */
  readonly problem: string;
}

export interface Check {
  /** Unique within a result: `objects of ws-acme`, `guard portarium-guard-agent-pods`. */
  readonly name: string;
  readonly verdict: Verdict;
  /** One line: what was looked at, or why nothing could be said. */
  readonly note: string;
  readonly findings: readonly Finding[];
}

/** Fail beats inconclusive beats pass; of nothing at all, nothing is known. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('fail')) return 'fail';
  return verdicts.length === 0 || verdicts.includes('inconclusive') ? 'inconclusive' : 'pass';
}

/** A check that fails by any finding. @param note what was looked at */
export const checkOf = (name: string, findings: readonly Finding[], note: string): Check => ({
  name,
  verdict: findings.length === 0 ? 'pass' : 'fail',
  note,
  findings,
});

export const inconclusive = (name: string, why: string, findings: readonly Finding[] = []): Check => ({
  name,
  verdict: 'inconclusive',
  note: why,
  findings,
});

/** What `look` finds; what stops it from looking makes the check inconclusive. */
export async function tryCheck(name: string, look: () => Promise<Check>): Promise<Check> {
  try {
    return await look();
  } catch (error) {
    return inconclusive(name, error instanceof Error ? error.message : String(error));
  }
}
