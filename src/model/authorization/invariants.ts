import { typeOf, workspaceOf } from './ids.js';
import { keyOf, type Tuple } from './tuple.js';

/** What stands in a workspace by a tuple of its own, and the relation that says so. */
const PARENT = { agent: 'workspace', run: 'workspace', credential: 'workspace', approval: 'run' } as const;

/**
 * What no set of tuples may say, since the model cannot rule it out: OpenFGA has no cardinality, so an object with two
 * workspaces is open to both. Each a sentence; none when all hold: every agent, run and credential has exactly one
 * workspace and every approval exactly one run; ids begin with the workspace that they belong to; agents act in
 * their own workspace alone; a run has one initiator, who approves nothing of it.
 */
export function violations(tuples: readonly Tuple[]): readonly string[] {
  const byObject = Map.groupBy(tuples, ({ object }) => object);
  return [...byObject].flatMap(([object, own]) => [
    ...parents(object, own),
    ...own.filter(isForeign).map((tuple) => `${keyOf(tuple)} reaches into another workspace.`),
    ...initiators(object, own),
    ...conflicts(object, own, byObject),
  ]);
}

/** Whether a tuple ties an object of one workspace to a workspace, run or agent of another. */
export const isForeign = ({ user, object }: Tuple): boolean =>
  ['workspace', 'run', 'agent'].includes(typeOf(user)) && workspaceOf(user) !== workspaceOf(object);

const usersWith = (own: readonly Tuple[], relation: string): readonly string[] =>
  own.filter((tuple) => tuple.relation === relation).map(({ user }) => user);

function parents(object: string, own: readonly Tuple[]): readonly string[] {
  const type = typeOf(object);
  if (!Object.hasOwn(PARENT, type)) return [];
  const relation = PARENT[type as keyof typeof PARENT];
  const found = usersWith(own, relation);
  if (found.length === 1) return [];
  return [
    found.length === 0
      ? `${object} has no ${relation}, so what is granted on it means nothing.`
      : `${object} has ${found.length} of ${relation}: ${found.join(', ')}. It is open to each.`,
  ];
}

function initiators(object: string, own: readonly Tuple[]): readonly string[] {
  if (typeOf(object) !== 'run') return [];
  const found = usersWith(own, 'initiator');
  return found.length === 1 ? [] : [`${object} has ${found.length} initiators, not one.`];
}

function conflicts(
  object: string,
  own: readonly Tuple[],
  byObject: ReadonlyMap<string, readonly Tuple[]>,
): readonly string[] {
  const run = usersWith(own, 'run')[0];
  const initiator = usersWith(byObject.get(run ?? '') ?? [], 'initiator')[0];
  if (typeOf(object) !== 'approval' || initiator === undefined) return [];
  return own
    .filter(({ relation }) => relation === 'assigned_approver')
    .flatMap((tuple) => {
      const pinned = tuple.condition?.context['initiator'];
      return [
        ...(tuple.user === initiator ? [`${keyOf(tuple)}: the initiator of ${run} may not approve it.`] : []),
        ...(pinned === initiator
          ? []
          : [`${keyOf(tuple)}: its condition names ${pinned ?? 'no initiator'}, but that of ${run} is ${initiator}.`]),
      ];
    });
}
