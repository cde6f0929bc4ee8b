import { renderPlatform } from '../charts/render.js';
import { isPatch, keyOf } from '../model/kube-object.js';
import type { Platform } from '../model/platform.js';
import type { Cluster } from './cluster.js';
import { differences } from './compare.js';

/** How a workload of others stands that the platform patches. */
export interface PatchState {
  readonly key: string;
  /** `absent`: the workload is not there yet. */
  readonly state: 'in place' | 'not as rendered' | 'absent';
}

/** Compares what the platform patches with what is live. */
export const patchStates = (cluster: Cluster, platform: Platform): Promise<readonly PatchState[]> =>
  Promise.all(
    renderPlatform(platform)
      .filter(isPatch)
      .map(async (patch): Promise<PatchState> => {
        const live = await cluster.tryGet(patch);
        const state =
          live === undefined ? 'absent' : differences(patch, live).length === 0 ? 'in place' : 'not as rendered';
        return { key: keyOf(patch), state };
      }),
  );
