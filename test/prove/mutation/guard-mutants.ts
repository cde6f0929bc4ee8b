import type { KubeObject } from '../../../src/model/kube-object.js';
import { at, deleted, edits, entries, type Mutant } from './mutant.js';
import { selectorMutants } from './selector-mutants.js';

const CONDITION = { name: 'never', expression: 'false' };

/** Every guard deleted, ignored, without one of what it checks, or asked about less. */
export function guardMutants(of: KubeObject): readonly Mutant[] {
  const edit = edits(of);
  return [
    deleted('guard deleted', of),
    edit('guard: failurePolicy Ignore', ['spec', 'failurePolicy'], 'Ignore'),
    edit('guard: matchConditions never', ['spec', 'matchConditions'], [CONDITION]),
    ...entries(of, ['spec', 'validations']).flatMap((each) => [
      edit('guard: validation deleted', each),
      edit('guard: validation always true', [...each, 'expression'], 'true'),
    ]),
    ...entries(of, ['spec', 'variables']).map((each) => edit('guard: variable null', [...each, 'expression'], 'null')),
    ...entries(of, ['spec', 'matchConstraints', 'resourceRules']).flatMap((rule) => [
      edit('guard: resources removed', rule),
      ...entries(of, [...rule, 'operations']).map((each) => edit('guard: operation removed', each)),
    ]),
  ];
}

/** Every binding deleted, only warning, or binding elsewhere. */
export function bindingMutants(of: KubeObject): readonly Mutant[] {
  const edit = edits(of);
  return [
    deleted('binding deleted', of),
    edit('binding: Audit', ['spec', 'validationActions'], ['Audit']),
    edit('binding: Deny and Audit', ['spec', 'validationActions'], ['Deny', 'Audit']),
    edit('binding: of another guard', ['spec', 'policyName'], 'elsewhere'),
    ...selectorMutants(of, 'binding namespaces', ['spec', 'matchResources', 'namespaceSelector']),
    ...selectorMutants(of, 'binding objects', ['spec', 'matchResources', 'objectSelector']),
    ...(at(of, ['spec', 'paramRef', 'parameterNotFoundAction']) !== 'Deny'
      ? []
      : [edit('binding: parameter not needed', ['spec', 'paramRef', 'parameterNotFoundAction'], 'Allow')]),
  ];
}
