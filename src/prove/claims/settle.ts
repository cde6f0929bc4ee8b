import type { Level } from '../../model/levels.js';
import { rank } from '../../model/levels.js';
import { CLAIMED_FROM } from './claim.js';
import type { Assumption, Because, ClaimName, ClaimVerdict, CounterExample } from './claim.js';

/** What was found out about one claim, before it has a verdict. */
export interface Findings {
  readonly argument: readonly string[];
  readonly counterExamples: readonly CounterExample[];
  readonly reasons: readonly string[];
  readonly assumptions: readonly Assumption[];
}

/** The verdict that findings amount to: one counter-example refutes, one reason leaves open, nothing of either proves. */
export function settle(claim: ClaimName, found: Findings): ClaimVerdict {
  const refuted = found.counterExamples.length > 0;
  const verdict = refuted ? 'refuted' : found.reasons.length > 0 ? 'inconclusive' : 'proved';
  return { claim, verdict, ...found, reasons: [...new Set(found.reasons)] };
}

/** Whether a claim is made at a level; manifests of which no level is known are held to all of them. */
export const isClaimedAt = (level: Level | undefined, claim: ClaimName): boolean =>
  level === undefined || rank(level) >= rank(CLAIMED_FROM[claim]);

/** Guards that are to hold something and do not: absent, changed, not bound everywhere, or not refusing. */
export const guardsMissing = (names: readonly string[], summary: string): CounterExample => ({
  cause: 'guard-not-in-force',
  summary,
  objects: [],
  because: names.map(notInForce),
  fix: `Set portarium:guards to deny and deploy the platform’s stack, so that these and their bindings are as rendered: ${names.join(', ')}.`,
});

export const notInForce = (name: string): Because => ({
  object: `ValidatingAdmissionPolicy ${name}`,
  field: 'not in force',
});

/** The name of a guard of the platform: `agent-pods` is `portarium-guard-agent-pods` (docs/guards.md). */
export const guard = (name: string): string => `portarium-guard-${name}`;
