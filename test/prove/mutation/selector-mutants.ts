import type { KubeObject } from '../../../src/model/kube-object.js';
import type { Path } from '../claims/stack.js';
import { at, edits, entries, values, type Mutant } from './mutant.js';

/** Of a label selector: each label and each expression removed or of another value, a label added, and emptied. */
export function selectorMutants(of: KubeObject, what: string, path: Path): readonly Mutant[] {
  if (at(of, path) === undefined) return [];
  const edit = edits(of);
  const labels = values(of, [...path, 'matchLabels']);
  const expressions = entries(of, [...path, 'matchExpressions']);
  const listed = expressions.flatMap((each) => entries(of, [...each, 'values']));
  return [
    ...labels.flatMap((each) => [
      edit(`${what}: label removed`, each),
      edit(`${what}: label of another value`, each, 'elsewhere'),
    ]),
    ...expressions.map((each) => edit(`${what}: expression removed`, each)),
    ...listed.flatMap((each) => [
      ...((at(of, each.slice(0, -1)) as unknown[]).length > 1 ? [edit(`${what}: value removed`, each)] : []),
      edit(`${what}: another value`, each, 'elsewhere'),
    ]),
    edit(`${what}: label added`, [...path, 'matchLabels', 'example.com/team'], 'sales'),
    ...(labels.length + expressions.length > 0 ? [edit(`${what}: emptied`, path, {})] : []),
  ];
}
