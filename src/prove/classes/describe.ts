import { NAMESPACE_NAME_LABEL } from '../../model/names.js';
import type { LabelBox } from './label-box.js';
import type { PodClass } from './pod-class.js';

/** A class for people: `[any namespace]/[pods app=web]`, `shop/[any pod]`, `[namespaces team in (a, b)]/[pods !app]`. */
export function describeClass({ namespaces, pods }: PodClass): string {
  const name = namespaces.get(NAMESPACE_NAME_LABEL);
  const only = name !== undefined && !name.except && name.values.size === 1 ? [...name.values][0] : undefined;
  const others = new Map([...namespaces].filter(([key]) => only === undefined || key !== NAMESPACE_NAME_LABEL));
  const placed = describeBox(others);
  const where =
    only !== undefined
      ? placed === ''
        ? only
        : `[${only}, with ${placed}]`
      : placed === ''
        ? '[any namespace]'
        : `[namespaces ${placed}]`;
  const labelled = describeBox(pods);
  return `${where}/${labelled === '' ? '[any pod]' : `[pods ${labelled}]`}`;
}

/** In the grammar of label selectors (`kubectl get -l`); empty for any labels. */
export function describeBox(box: LabelBox): string {
  return [...box]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { values, except, absent }]) => {
      const shown = key === NAMESPACE_NAME_LABEL ? 'name' : key;
      const listed = [...values].sort();
      if (except && listed.length === 0) return key === NAMESPACE_NAME_LABEL ? '' : absent ? '' : shown;
      if (!except && listed.length === 0) return `!${shown}`;
      if (except)
        return `${shown} notin (${listed.join(', ')})${absent || key === NAMESPACE_NAME_LABEL ? '' : `, ${shown}`}`;
      const held = listed.length === 1 ? `${shown}=${listed[0]}` : `${shown} in (${listed.join(', ')})`;
      return absent ? `(${held} or !${shown})` : held;
    })
    .filter((text) => text !== '')
    .join(', ');
}
