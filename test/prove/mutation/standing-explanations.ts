import type { Explanation } from './explanations.js';
import type { Mutant } from './mutant.js';
import { guardOf } from './standing-run.js';
import { AGENT_NAMESPACES } from '../claims/stack.js';

const of = (mutant: Mutant) => (mutant.of ?? mutant.instead)!;
const isGuard = ({ kind }: { readonly kind: string }): boolean => kind.startsWith('ValidatingAdmissionPolicy');
const ofKinds =
  (kinds: RegExp, change: RegExp) =>
  (mutant: Mutant): boolean =>
    kinds.test(of(mutant).kind) && change.test(mutant.kind);

/** It judges templates; whatever they make is judged once more, as a pod. */
const EARLY_ANSWER = 'portarium-guard-workloads';

/** Besides RBAC; the proof judges by RBAC alone who may take these kinds away. */
const SECOND_LOCK = 'portarium-network-definitions-kept';

/** Of mutants of guards. */
export const GUARD_EXPLANATIONS: readonly Explanation[] = [
  {
    reason: 'an early answer about templates: what they make is judged as a pod by the other guards',
    explains: (mutant) => isGuard(of(mutant)) && guardOf(mutant) === EARLY_ANSWER,
  },
  {
    reason: 'a second lock: who may delete the CRDs of network policies is judged by RBAC alone',
    explains: (mutant) => isGuard(of(mutant)) && guardOf(mutant) === SECOND_LOCK,
  },
];

/** Of mutants of rights, registrations, namespaces, WorkspacePolicies and pods. */
export const STANDING_EXPLANATIONS: readonly Explanation[] = [
  {
    reason: 'less than before: what is deleted gives nobody a right, an identity or a namespace',
    explains: ofKinds(/Binding$|^Cluster|^Namespace$|^WorkspacePolicy$/, /(deleted|agent removed)$/),
  },
  {
    reason: 'Pod Security is a second lock to the guards host-access and privileges; other labels refuse nothing',
    explains: ofKinds(/^Namespace$/, /^namespace: (label|Pod)/),
  },
  {
    reason: 'the platform’s deployers and break-glass are trusted with everything already',
    explains: (mutant) => /-(platform-deployer|break-glass)$/.test(of(mutant).metadata.name) && isRole(mutant),
  },
  {
    reason:
      'the role holds nothing, by any verb, that P to D rest on and guards do not take back from all but the named',
    explains: (mutant) => isRole(mutant) && !/-(platform-deployer|break-glass)$/.test(of(mutant).metadata.name),
  },
  {
    reason: 'the named role reads only, or guards take back from a stranger what it gives',
    explains: ofKinds(/Binding$/, /stranger$|added$/),
  },
  {
    reason: 'the guards of agents’ pods refuse the pods that this template makes',
    explains: (mutant) => isPods(mutant) && AGENT_NAMESPACES.includes(of(mutant).metadata.namespace!),
  },
  {
    reason: 'pods of the platform: claims C and I are about agents’ pods, and W about who may change these',
    explains: (mutant) => isPods(mutant) && !AGENT_NAMESPACES.includes(of(mutant).metadata.namespace!),
  },
];

const isRole = (mutant: Mutant): boolean => /^(Cluster)?Role$/.test(of(mutant).kind);
const isPods = (mutant: Mutant): boolean => of(mutant).kind === 'Deployment';
