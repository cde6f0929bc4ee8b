import { policyHash } from '../../model/policy.js';
import type { Proof } from '../../prove/claims/prove.js';
import { proofResult } from '../../prove/claims/result.js';
import { withPreflight } from '../../prove/claims/with-preflight.js';
import { proveWorkspace } from '../../prove/claims/workspace-claims.js';
import type { Input } from '../../prove/input/input.js';
import { CliError, EXIT } from '../exit-codes.js';
import { checkSigning, writeKept } from '../kept.js';
import type { Output } from '../output.js';
import type { LiveSource } from '../read-objects.js';
import type { StackOptions } from '../stack.js';
import { stackInput } from './subject.js';

/** Objects that were read, and what a live cluster says of itself; none where the stacks are judged as they render. */
export type Source = { readonly input?: Input } | LiveSource;

export interface StackProofOptions extends StackOptions {
  readonly vaultEvidence?: string;
  readonly out?: string;
  readonly signingKey?: string;
}

/** Proves one workspace's stack; the proof is kept where `--out` asks for it. @param from when reading began */
export function proveStack(options: StackProofOptions, source: Source, from: Date, output: Output): Proof {
  const live = 'preflight' in source ? source : undefined;
  const input = stackInput(options, source.input, live);
  const proved = proveWorkspace(input);
  const proof = live ? withPreflight(proved, live.preflight) : proved;
  if (options.out === undefined) return proof;
  const { objects, secrets, vault, platform, workspace } = input;
  const result = proofResult(proof, {
    ...{ from: from.toISOString(), until: new Date().toISOString(), stack: workspace.stack, workspaceId: workspace.id },
    policyHash: policyHash(platform, workspace),
    ...{ source: live ? 'cluster' : source.input ? 'manifests' : 'stacks', objects },
    ...(secrets && { secrets }),
    ...(vault && { vault }),
    ...(live && { cluster: live.cluster }),
  });
  writeKept(result, options.out, options.signingKey, output);
  return proof;
}

/** Options that would keep less than a whole proof of a stack. @throws CliError */
export function checkKeeping(
  options: Partial<Record<'out' | 'signingKey' | 'stack' | 'manifests' | 'cluster' | 'claims' | 'explain', unknown>>,
): void {
  const { out, signingKey, stack, manifests, cluster, claims, explain } = options;
  checkSigning({ signingKey, out });
  if (out === undefined) return;
  if (claims !== undefined || explain !== undefined) {
    throw new CliError(
      EXIT.usage,
      `--out keeps whole proofs. Leave out ${claims === undefined ? '--explain' : '--claims'}.`,
    );
  }
  if (stack === undefined && (manifests !== undefined || cluster !== undefined)) {
    throw new CliError(EXIT.usage, '--out keeps the proof of a stack. Name it with --stack NAME.');
  }
}
