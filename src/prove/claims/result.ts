import { canonicalJson, sha256 } from '../../model/canonical.js';
import type { KeptResult } from '../../model/kept.js';
import type { Level } from '../../model/levels.js';
import type { VaultEvidence } from '../../model/vault-evidence.js';
import type { KubeObject } from '../kube-object.js';
import { CLAIMED_FROM } from './claim.js';
import type { ClaimName, ClaimVerdict, Verdict } from './claim.js';
import type { SecretRef } from './credentials-stores.js';
import type { Proof } from './prove.js';
import type { RoleReach } from './reach-rows.js';

/** What one run of `enforce prove` showed about one workspace's stack; goes into reports. Always of all five claims. */
export interface ProofResult extends KeptResult {
  readonly kind: 'enforce prove';
  readonly version: 1;
  readonly source: ProofSource;
  /** Address of the API server, and who asked; absent where no cluster was read. */
  readonly server?: string;
  readonly by?: string;
  readonly level: Level;
  /** Of the policy that the config gives. */
  readonly policyHash: string;
  readonly verdict: Verdict;
  readonly zeroBypass: boolean;
  readonly reach: readonly RoleReach[];
  readonly claims: readonly KeptClaim[];
}

/** The objects that were judged. */
export interface ProofSource {
  /** `stacks`: as they render, each step of their updates too. `manifests`: of a folder. `cluster`: as they were live. */
  readonly kind: 'stacks' | 'manifests' | 'cluster';
  readonly objects: number;
  /** Of their canonical JSON, whatever their order: hex. */
  readonly sha256: string;
}

/** A claim with what it was made from. */
export interface KeptClaim extends ClaimVerdict {
  readonly claimedFrom: Level;
  /** What was read for it, each as a phrase. */
  readonly evidence: readonly string[];
}

/** What a proof was made from, and when. */
export interface ProofFacts extends Pick<KeptResult, 'from' | 'until' | 'stack' | 'workspaceId'> {
  readonly policyHash: string;
  readonly source: ProofSource['kind'];
  readonly objects: readonly KubeObject[];
  readonly secrets?: readonly SecretRef[];
  readonly vault?: VaultEvidence;
  readonly cluster?: { readonly server: string; readonly by: string };
}

/** A proof as it is kept. Throws RangeError where it is of no level, or not of all claims. */
export function proofResult(proof: Proof, facts: ProofFacts): ProofResult {
  const { from, until, stack, workspaceId, policyHash, objects, cluster } = facts;
  const { level, verdict, zeroBypass, reach, claims } = proof;
  const missing = (Object.keys(CLAIMED_FROM) as ClaimName[]).filter(
    (name) => !claims.some(({ claim }) => claim === name),
  );
  if (level === undefined || missing.length > 0) {
    throw new RangeError(
      `the proof of ${proof.subject} says nothing of ${level === undefined ? 'a level' : missing.join(', ')}`,
    );
  }
  const source = { kind: facts.source, objects: objects.length, sha256: sha256(objects.map(canonicalJson).sort()) };
  return {
    ...{ kind: 'enforce prove', version: 1, from, until, stack, workspaceId, source },
    ...cluster,
    ...{ level, policyHash, verdict, zeroBypass, reach },
    claims: claims.map((claim) => ({
      ...claim,
      claimedFrom: CLAIMED_FROM[claim.claim],
      evidence: claim.verdict === 'not claimed' ? [] : evidenceFor(claim.claim, source, facts),
    })),
  };
}

const READ: Readonly<Record<ProofSource['kind'], string>> = {
  stacks: 'as the stacks render them',
  manifests: 'of manifests',
  cluster: 'as they were live',
};

function evidenceFor(
  claim: ClaimName,
  { kind, objects, sha256: digest }: ProofSource,
  { secrets, vault, cluster }: ProofFacts,
): readonly string[] {
  return [
    `${objects} objects ${READ[kind]}, sha256 ${digest}`,
    ...(claim === 'P' && cluster ? ['what the network layer’s objects and the API server’s version say of it'] : []),
    ...(claim === 'C' && secrets ? [`the names and types of ${secrets.length} Secrets, as they were live`] : []),
    ...(claim === 'C' && vault ? [`Vault’s policies: ${vault.source}, sha256 ${sha256(vault)}`] : []),
  ];
}
