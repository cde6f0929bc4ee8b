import { canonicalJson } from '../model/canonical.js';

/**
 * A pure function of a list of objects, that answers once for each: the same objects in the same order. What it has
 * answered is kept as long as they are.
 */
export function rememberList<Item extends object, Answer>(
  compute: (list: readonly Item[]) => Answer,
): (list: readonly Item[]) => Answer {
  interface Known {
    readonly next: WeakMap<Item, Known>;
    answer?: { readonly value: Answer };
  }
  const known = (): Known => ({ next: new WeakMap() });
  const root = known();
  return (list) => {
    let at = root;
    for (const item of list) {
      let next = at.next.get(item);
      if (next === undefined) at.next.set(item, (next = known()));
      at = next;
    }
    at.answer ??= { value: compute(list) };
    return at.answer.value;
  };
}

/** A pure function of one object, that answers once for each, as long as it is there. */
export function remember<Item extends object, Answer>(compute: (item: Item) => Answer): (item: Item) => Answer {
  const known = new WeakMap<Item, { readonly value: Answer }>();
  return (item) => {
    let answer = known.get(item);
    if (answer === undefined) known.set(item, (answer = { value: compute(item) }));
    return answer.value;
  };
}

/**
 * Equal objects as one: the first that was seen of them, so that what is remembered of it serves them all. In an order
 * that their content alone decides, whatever order they came in.
 */
export function oneOfEach<Item extends object>(): (items: readonly Item[]) => readonly Item[] {
  const byText = new Map<string, { readonly item: Item; readonly text: string }>();
  const oneOf = remember((item: Item) => {
    const text = canonicalJson(item);
    const found = byText.get(text) ?? { item, text };
    byText.set(text, found);
    return found;
  });
  return (items) =>
    items
      .map(oneOf)
      .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
      .map(({ item }) => item);
}
