import { isAlias, isMap, isScalar, isSeq, type Document, type LineCounter, type Node } from 'yaml';

/**
 * The line of the deepest part of a path that a document has, counted from 1: of a key in a map, of an entry in a list.
 * An alias is what it stands for.
 *
 * @param lines of the text that the document was parsed from
 */
export function lineOf(document: Document | undefined, path: readonly PropertyKey[], lines: LineCounter): number {
  let node: Node | undefined = document?.contents ?? undefined;
  let offset = node?.range?.[0] ?? 0;
  for (const step of path) {
    const next = stepInto(isAlias(node) ? node.resolve(document!) : node, step);
    if (next === undefined) break;
    node = next.value;
    offset = next.offset;
  }
  return lines.linePos(offset).line;
}

function stepInto(node: Node | undefined, step: PropertyKey): { value?: Node; offset: number } | undefined {
  if (isSeq(node)) {
    const value = typeof step === 'number' ? (node.items[step] as Node | undefined) : undefined;
    return value?.range ? { value, offset: value.range[0] } : undefined;
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
  const range = (pair?.key as Node | undefined)?.range;
  return range ? { ...(pair?.value ? { value: pair.value as Node } : {}), offset: range[0] } : undefined;
}
