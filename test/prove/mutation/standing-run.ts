import type { KubeObject } from '../../../src/model/kube-object.js';
import type { ClaimVerdict } from '../../../src/prove/claims/claim.js';
import { guardsInForce } from '../../../src/prove/claims/admissible-guards.js';
import { proveNetwork, proveStanding, type WorkspaceInput } from '../../../src/prove/claims/workspace-claims.js';
import { RENDERED } from '../claims/stack.js';
import { applied, deleted, type Mutant } from './mutant.js';
import type { Stack } from './network-run.js';
import { outcomeOf, type Outcome } from './outcome.js';

const allClaims = (input: WorkspaceInput): readonly ClaimVerdict[] => [...proveNetwork(input), ...proveStanding(input)];

/** Kinds that claims P and D do not read. */
const NOT_OF_THE_NETWORK = /^(Cluster)?Role(Binding)?$|^ClusterS|^WorkspacePolicy$|^Deployment$/;

/** What mutants of registrations, rights, namespaces and pods do to the claims that read them. */
export function standingRuns({ input, objects }: Stack): (mutant: Mutant) => Outcome {
  const [all, standing] = [allClaims(input), proveStanding(input)];
  return (mutant) => {
    const changed = { ...input, objects: applied(objects, mutant) };
    return NOT_OF_THE_NETWORK.test((mutant.of ?? mutant.instead)!.kind)
      ? outcomeOf(standing, proveStanding(changed))
      : outcomeOf(all, allClaims(changed));
  };
}

/**
 * What mutants of guards and bindings do to all five claims. All of a guard’s mutants that take it out of force are one
 * to the claims, which ask for nothing else of it: they are proved once, as the guard deleted.
 */
export function guardRuns(stack: Stack): (mutant: Mutant) => Outcome {
  const run = standingRuns(stack);
  const known = new Map<string, Outcome>();
  return (mutant) => {
    const name = guardOf(mutant);
    const admission = RENDERED.filter((object) => [nameOf(object), policyNameOf(object)].includes(name));
    if (guardsInForce(admission, applied(admission, mutant)).has(name)) return 'survived';
    const guard = admission.find(({ kind }) => kind === 'ValidatingAdmissionPolicy')!;
    const outcome = known.get(name) ?? run(deleted('guard deleted', guard));
    known.set(name, outcome);
    return outcome;
  };
}

/** The guard that a mutant is about. */
export const guardOf = ({ of, instead }: Mutant): string => {
  const object = (of ?? instead)!;
  return policyNameOf(object) ?? nameOf(object);
};

const nameOf = ({ metadata }: KubeObject): string => metadata.name;
const policyNameOf = (object: KubeObject): string | undefined =>
  object.kind === 'ValidatingAdmissionPolicyBinding'
    ? (object as { spec?: { policyName?: string } }).spec?.policyName
    : undefined;
