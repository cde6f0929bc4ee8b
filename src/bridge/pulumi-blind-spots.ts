import { isPatch, keyOf, type KubeObject } from '../model/kube-object.js';
import { differences, isExact } from './compare.js';
import type { LiveObject } from './cluster.js';
import { isKept, type StackState } from './ownership.js';
import type { Recorded } from './pulumi-state.js';

export interface BlindSpotsOptions {
  readonly state: StackState;
  readonly recorded: ReadonlyMap<string, Recorded>;
  /** The object as a server-side apply of it would leave it; nothing is stored. */
  readonly dryRun: (object: KubeObject) => Promise<KubeObject>;
  readonly isThere: (object: KubeObject) => Promise<boolean>;
}

/**
 * What the engine would leave open without a word, as sentences. It compares registered inputs with those of its last
 * update, cut to their shape: it sees neither an object that it did not make, nor a rule that was added to a list, nor,
 * without a refresh, any change at all (research G, section 0). So before anything is registered:
 * - a live object of the stack that is neither rendered nor in the state;
 * - a security object that is neither as last registered nor as rendered now, or is gone;
 * - one to be adopted that fields of others would keep from being as rendered;
 * - the same of patches, and one whose release would fail, since what it patched is gone.
 */
export async function blindSpots(
  objects: readonly KubeObject[],
  { state, recorded, dryRun, isThere }: BlindSpotsOptions,
): Promise<readonly string[]> {
  const unknown = state.extra
    .filter((object) => !isKept(object) && !recorded.has(keyOf(object)))
    .map((object) => `${keyOf(object)} is live but neither rendered nor in Pulumi's state, so no update removes it.`);
  const unreleased = state.unpatch
    .filter((object) => !recorded.has(keyOf(object)))
    .map(
      (object) =>
        `${keyOf(object)} has a patch of the stack that is neither rendered nor in Pulumi's state, so no update releases it.`,
    );
  const rendered = new Set(objects.map(keyOf));
  const dropped = [...recorded.values()]
    .map(({ inputs }) => inputs)
    .filter((inputs) => isPatch(inputs) && !rendered.has(keyOf(inputs)))
    .map(async (inputs) =>
      (await isThere(inputs))
        ? undefined
        : `${keyOf(inputs)}, which Pulumi's state has as patched, is gone: its release would fail.`,
    );
  const changed = objects
    .filter((object) => isExact(object) || isPatch(object))
    .map((object) => changedByOthers(object, state.live.get(keyOf(object)), recorded.get(keyOf(object)), dryRun));
  return [...unknown, ...unreleased, ...(await Promise.all([...dropped, ...changed]))]
    .filter((sentence) => sentence !== undefined)
    .sort();
}

async function changedByOthers(
  object: KubeObject,
  live: LiveObject | undefined,
  recorded: Recorded | undefined,
  dryRun: BlindSpotsOptions['dryRun'],
): Promise<string | undefined> {
  const key = keyOf(object);
  if (live === undefined) {
    return recorded && `${key} is in Pulumi's state but gone from the cluster: no update would make it anew.`;
  }
  const found = differences(object, live);
  if (found.length === 0) return undefined;
  const where = found.map(({ path }) => path).join(', ');
  if (recorded !== undefined) {
    if (differences(recorded.inputs, live).length === 0) return undefined;
    return `${key} was changed by others (${where}): an update may not see it.`;
  }
  // A hook applies it, exactly, right before the engine does.
  if (isPatch(object)) return undefined;
  const left = differences(object, await dryRun(object));
  if (left.length === 0) return undefined;
  return `${key} would be adopted, but not made as rendered (${left.map(({ path }) => path).join(', ')}).`;
}
