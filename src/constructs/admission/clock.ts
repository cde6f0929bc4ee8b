/**
 * CEL in admission has no clock, but the API server writes one into every object before it validates, in whole seconds
 * rounded down; so the second in which `instant` lies counts as over.
 */
const isBefore = (written: string, instant: string): string =>
  `timestamp(${written}) + duration("1s") <= timestamp(${instant})`;

/** When the object was or, at creation, is being created. */
export const CREATED = 'timestamp(object.metadata.creationTimestamp)';

/** Whether a creation happens before `instant`. */
export const createdBefore = (instant: string): string => isBefore('object.metadata.creationTimestamp', instant);

/**
 * Whether an update that sets a field to another value happens before `instant`: `managedFields` then has an entry with
 * the time of this very request. The caller can add older entries, which change nothing, and younger ones, which only
 * make it stricter; emptying the list refuses. An update that only removes fields takes no time: never rely on this for
 * one. Tested in test/integration/admission/clock.cases.ts.
 */
export const changedBefore = (instant: string): string =>
  '(object.metadata.?managedFields.orValue([]).exists(entry, has(entry.time)) && ' +
  `object.metadata.managedFields.all(entry, !has(entry.time) || ${isBefore('entry.time', instant)}))`;
