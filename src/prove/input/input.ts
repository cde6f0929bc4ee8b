import { UnreadableObjectError } from '../kube-object.js';
import type { KubeObject } from '../kube-object.js';
import type { NotEvaluated } from '../not-evaluated.js';
import { readManifests } from './manifests.js';
import type { SourceFile } from './manifests.js';
import { located } from './origin.js';
import type { Manifest } from './origin.js';
import { templatePods, unreadTemplates } from './templates.js';

/** The objects of a cluster, wherever they come from, with a pod for each workload that has none. */
export interface Input {
  readonly objects: readonly KubeObject[];
  /** What of the input itself is not understood; the evaluator names more. */
  readonly notEvaluated: readonly NotEvaluated[];
  /** Runs what reads the objects, so that the error about one of them names its file and line. */
  readonly reading: <T>(act: () => T) => T;
}

/**
 * @throws ManifestError for what cannot be read, as `file:line: Kind ns/name: field: problem`
 */
export function inputOfFiles(files: readonly SourceFile[]): Input {
  const { manifests, notEvaluated } = readManifests(files);
  return inputOf(manifests, notEvaluated);
}

/** @param notEvaluated what could not be read of the cluster */
export function inputOfCluster(objects: readonly KubeObject[], notEvaluated: readonly NotEvaluated[] = []): Input {
  return inputOf(
    objects.map((object) => ({ object })),
    notEvaluated,
  );
}

type Placed = Pick<Manifest, 'object'> & Partial<Pick<Manifest, 'origin'>>;

function inputOf(placed: readonly Placed[], notEvaluated: readonly NotEvaluated[]): Input {
  const read = placed.map(({ object }) => object);
  const found = new Map(placed.map(({ object, origin }) => [object, origin]));
  const reading = <T>(act: () => T): T => {
    try {
      return act();
    } catch (error) {
      throw (error instanceof UnreadableObjectError ? located(error, found) : undefined) ?? error;
    }
  };
  const pods = reading(() => templatePods(read));
  for (const { pod, workload, path } of pods) {
    const origin = found.get(workload);
    found.set(pod, origin && { ...origin, within: { object: workload, path } });
  }
  return {
    objects: [...read, ...pods.map(({ pod }) => pod)],
    notEvaluated: [...notEvaluated, ...unreadTemplates(read)],
    reading,
  };
}
