import { NAMESPACE_NAME_LABEL } from '../model/names.js';
import type { Field } from './kube-object.js';

export type Labels = ReadonlyMap<string, string>;

export interface Requirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values: ReadonlySet<string>;
}

/** A metav1.LabelSelector: every requirement must hold, so the empty one selects everything. */
export type Selector = readonly Requirement[];

/** The namespace of this name, which nobody can give to another (unlike labels, trap B3). */
export function namespaceNamed(name: string): Selector {
  return [{ key: NAMESPACE_NAME_LABEL, operator: 'In', values: new Set([name]) }];
}

/** Reads `{}` as everything. What an *absent* selector means depends on where it stands, so callers decide that. */
export function readSelector(field: Field): Selector {
  field.only('matchLabels', 'matchExpressions');
  const labels = [...field.at('matchLabels').labels()].map(([key, value]): Requirement => {
    return { key, operator: 'In', values: new Set([value]) };
  });
  return [...labels, ...field.at('matchExpressions').items().map(readRequirement)];
}

function readRequirement(field: Field): Requirement {
  field.only('key', 'operator', 'values');
  const operator = field.at('operator').oneOf('In', 'NotIn', 'Exists', 'DoesNotExist');
  const values = new Set(
    field
      .at('values')
      .items()
      .map((value) => value.text()),
  );
  if ((operator === 'In' || operator === 'NotIn') !== values.size > 0) {
    field.at('values').fail(`operator ${operator} needs ${values.size > 0 ? 'no values' : 'at least one value'}`);
  }
  return { key: field.at('key').text(), operator, values };
}

/** Whether the labels meet every requirement. `NotIn` holds for a label that is absent (trap S6). */
export function selects(selector: Selector, labels: Labels): boolean {
  return selector.every(({ key, operator, values }) => {
    const value = labels.get(key);
    switch (operator) {
      case 'In':
        return value !== undefined && values.has(value);
      case 'NotIn':
        return value === undefined || !values.has(value);
      case 'Exists':
        return value !== undefined;
      case 'DoesNotExist':
        return value === undefined;
    }
  });
}
