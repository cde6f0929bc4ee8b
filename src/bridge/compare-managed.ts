import type { KubeObject } from '../model/kube-object.js';
import { FIELD_MANAGER } from '../model/names.js';
import type { LiveObject, ManagedFields } from './cluster.js';
import type { Parts } from './compare-patch.js';
import { contentOf } from './compare-values.js';

type Fields = Readonly<Record<string, unknown>>;

const ours = ({ metadata }: LiveObject, operation: ManagedFields['operation']): ManagedFields | undefined =>
  metadata.managedFields?.find(
    (entry) => entry.manager === FIELD_MANAGER && entry.operation === operation && !entry.subresource,
  );

/** Whether server-side apply by either engine has written the object, so that leaving a field out removes it. */
export const isApplied = (live: LiveObject): boolean => ours(live, 'Apply') !== undefined;

/** Whether an entry of `managedFields` tells of a PUT of ours. */
export const isOurUpdate = ({ manager, operation, subresource }: ManagedFields): boolean =>
  manager === FIELD_MANAGER && operation === 'Update' && !subresource;

/** Names of the init containers or volumes of a live workload that our apply put there. */
export function ownedParts(live: LiveObject, list: Parts): ReadonlySet<string> {
  const path = ['f:spec', 'f:template', 'f:spec', `f:${list}`];
  const fields = path.reduce<Fields | undefined>(
    (at, field) => at?.[field] as Fields | undefined,
    ours(live, 'Apply')?.fieldsV1,
  );
  const items = Object.keys(fields ?? {}).filter((field) => field.startsWith('k:'));
  return new Set(items.map((item) => (JSON.parse(item.slice(2)) as { name: string }).name));
}

/** Where a field is: segments of `fieldsV1`, outermost first. */
export type FieldPath = readonly string[];

/**
 * Fields that an earlier apply of ours set and `desired` no longer has: what a comparison that lets live have more
 * would overlook. Labels and annotations are not among them.
 */
export function leftovers(desired: KubeObject, live: LiveObject): readonly FieldPath[] {
  const found: FieldPath[] = [];
  const fields = Object.entries(ours(live, 'Apply')?.fieldsV1 ?? {}).filter(([field]) => field !== 'f:metadata');
  walk(Object.fromEntries(fields), contentOf(desired), [], found);
  return found;
}

/** Whether the object has the field. */
export const hasField = (object: KubeObject, path: FieldPath): boolean =>
  path.reduce<unknown>((value, field) => (value === undefined ? undefined : pick(field, value)), object) !== undefined;

function walk(fields: Fields, value: unknown, path: FieldPath, found: FieldPath[]): void {
  for (const [field, below] of Object.entries(fields)) {
    if (field === '.') continue;
    const next = pick(field, value);
    if (next === undefined) found.push([...path, field]);
    else walk(below as Fields, next, [...path, field], found);
  }
}

/** By a segment of `fieldsV1`: `f:` a member, `k:` a list item by its keys, `v:` by its value, `i:` by its index. */
function pick(field: string, value: unknown): unknown {
  const name = field.slice(2);
  if (field.startsWith('f:')) return (value as Fields | null)?.[name];
  if (!Array.isArray(value)) return undefined;
  const items = value as readonly unknown[];
  if (field.startsWith('i:')) return items[Number(name)];
  const wanted = JSON.parse(name) as unknown;
  if (field.startsWith('v:')) return items.find((item) => item === wanted);
  // A key that we left out was defaulted by the server (a port's protocol).
  return items.find((item) =>
    Object.entries(wanted as Fields).every(([key, at]) => ((item as Fields)[key] ?? at) === at),
  );
}
