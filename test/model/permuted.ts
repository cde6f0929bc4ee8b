import fc from 'fast-check';

/** The same value with the items of every list in it in some other order. */
export function permuted<T>(value: T): fc.Arbitrary<T> {
  if (Array.isArray(value)) {
    return fc
      .shuffledSubarray(value as unknown[], { minLength: value.length })
      .chain((items) => fc.tuple(...items.map((item) => permuted(item)))) as fc.Arbitrary<T>;
  }
  if (typeof value !== 'object' || value === null) return fc.constant(value);
  return fc.record(
    Object.fromEntries(Object.entries(value).map(([key, member]) => [key, permuted<unknown>(member)])),
  ) as fc.Arbitrary<T>;
}
