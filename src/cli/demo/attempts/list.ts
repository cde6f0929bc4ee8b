import type { KubeObject } from '../../../model/kube-object.js';
import { identity, tokens } from './agents.js';
import type { Family } from './attempt.js';
import { approvals, models, onboarding, policies, relaxations } from './authority.js';
import { dataPlane } from './data-plane.js';
import { front } from './front.js';
import { closedShape, clusterPolicies, foreignPolicies } from './network.js';
import { openings } from './openings.js';
import { peers, surroundings } from './pods.js';
import { rights } from './rights.js';
import { running } from './running.js';
import { sidecars } from './sidecars.js';
import { spire } from './spire.js';
import { namespaces, services } from './surroundings.js';
import { volumes } from './volumes.js';

/** Everything that is tried, by what it is about. Each refusal comes from one policy, so that none covers for another. */
export const FAMILIES: readonly Family[] = [
  identity,
  tokens,
  rights,
  surroundings,
  dataPlane,
  volumes,
  peers,
  sidecars,
  running,
  namespaces,
  services,
  foreignPolicies,
  clusterPolicies,
  closedShape,
  openings,
  front,
  spire,
  relaxations,
  policies,
  approvals,
  onboarding,
  models,
];

const POLICY = 'ValidatingAdmissionPolicy';

/** The admission policies of a stack that no attempt names as the only one to refuse it: deleted, nobody would notice. */
export function untried(objects: readonly KubeObject[], families: readonly Family[] = FAMILIES): readonly string[] {
  const named = new Set(
    families.flatMap(({ attempts }) => attempts.flatMap(({ refusedBy }) => (refusedBy.length === 1 ? refusedBy : []))),
  );
  return namesOf(objects, POLICY).filter((name) => !named.has(name));
}

/** The bindings of a stack that refused nothing. */
export const unheard = (objects: readonly KubeObject[], answered: ReadonlySet<string>): readonly string[] =>
  namesOf(objects, `${POLICY}Binding`).filter((name) => !answered.has(name));

const namesOf = (objects: readonly KubeObject[], of: string): readonly string[] =>
  objects.filter(({ kind }) => kind === of).map(({ metadata }) => metadata.name);
