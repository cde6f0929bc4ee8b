import type { KubeObject } from '../model/kube-object.js';
import { isConflict } from './api-error.js';
import type { Cluster, LiveObject } from './cluster.js';

/** How many names of the seconds to come are tried. */
const SECONDS = 5;

/** Creates an object under its stamped name, or of a second to come when another was created within the same. */
export async function createStamped(
  cluster: Cluster,
  workspaceId: string,
  objectOf: (name: string) => KubeObject,
): Promise<LiveObject> {
  for (let second = 0; ; second += 1) {
    const name = stampedName(workspaceId, new Date(Date.now() + second * 1000));
    try {
      return (await cluster.create(objectOf(name))).object;
    } catch (error) {
      if (!isConflict(error) || second >= SECONDS) throw error;
    }
  }
}

/**
 * `<workspace>-<yyyymmdd>t<hhmmss>z`: the name of what is asked for or approved at a time. At most 63 characters, since
 * it may become the value of a label.
 */
export const stampedName = (workspaceId: string, at: Date): string => {
  const stamp = at.toISOString().slice(0, 19).replace(/[-:]/g, '').toLowerCase();
  return `${workspaceId.slice(0, 46).replace(/-+$/, '')}-${stamp}z`;
};
