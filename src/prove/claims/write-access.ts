import type { Level } from '../../model/levels.js';
import type { KubeObject } from '../kube-object.js';
import { mutationsNotEvaluated } from './admissible-mutation.js';
import type { ClaimVerdict, CounterExample } from './claim.js';
import { notBelow } from './prove.js';
import { guardsMissing, isClaimedAt, settle } from './settle.js';
import { agentThings } from './write-access-agents.js';
import { clusterThings } from './write-access-cluster.js';
import { strangersExamples } from './write-access-example.js';
import { impersonation } from './write-access-impersonation.js';
import { rightsOf } from './write-access-match.js';
import type { Right } from './write-access-match.js';
import { platformThings } from './write-access-platform.js';
import {
  CONTROL_PLANE_ASSUMPTION,
  isControlPlane,
  isOfEverything,
  OF_EVERYTHING_ASSUMPTION,
  trustedAssumption,
} from './write-access-principals.js';
import type { Trusted } from './write-access-principals.js';
import type { Protected, ProtectedFacts } from './write-access-protected.js';
import { grantsOf } from './write-access-rbac.js';

export interface WriteAccessInput extends Omit<ProtectedFacts, 'trustedNamespaces'> {
  /** Roles and bindings of RBAC, mutating admission, Namespaces. */
  readonly objects: readonly KubeObject[];
  /** Whether the objects are all of their kinds that there are, as those of a cluster. */
  readonly complete: boolean;
  /** As `guardsInForce` gives them, from the same cluster or folder. */
  readonly guards: ReadonlySet<string>;
  /** Absent: the claim is made. */
  readonly level?: Level;
  readonly trusted?: readonly Trusted[];
}

const NO_RBAC =
  'no ClusterRoleBinding was read, which no cluster with RBAC is without: who may write what is not known';

/** Everything that P to D rest on. */
export const protectedThings = (facts: ProtectedFacts): readonly Protected[] => [
  ...clusterThings(facts),
  ...impersonation(facts),
  ...platformThings(facts),
  ...agentThings(facts),
];

/**
 * Claim W: nobody but the named principals can change what P to D rest on. RBAC says who may try, guards say what may be
 * done: a right that RBAC gives to anybody else is a counter-example unless guards in force take it back.
 *
 * From manifests the RBAC of others is not known. Then a thing that guards are to hold, and do not, refutes: whatever
 * else the cluster's RBAC gives (its own roles `edit` and `admin` among it) would do. A thing that only RBAC can hold
 * (admission policies, roles, the platform's pods) leaves the claim open, with what was not read as the reason.
 * Throws UnreadableObjectError.
 */
export function proveWriteAccess(input: WriteAccessInput): ClaimVerdict {
  const { objects, complete, guards, level, trusted = [], workspaces, platformNamespaces } = input;
  if (!isClaimedAt(level, 'W')) return notBelow('W');
  const things = protectedThings({ workspaces, platformNamespaces, trustedNamespaces: trusted.flatMap(namespaceOf) });
  const isHeld = ({ heldBy }: Protected): boolean => heldBy.length > 0 && heldBy.every((name) => guards.has(name));
  const believed = new Set(trusted.map(({ name }) => name));
  const grants = grantsOf(objects);
  const rights = grants
    .filter(({ subject }) => !isControlPlane(subject) && !isOfEverything(subject) && !believed.has(subject.name))
    .flatMap((grant) => rightsOf(grant, things));
  const strangers = rights.filter((right) => !isMeant(right, guards) && !isTakenBack(right, isHeld(right.thing)));
  const [certain, assumed] = [false, true].map((is) => strangers.filter(({ grant }) => grant.assumed === is));
  const [held, open] = [true, false].map((is) => things.filter((thing) => isHeld(thing) === is));
  const missing = complete ? [] : missingGuards(open!, guards);
  const mutations = mutationsNotEvaluated(objects, [
    ...new Set([...platformNamespaces, ...workspaces.map(({ namespace }) => namespace)]),
  ]);
  return settle('W', {
    argument: [
      `${namesOf(things).length} kinds of things that P to D rest on, and every right that ${grants.length} granted rules give to write them`,
      `held by guards whatever RBAC says: ${namesOf(held!).join(', ') || 'nothing'}`,
    ],
    counterExamples: [...strangersExamples(certain!, guards), ...missing],
    reasons: [
      ...assumed!.map(
        ({ grant }) =>
          `${grant.role.object}, which ${grant.binding.object} gives to ${grant.subject.name}, is not among the objects: what it allows is not known`,
      ),
      ...mutations.map(({ kind, name, reason }) => `${kind} ${name}: ${reason}`),
      ...(complete && !objects.some(({ kind }) => kind === 'ClusterRoleBinding') ? [NO_RBAC] : []),
      ...(complete ? [] : notRead(open!.filter(({ heldBy }) => heldBy.length === 0))),
    ],
    assumptions: [
      CONTROL_PLANE_ASSUMPTION,
      OF_EVERYTHING_ASSUMPTION,
      {
        assumed: 'who is in the groups of the named principals is up to whoever authenticates the cluster’s users',
        checkedBy: 'the identity provider’s own review of the groups portarium:*',
      },
      {
        assumed:
          'the API server runs ValidatingAdmissionPolicy and PodSecurity, as it does by default, without exemptions',
        checkedBy: 'enforce verify: requests that a guard must refuse',
      },
      ...trusted.map(trustedAssumption),
    ],
  });
}

/** Of a trusted service account: whoever runs a pod there may be that account. */
const namespaceOf = ({ name }: Trusted): readonly string[] => {
  const [, kind, namespace] = name.split(':');
  return kind === 'serviceaccount' && namespace !== undefined ? [namespace] : [];
};

/** Whether the right is the subject's by its role, and the guards that narrow it are in force. */
const isMeant = ({ principal }: Right, guards: ReadonlySet<string>): boolean =>
  principal !== undefined && principal.within.every((name) => guards.has(name));

/** From everybody but those whom it is meant for: what a guard lets a principal do, it does not take back from them. */
const isTakenBack = ({ principal }: Right, held: boolean): boolean => principal === undefined && held;

const namesOf = (things: readonly Protected[]): readonly string[] => [...new Set(things.map(({ name }) => name))];

/** Things that guards are to hold and do not, one counter-example for each kind of thing. */
function missingGuards(open: readonly Protected[], guards: ReadonlySet<string>): readonly CounterExample[] {
  const toBeHeld = open.filter(({ heldBy }) => heldBy.length > 0);
  return [...Map.groupBy(toBeHeld, ({ name }) => name).values()].map((things) =>
    guardsMissing(
      [...new Set(things.flatMap(({ heldBy }) => heldBy))].filter((name) => !guards.has(name)),
      `RBAC alone holds ${things[0]!.name}, and is not all among the manifests: whoever has such a right ${things[0]!.worth}`,
    ),
  );
}

const notRead = (open: readonly Protected[]): readonly string[] =>
  open.length === 0
    ? []
    : [
        `RBAC alone holds ${namesOf(open).join('; ')}: who else may write them in the cluster is not among the manifests (enforce prove --cluster)`,
      ];
