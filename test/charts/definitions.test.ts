import { expect, test } from 'vitest';
import { renderPlatform } from '../../src/charts/render.js';
import { loadStack } from '../../src/config/load.js';

test('no schema has an empty list or map: the API server drops them, and Pulumi would update the CRD on every run', () => {
  const definitions = renderPlatform(loadStack('platform', { dir: 'stacks' }).platform).filter(
    ({ kind }) => kind === 'CustomResourceDefinition',
  );
  expect(definitions.length).toBeGreaterThan(2);
  const found = definitions.flatMap(({ metadata, spec }) =>
    (spec as { versions: { schema: object }[] }).versions.flatMap(({ schema }) => empties(schema, metadata.name)),
  );
  expect(found).toEqual([]);
});

/** Paths of what has no members. */
function empties(value: unknown, path: string): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  // A default is any JSON, kept as it stands.
  const members = Object.entries(value).filter(([key]) => key !== 'default');
  return members.length === 0 ? [path] : members.flatMap(([key, member]) => empties(member, `${path}.${key}`));
}
