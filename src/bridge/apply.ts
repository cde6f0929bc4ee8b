import { setTimeout as sleep } from 'node:timers/promises';
import { isPatch, keyOf, type KubeObject } from '../model/kube-object.js';
import { LABELS } from '../model/names.js';
import { ApiError } from './api-error.js';
import { isSettled, NotExact, reconcile, type Inexact } from './apply-object.js';
import { reconcilePatch, release } from './apply-patch.js';
import { rolledOut } from './apply-rollout.js';
import { forEachLimited } from './apply-limit.js';
import type { Cluster, LiveObject } from './cluster.js';
import { readInventory } from './inventory.js';
import { inDeletionOrder, inOrder, phaseOf, STARTED_LAST, type Phase } from './order.js';
import { isKept, ownerOf, patcherOf, readStack } from './ownership.js';

/** `absent`: a patch of what is not there yet. `released`: a workload of others without our patch again. */
export const ACTIONS = ['created', 'updated', 'repaired', 'unchanged', 'absent', 'pruned', 'released', 'kept'] as const;
export type Action = (typeof ACTIONS)[number];

/** What happened to one object. */
export interface Change {
  /** As `keyOf` writes it. */
  readonly key: string;
  readonly action: Action;
  /** Milliseconds that its requests took; 0 where none was sent. */
  readonly ms: number;
  /** What the API server warned of, among it admission guards in audit. */
  readonly warnings: readonly string[];
}

export interface ApplyOptions {
  /** Called after each object, in the order of events. */
  readonly onProgress?: (change: Change) => void;
  /** Nothing is stored; the API server validates and admits. @default false */
  readonly dryRun?: boolean;
  /** Whether live objects of the stack that are not rendered are deleted. @default true */
  readonly prune?: boolean;
  readonly signal?: AbortSignal;
}

/** Keys by what happened, and how long it took. */
export interface ApplyResult extends Readonly<Record<Action, readonly string[]>> {
  readonly changes: readonly Change[];
  /** From the first request to the last answer, milliseconds. */
  readonly ms: number;
  /** What a reader should know, for example that new admission guards take a moment to become active. */
  readonly notes: readonly string[];
}

/** It stopped half-way: where, after how much, why. The next run finishes it. Exit code 1, 5 when admission refused. */
export class ApplyStopped extends Error {
  override readonly name = 'ApplyStopped';
  constructor(
    readonly ofStack: string,
    /** The object that was being written or deleted. */
    readonly key: string,
    readonly changes: readonly Change[],
    total: number,
    override readonly cause: unknown,
  ) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const done = changes.filter(({ action }) => action !== 'kept').length;
    super(
      `stack "${ofStack}" stopped at ${key}, ${done} of ${total} objects done: ${why}${cause instanceof ApiError ? '\nWhat was done stays; run the same command again once that is solved, it continues where it stopped.' : ''}`,
    );
  }
}

/** Requests under way at a time. */
const LIMIT = 8;

const NETWORK: ReadonlySet<Phase> = new Set<Phase>(['allow', 'baseline', 'admin tier']);

/**
 * Makes the cluster hold exactly the rendered objects of a stack, by server-side apply in dependency order, and prunes
 * what the stack owned beside them. Run again, it changes nothing; run after a crash, it finishes. What is labelled
 * `portarium.io/keep` is never deleted.
 *
 * Openings that are not rendered any more are deleted after every other policy is in place and before workloads are
 * written: agents that restart because egress closed must start after it did (design: controls, levels, relaxations).
 * Daemons that change wait for the stack's servers: a SPIRE agent must not be newer than any server.
 *
 * Throws NotOwned before anything is written, ApplyStopped half-way, and NotExact at the end.
 */
export async function applyStack(
  cluster: Cluster,
  stack: string,
  objects: readonly KubeObject[],
  options: ApplyOptions = {},
): Promise<ApplyResult> {
  const started = performance.now();
  const ordered = inOrder(objects);
  const unlabelled = ordered.filter((object) => (isPatch(object) ? patcherOf : ownerOf)(object) !== stack).map(keyOf);
  if (unlabelled.length > 0) {
    throw new Error(
      `rendered without the label ${LABELS.stack}=${stack}, or ${LABELS.patchedBy} on a patch: ${unlabelled.join(', ')}.`,
    );
  }
  const { signal, dryRun = false, prune = true } = options;
  const { objects: hint } = await readInventory(cluster, stack);
  const { live, extra, unpatch } = await readStack(cluster, stack, ordered, { hint, ...(signal && { signal }) });
  const doomed = prune ? inDeletionOrder([...extra.filter((object) => !isKept(object)), ...unpatch]) : [];
  const run = new Run(cluster, stack, ordered.length + doomed.length, options);

  const writable = dryRun ? await admissible(cluster, ordered, live) : new Set(ordered);
  const write = (phase: Phase): Promise<void> =>
    run.each(
      ordered.filter((object) => phaseOf(object) === phase),
      async (object) =>
        isPatch(object)
          ? reconcilePatch(cluster, object, live.get(keyOf(object)), { dryRun, ...(signal && { signal }) })
          : writable.has(object)
            ? reconcile(cluster, object, live.get(keyOf(object)), { dryRun, ...(signal && { signal }) })
            : { action: 'created', warnings: [] },
    );
  const remove = async (objects: readonly KubeObject[]): Promise<void> => {
    for (const object of objects) await run.each([object], () => run.remove(object as LiveObject));
  };
  const phases = [...new Set(ordered.map(phaseOf))];
  for (const phase of phases.filter((name) => !STARTED_LAST.includes(name))) {
    await write(phase);
    if (phase === 'definitions' && !dryRun) await run.each(ordered.filter(isDefinition), established(cluster, signal));
  }
  await remove(doomed.filter((object) => NETWORK.has(phaseOf(object))));
  await write('workloads');
  const daemonsChange = ordered.some((object) => phaseOf(object) === 'daemons' && !isUpToDate(object, live));
  if (daemonsChange && !dryRun) {
    await run.each(
      ordered.filter(({ kind }) => kind === 'StatefulSet'),
      (server) => rolledOut(cluster, server, signal),
    );
  }
  await write('daemons');
  await write('registrations');
  await remove(doomed.filter((object) => !NETWORK.has(phaseOf(object))));

  const kept = prune ? extra.filter(isKept) : [...extra, ...unpatch];
  for (const object of kept) run.record(keyOf(object), 'kept', 0, []);
  if (run.inexact.length > 0) throw new NotExact(run.inexact);
  if (run.changes.some(({ key, action }) => action !== 'unchanged' && key.startsWith('ValidatingAdmissionPolicy'))) {
    run.notes.push(
      'Changed admission guards take a moment, seldom more than a second, to be active in every API server.',
    );
  }
  return run.result(started);
}

