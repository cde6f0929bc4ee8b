import type { Check, Verdict } from '../model/check.js';
import type { KeptResult } from '../model/kept.js';

/** What one run of `enforce verify` found; goes into reports. */
export interface VerifyResult extends KeptResult {
  readonly kind: 'enforce verify';
  readonly version: 1;
  /** Address of the API server, and who asked. */
  readonly server: string;
  readonly by: string;
  /** That was compared with; absent where it could not be said. */
  readonly level?: string;
  /** Of the policy that the config gives; whether it is live is one of the checks. */
  readonly policyHash?: string;
  readonly verdict: Verdict;
  readonly checks: readonly Check[];
}
