import { canonicalJson, sha256 } from '../model/canonical.js';
import type { KubeObject } from '../model/kube-object.js';
import { rank, type Level } from '../model/levels.js';
import { ANNOTATIONS, API_VERSION, LABELS, NAMESPACES } from '../model/names.js';
import type { LiveRelaxation } from '../model/relaxation-object.js';
import { tryRefusal, type Relaxation } from '../model/relaxation.js';
import type { Relaxing, Workspace } from '../model/workspace.js';
import type { Cluster } from './cluster.js';
import { listRelaxations } from './relaxations.js';
import { Refused } from './refused.js';

/** What rendering a workspace needs to know of the cluster. */
export interface LiveFacts {
  /** In force for exactly the controls that the config relaxes; absent where it relaxes none. */
  readonly relaxation?: Relaxation;
  /** Name of the newest ended or expired Relaxation that covered egress: agents older than it must restart. */
  readonly closedAfter?: string;
  /** From the live WorkspacePolicy; absent before the first deployment. */
  readonly reachedLevel?: Level;
}

/** The name that stands for a Relaxation that does not exist yet, so that its plan can be rendered and hashed. */
export const UNNAMED = 'relaxation-to-be-named';

/** The Relaxation that the config names or needs is not in force, or is for something else. Exit code 5. */
export class RelaxationRefused extends Refused {
  override readonly name = 'RelaxationRefused';
}

/**
 * SHA-256 of a stack's rendered objects: what an approver approves. The order of the objects, the Relaxation's own name
 * and what the cluster adds (after which Relaxation agents restart) do not count, so that it can be computed before the
 * Relaxation exists, with `UNNAMED` in its place.
 */
export function planHash(objects: readonly KubeObject[]): string {
  const name = relaxationIn(objects);
  const texts = objects.map((object) => {
    const text = canonicalJson(object).replace(CLOSED_AFTER, (_, key: string) => `${key}"closed"`);
    return name === undefined ? text : text.replaceAll(name, UNNAMED);
  });
  return sha256(texts.sort());
}

const CLOSED_AFTER = new RegExp(`("${ANNOTATIONS.egress.replaceAll('.', '\\.')}":)"closed-after-[^"]*"`, 'g');

/** The name by which objects of a stack open something. */
function relaxationIn(objects: readonly KubeObject[]): string | undefined {
  for (const object of objects) {
    const label = object.metadata.labels?.[LABELS.relaxation];
    const { relaxation } = (object['spec'] ?? {}) as { relaxation?: { name?: string } };
    const name = label ?? (object.kind === 'WorkspacePolicy' ? relaxation?.name : undefined);
    if (name !== undefined) return name;
  }
  return undefined;
}

export interface LiveFactsOptions {
  /** Hash of the stack as rendered with the relaxation. @default - not compared */
  readonly planHash?: string;
  /** @default - now */
  readonly now?: Date;
}

/**
 * Reads what rendering a workspace needs to know. Throws RelaxationRefused when the config relaxes something and no
 * Relaxation in force permits exactly that, and LevelBelowReached when the config's level is below what was reached.
 */
export async function readLiveFacts(
  cluster: Cluster,
  workspace: Workspace,
  { planHash: hash, now = new Date() }: LiveFactsOptions = {},
): Promise<LiveFacts> {
  const [relaxations, reachedLevel] = await Promise.all([
    listRelaxations(cluster, workspace.id),
    readReachedLevel(cluster, workspace.id),
  ]);
  if (reachedLevel !== undefined && rank(workspace.level) < rank(reachedLevel)) {
    throw new LevelBelowReached(workspace, reachedLevel);
  }
  const closed = relaxations
    .filter(({ controls, approvedBy }) => controls.includes('egress') && approvedBy !== undefined)
    .filter((relaxation) => endOf(relaxation) <= now.getTime())
    .sort((a, b) => endOf(b) - endOf(a))[0];
  return {
    ...(workspace.relaxing && {
      relaxation: permitting(cluster, workspace, workspace.relaxing, relaxations, hash, now),
    }),
    ...(closed && { closedAfter: closed.name }),
    ...(reachedLevel !== undefined && { reachedLevel }),
  };
}

