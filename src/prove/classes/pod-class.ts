import { NAMESPACE_NAME_LABEL } from '../../model/names.js';
import type { Labels, Selector } from '../selector.js';
import { ANY_LABELS, boxOf, boxWith, boxWithout, isWithin, meet, minus, overlap, witness } from './label-box.js';
import type { LabelBox } from './label-box.js';

/**
 * A set of pods that exist or could exist: in any namespace whose labels are in one box, with any labels in the other.
 * Every namespace carries its name as a label that nobody can change; its other labels may be anything. Never empty.
 */
export interface PodClass {
  readonly namespaces: LabelBox;
  readonly pods: LabelBox;
}

const NAMED = boxOf([{ key: NAMESPACE_NAME_LABEL, operator: 'Exists', values: new Set() }])!;

/** Every pod that could exist. */
export const ANY_POD: PodClass = { namespaces: NAMED, pods: ANY_LABELS };

/** The pods that a pair of selectors selects; undefined for none. */
export function classOf(namespaces: Selector, pods: Selector): PodClass | undefined {
  const [placed, labelled] = [boxOf(namespaces), boxOf(pods)];
  return placed && labelled && meetClass(ANY_POD, { namespaces: placed, pods: labelled });
}

/** The pods of one namespace that carry at least these labels. */
export function podsIn(namespace: string, labels: Readonly<Record<string, string>> = {}): PodClass {
  return { namespaces: boxWith({ [NAMESPACE_NAME_LABEL]: namespace }), pods: boxWith(labels) };
}

/**
 * The pods that no selector with these keys can tell from one with exactly these labels.
 *
 * @param keys of every selector that will be asked
 */
export function exactly(
  pod: { readonly namespaceLabels: Labels; readonly labels: Labels },
  keys: Iterable<string>,
): PodClass {
  const all = [...keys];
  const box = (labels: Labels): LabelBox =>
    new Map(all.flatMap((key) => [...(labels.has(key) ? boxWith({ [key]: labels.get(key)! }) : boxWithout(key))]));
  return { namespaces: box(pod.namespaceLabels), pods: box(pod.labels) };
}

export function meetClass(a: PodClass, b: PodClass): PodClass | undefined {
  const namespaces = meet(a.namespaces, b.namespaces);
  const pods = namespaces && meet(a.pods, b.pods);
  if (namespaces === undefined || pods === undefined) return undefined;
  // One that is within the other is that one, with what is remembered of it.
  return [a, b].find((one) => one.namespaces === namespaces && one.pods === pods) ?? { namespaces, pods };
}

/** Whether some pod is in both. */
export const overlapClass = (a: PodClass, b: PodClass): boolean =>
  overlap(a.namespaces, b.namespaces) && overlap(a.pods, b.pods);

/** The pods of `a` that are not in `b`, as disjoint classes. */
export function minusClass(a: PodClass, b: PodClass): readonly PodClass[] {
  const both = meetClass(a, b);
  if (both === undefined) return [a];
  return [
    ...minus(a.namespaces, b.namespaces).map((namespaces) => ({ namespaces, pods: a.pods })),
    ...minus(a.pods, b.pods).map((pods) => ({ namespaces: both.namespaces, pods })),
  ];
}

/** Whether every pod of `a` is in `b`. */
export const isWithinClass = (a: PodClass, b: PodClass): boolean =>
  isWithin(a.namespaces, b.namespaces) && isWithin(a.pods, b.pods);

/** One pod of the class, with as few labels as can be; a namespace that no policy names is called `elsewhere`. */
export function witnessOf({ namespaces, pods }: PodClass): {
  readonly namespace: string;
  readonly namespaceLabels: Labels;
  readonly labels: Labels;
} {
  const namespaceLabels = witness(namespaces, 'elsewhere');
  return { namespace: namespaceLabels.get(NAMESPACE_NAME_LABEL)!, namespaceLabels, labels: witness(pods) };
}