const isUpToDate = (object: KubeObject, live: ReadonlyMap<string, LiveObject>): boolean => {
  const found = live.get(keyOf(object));
  return found !== undefined && isSettled(object, found);
};

/** Keeps what happened and stops at the first failure. */
class Run {
  readonly changes: Change[] = [];
  readonly notes: string[] = [];
  readonly inexact: Inexact[] = [];
  constructor(
    readonly cluster: Cluster,
    readonly stack: string,
    readonly total: number,
    readonly options: ApplyOptions,
  ) {}

  async each(
    objects: readonly KubeObject[],
    act: (object: KubeObject) => Promise<{ readonly action: Action; readonly warnings: readonly string[] } | undefined>,
  ): Promise<void> {
    await forEachLimited(objects, LIMIT, async (object) => {
      const started = performance.now();
      const key = keyOf(object);
      try {
        this.options.signal?.throwIfAborted();
        const done = await act(object);
        if (done)
          this.record(key, done.action, done.action === 'unchanged' ? 0 : performance.now() - started, done.warnings);
      } catch (error) {
        // One object that a webhook insists on must not keep the rest of a rollback, or of a close, from happening.
        if (error instanceof NotExact) this.inexact.push(...error.objects);
        else throw new ApplyStopped(this.stack, key, this.changes, this.total, error);
      }
    });
  }

  async remove(
    object: LiveObject,
  ): Promise<{ action: 'pruned' | 'released'; warnings: readonly string[] } | undefined> {
    const { dryRun = false, signal } = this.options;
    if (ownerOf(object) === undefined && patcherOf(object) === this.stack) {
      const released = await release(this.cluster, object, { dryRun, ...(signal && { signal }) });
      if (released && released.left.length > 0) this.notes.push(heldByOthers(object, released.left));
      return released && { action: 'released', warnings: released.warnings };
    }
    // Whatever the selector said: an object without the stack's label is never deleted.
    if (ownerOf(object) !== this.stack || isKept(object)) return undefined;
    await this.cluster.delete(object, { uid: object.metadata.uid, dryRun, ...(signal && { signal }) });
    return { action: 'pruned', warnings: [] };
  }

  record(key: string, action: Action, ms: number, warnings: readonly string[]): void {
    if (action === 'absent')
      this.notes.push(`${key} is not there yet, so there is nothing to patch; apply again once it is.`);
    const change = { key, action, ms: Math.round(ms), warnings };
    this.changes.push(change);
    this.options.onProgress?.(change);
  }

  result(started: number): ApplyResult {
    const keys = (action: Action): readonly string[] =>
      this.changes.filter((change) => change.action === action).map(({ key }) => key);
    return {
      ...(Object.fromEntries(ACTIONS.map((action) => [action, keys(action)])) as Record<Action, readonly string[]>),
      changes: this.changes,
      notes: this.notes,
      ms: Math.round(performance.now() - started),
    };
  }
}

/** What stays of a patch after its release. */
export const heldByOthers = (object: KubeObject, left: readonly string[]): string =>
  `${keyOf(object)} was released, but others hold on to ${left.join(', ')}; remove it there (kubectl get --show-managed-fields says who).`;

const isDefinition = (object: KubeObject): boolean => phaseOf(object) === 'definitions';

/** Waits, 30 s at most, until the API server serves the kind: only then can objects of it be written. */
const established =
  (cluster: Cluster, signal: AbortSignal | undefined) =>
  async (definition: KubeObject): Promise<undefined> => {
    for (let tries = 0; tries < 300; tries += 1) {
      const live = await cluster.get(definition);
      const { conditions } = (live['status'] ?? {}) as { conditions?: { type: string; status: string }[] | null };
      if (conditions?.some(({ type, status }) => type === 'Established' && status === 'True')) return undefined;
      await sleep(100, undefined, signal ? { signal } : {});
    }
    throw new Error(`${keyOf(definition)} was not established within 30 s; see its status.conditions.`);
  };

/** In a dry run, what would stand in a namespace or be of a kind that does not exist yet cannot be sent. */
async function admissible(
  cluster: Cluster,
  ordered: readonly KubeObject[],
  live: ReadonlyMap<string, LiveObject>,
): Promise<ReadonlySet<KubeObject>> {
  const missing = new Set(
    ordered
      .filter((object) => object.kind === 'Namespace' && !live.has(keyOf(object)))
      .map((object) => object.metadata.name),
  );
  const sendable = await Promise.all(
    ordered.map(async (object) =>
      (await cluster.tryResource(object.apiVersion, object.kind)) !== undefined &&
      !missing.has(object.metadata.namespace ?? '')
        ? [object]
        : [],
    ),
  );
  return new Set(sendable.flat());
}
