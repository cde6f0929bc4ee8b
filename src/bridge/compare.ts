import { isPatch, type KubeObject } from '../model/kube-object.js';
import { EXACT, withDefaults } from './compare-defaults.js';
import { patchDifferences } from './compare-patch.js';
import { compare, contentOf, type Difference } from './compare-values.js';
import { groupKind } from './order.js';

/** Whether an addition by anyone to an object of this kind is a difference. */
export const isExact = (object: Pick<KubeObject, 'apiVersion' | 'kind'>): boolean => groupKind(object) in EXACT;

/**
 * Where `live` is not what `desired` says. Objects that decide about security are compared whole, both ways, up to the
 * server's own defaults (`compare-defaults.ts`); of others, live may have more map members, never more list items.
 * Labels and annotations of ours (`portarium.io/…`) and Pod Security labels are always compared both ways, those of
 * others never; `status` is not ours. Of a patch only what it says counts (`compare-patch.ts`).
 */
export function differences(desired: KubeObject, live: KubeObject): readonly Difference[] {
  if (isPatch(desired)) return patchDifferences(desired, live);
  const found: Difference[] = [];
  const exact = EXACT[groupKind(desired)];
  for (const field of ['labels', 'annotations'] as const) {
    const owned = Object.fromEntries(
      Object.entries(live.metadata[field] ?? {}).filter(
        ([key]) => isOurKey(key) || key in (desired.metadata[field] ?? {}),
      ),
    );
    compare(desired.metadata[field] ?? {}, owned, `metadata.${field}`, { exact: true, allocated: [] }, found);
  }
  if (exact) {
    const rules = { exact: true, allocated: exact.allocated ?? [] };
    compare(withDefaults(contentOf(desired), exact), withDefaults(contentOf(live), exact), '', rules, found);
  } else {
    compare(contentOf(desired), contentOf(live), '', { exact: false, allocated: [] }, found);
  }
  return found;
}

const OURS = /^(([a-z-]+\.)?portarium\.io|pod-security\.kubernetes\.io)\//;

/** Whether a label or annotation is ours alone: `portarium.io/…`, and Pod Security on namespaces. */
export const isOurKey = (key: string): boolean => OURS.test(key);
