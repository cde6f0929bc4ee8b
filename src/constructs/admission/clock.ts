/**
 * CEL in admission has no clock, but the API server writes one into every object before it validates.
 * At creation that is `creationTimestamp`.
 */
export const CREATED = 'timestamp(object.metadata.creationTimestamp)';

/**
 * Whether an update that sets a field to another value happens before `instant`: `managedFields` then has an entry with
 * the time of this very request. The caller can add older entries, which change nothing, and younger ones, which only
 * make it stricter; emptying the list refuses. An update that only removes fields takes no time: never rely on this for
 * one. Tested in test/integration/admission/clock.test.ts.
 */
export const changedBefore = (instant: string): string =>
  '(object.metadata.?managedFields.orValue([]).exists(entry, has(entry.time)) && ' +
  `object.metadata.managedFields.all(entry, !has(entry.time) || timestamp(entry.time) < timestamp(${instant})))`;
