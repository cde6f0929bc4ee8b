import microdiff from 'microdiff';
import { isPatch, keyOf, type KubeObject } from '../model/kube-object.js';
import { LABELS } from '../model/names.js';
import { inDeletionOrder, inOrder } from './order.js';

/** One field that changes: `spec.egress[0].ports[1].port`. Absent values are undefined. */
export interface FieldChange {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/**
 * What an update does to one object. `keep`: it is not in the plan any more but no engine ever deletes it. `absent`: a
 * patch of what is not there yet. `release`: a workload of others loses what the stack added to it.
 */
export interface PlannedChange {
  readonly key: string;
  readonly action: 'create' | 'update' | 'delete' | 'keep' | 'release' | 'absent' | 'unchanged';
  readonly fields: readonly FieldChange[];
  /** The control that the object opens, if it is one that opens something. */
  readonly opens?: string;
}

/** What leads from one rendered state of a stack to another, in the order an engine does it. */
export function planBetween(before: readonly KubeObject[], after: readonly KubeObject[]): readonly PlannedChange[] {
  const old = new Map(before.map((object) => [keyOf(object), object]));
  const wanted = new Set(after.map(keyOf));
  const written = inOrder(after).map((object): PlannedChange => {
    const previous = old.get(keyOf(object));
    if (previous === undefined) return planned(object, 'create');
    const fields = fieldChanges(previous, object);
    return planned(object, fields.length === 0 ? 'unchanged' : 'update', fields);
  });
  const removed = inDeletionOrder(before.filter((object) => !wanted.has(keyOf(object)))).map((object) =>
    planned(
      object,
      isPatch(object) ? 'release' : object.metadata.labels?.[LABELS.keep] === undefined ? 'delete' : 'keep',
    ),
  );
  return [...written, ...removed];
}

export function planned(
  object: KubeObject,
  action: PlannedChange['action'],
  fields: readonly FieldChange[] = [],
): PlannedChange {
  const opens = object.metadata.labels?.[LABELS.opens];
  return { key: keyOf(object), action, fields, ...(opens === undefined ? {} : { opens }) };
}

/** Every field that differs between two rendered objects. */
export const fieldChanges = (before: KubeObject, after: KubeObject): readonly FieldChange[] =>
  microdiff(before, after).map((difference) => ({
    path: difference.path.reduce<string>(
      (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`),
      '',
    ),
    before: 'oldValue' in difference ? (difference.oldValue as unknown) : undefined,
    after: 'value' in difference ? (difference.value as unknown) : undefined,
  }));
