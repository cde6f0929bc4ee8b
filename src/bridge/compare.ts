import type { KubeObject } from '../model/kube-object.js';
import { EXACT, withDefaults } from './compare-defaults.js';
import { equalQuantity } from './compare-quantity.js';
import { groupKind } from './order.js';

/** One place where a live object is not what was rendered; `undefined` where one side has nothing. */
export interface Difference {
  /** `spec.egress[1].to[0].ipBlock.cidr` */
  readonly path: string;
  readonly desired: unknown;
  readonly live: unknown;
}

/** Whether an addition by anyone to an object of this kind is a difference. */
export const isExact = (object: Pick<KubeObject, 'apiVersion' | 'kind'>): boolean => groupKind(object) in EXACT;

/**
 * Where `live` is not what `desired` says. Objects that decide about security are compared whole, both ways, up to the
 * server's own defaults (`compare-defaults.ts`); of others, live may have more map members, never more list items.
 * Labels and annotations of ours (`portarium.io/…`) and Pod Security labels are always compared both ways, those of
 * others never; `status` is not ours.
 */
export function differences(desired: KubeObject, live: KubeObject): readonly Difference[] {
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

/** What the author of an object decides: all but its name, the server's bookkeeping and the status. */
export function contentOf(object: KubeObject): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(object).filter(([field]) => !NOT_CONTENT.has(field)));
}

const NOT_CONTENT = new Set(['apiVersion', 'kind', 'metadata', 'status']);

interface Rules {
  readonly exact: boolean;
  readonly allocated: readonly string[];
}

function compare(desired: unknown, live: unknown, path: string, rules: Rules, found: Difference[]): void {
  if (desired === live || (!rules.exact && isZero(desired) && live === undefined)) return;
  if (Array.isArray(desired) && Array.isArray(live)) {
    for (let index = 0; index < Math.max(desired.length, live.length); index += 1) {
      compare(desired[index], live[index], `${path}[${index}]`, rules, found);
    }
  } else if (isMap(desired) && isMap(live)) {
    const keys = rules.exact ? new Set([...Object.keys(desired), ...Object.keys(live)]) : Object.keys(desired);
    for (const key of keys) {
      const at = member(path, key);
      if (desired[key] === undefined && rules.allocated.includes(at)) continue;
      compare(desired[key], live[key], at, rules, found);
    }
  } else if (!(QUANTITY.test(path) && equalQuantity(desired, live))) {
    found.push({ path, desired, live });
  }
}

const QUANTITY = /\.resources\.(limits|requests)\W|\.sizeLimit$/;

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Values that typed objects leave out when stored. Booleans are not among them: absent may mean true. */
const isZero = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  (typeof value === 'object' && Object.keys(value).length === 0);

/** `a.b`, and `a["x.y/z"]` for keys that are no identifiers. */
const member = (path: string, key: string): string =>
  /^[A-Za-z_][\w-]*$/.test(key) ? (path === '' ? key : `${path}.${key}`) : `${path}[${JSON.stringify(key)}]`;
