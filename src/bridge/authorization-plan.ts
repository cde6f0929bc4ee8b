import { keyOf, type Tuple } from '../model/authorization/tuple.js';
import type { TupleChange } from '../openfga/reconcile.js';
import type { FieldChange, PlannedChange } from './plan.js';

/** A tuple's identity in a plan, beside objects: `OpenFGA tuple workspace:ws-acme#admin@user:u-dana`. */
export const tupleKey = (tuple: Tuple): string => `OpenFGA tuple ${keyOf(tuple)}`;

const ACTION = { grant: 'create', revoke: 'delete', change: 'update' } as const;

/** A change of a tuple as one of a plan; what its condition says are its fields. */
export const plannedTuple = ({ action, tuple, before }: TupleChange): PlannedChange => ({
  key: tupleKey(tuple),
  action: ACTION[action],
  fields: before === undefined ? [] : conditionChanges(before, tuple),
});

function conditionChanges(before: Tuple, after: Tuple): readonly FieldChange[] {
  const values = ({ condition }: Tuple): Readonly<Record<string, string | undefined>> => ({
    'condition.name': condition?.name,
    ...Object.fromEntries(
      Object.entries(condition?.context ?? {}).map(([name, value]) => [`condition.context.${name}`, value]),
    ),
  });
  const [old, now] = [values(before), values(after)];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .sort()
    .filter((path) => old[path] !== now[path])
    .map((path) => ({ path, before: old[path], after: now[path] }));
}