/** The config asks for a lower level than the workspace has reached. Exit code 5. */
export class LevelBelowReached extends Error {
  override readonly name = 'LevelBelowReached';
  constructor(workspace: Workspace, reached: Level) {
    super(
      `workspace "${workspace.id}" has reached level "${reached}", and enforcement.level says "${workspace.level}". A level only rises; to go back for a while leave it at "${reached}" and run: enforce rollback --stack ${workspace.stack} --to 1|2|3|full`,
    );
  }
}

/** The level in the live WorkspacePolicy; undefined before the first deployment. */
export async function readReachedLevel(cluster: Cluster, workspaceId: string): Promise<Level | undefined> {
  const live = await cluster.tryGet({
    apiVersion: API_VERSION,
    kind: 'WorkspacePolicy',
    metadata: { name: workspaceId, namespace: NAMESPACES.policy },
  });
  return (live?.['spec'] as { reachedLevel?: Level } | undefined)?.reachedLevel;
}

/** When it stopped permitting anything. One that was ended says when; if it does not, the expiry is the latest. */
const endOf = ({ state, endedAt, expiresAt }: LiveRelaxation): number =>
  state === 'ended' ? Math.min((endedAt ?? expiresAt).getTime(), expiresAt.getTime()) : expiresAt.getTime();

/** The Relaxation in force that permits what the config relaxes; throws RelaxationRefused. */
function permitting(
  cluster: Cluster,
  workspace: Workspace,
  relaxing: Relaxing,
  relaxations: readonly LiveRelaxation[],
  hash: string | undefined,
  now: Date,
): Relaxation {
  const covering = relaxations.filter(({ controls }) => sameControls(controls, relaxing));
  const chosen =
    relaxing.relaxation === undefined
      ? (covering.find((candidate) => refusal(candidate, workspace, relaxing, hash, now) === undefined) ?? covering[0])
      : relaxations.find(({ name }) => name === relaxing.relaxation);
  const why =
    chosen === undefined
      ? relaxing.relaxation === undefined
        ? `No Relaxation covers ${relaxing.controls.join(', ')} of workspace "${workspace.id}".`
        : `There is no Relaxation "${relaxing.relaxation}" of workspace "${workspace.id}" in ${NAMESPACES.policy} of ${cluster.server}.`
      : refusal(chosen, workspace, relaxing, hash, now);
  if (chosen !== undefined && why === undefined) return chosen;
  throw new RelaxationRefused(`${why} The config says: ${relaxing.as}. ${advice(workspace, relaxing, chosen, now)}`);
}

function refusal(
  relaxation: Relaxation,
  workspace: Workspace,
  relaxing: Relaxing,
  hash: string | undefined,
  now: Date,
): string | undefined {
  const { name, workspaceId, controls, planHash: approved } = relaxation;
  if (workspaceId !== workspace.id) return `Relaxation ${name} is for workspace "${workspaceId}".`;
  if (!sameControls(controls, relaxing)) {
    return `Relaxation ${name} covers ${controls.join(', ')}, not exactly ${relaxing.controls.join(', ')}.`;
  }
  const why = tryRefusal(relaxation, now);
  if (why !== undefined) return why;
  if (hash !== undefined && approved !== hash) {
    return `Relaxation ${name} was approved for another plan (${approved.slice(0, 12)}…, this one is ${hash.slice(0, 12)}…): the stack’s config has changed since.`;
  }
  return undefined;
}

const sameControls = (controls: Relaxation['controls'], relaxing: Relaxing): boolean =>
  controls.length === relaxing.controls.length && relaxing.controls.every((control) => controls.includes(control));

function advice(workspace: Workspace, relaxing: Relaxing, chosen: Relaxation | undefined, now: Date): string {
  if (chosen?.state === 'requested' && chosen.expiresAt > now) {
    return `Have another person approve it (enforce approve ${chosen.name}), or remove the key.`;
  }
  const [command = '', target = ''] = relaxing.as.split(' ');
  const ask =
    command === 'rollback'
      ? `enforce rollback --stack ${workspace.stack} --to ${target}`
      : `enforce relax --stack ${workspace.stack} ${relaxing.controls.map((control) => `--control ${control}`).join(' ')}`;
  return `To come back, remove the key (enforce ${command} --stack ${workspace.stack} --undo); to ask for a Relaxation: ${ask}`;
}
