/** A body that no two readers could take for different things, or the reason why it is not one. */
export class Ambiguous extends Error {
  override readonly name = 'Ambiguous';
}

const MAX_DEPTH = 64;

/**
 * Reads a JSON object, strictly: UTF-8 without byte order mark, no key twice, no two keys that differ by case, width or
 * invisible characters alone (a case-insensitive reader takes one for the other), no number beyond a double's range, at
 * most 64 levels deep.
 * Throws Ambiguous. Source: RFC 8259, sections 4 and 8; RFC 7493 (I-JSON).
 */
export function parseObject(body: Uint8Array): Readonly<Record<string, unknown>> {
  const text = utf8(body);
  const value = parse(text);
  refuseDepth(text);
  if (Array.isArray(value)) throw new Ambiguous('The body is a list. Batches are not taken; send one call a request.');
  if (typeof value !== 'object' || value === null) throw new Ambiguous('The body is no JSON object.');
  refuseTwins(text);
  refuseInfinite(value);
  return value as Readonly<Record<string, unknown>>;
}

function utf8(body: Uint8Array): string {
  if (body.length === 0) throw new Ambiguous('The body is empty.');
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) {
    throw new Ambiguous('The body begins with a byte order mark.');
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new Ambiguous('The body is not UTF-8.');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Ambiguous('The body is not JSON.');
  }
}

/**
 * Strings and marks of structure; in JSON nothing else matters here. Only for text that is JSON: the search for the end
 * of a string that has none takes the square of its length.
 */
const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/g;

function refuseDepth(text: string): void {
  let depth = 0;
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    if (depth > MAX_DEPTH) throw new Ambiguous(`The body is more than ${MAX_DEPTH} levels deep.`);
  }
}

/** `1e999` is JSON, and would go on as null. */
function refuseInfinite(value: unknown): void {
  if (value === Infinity || value === -Infinity) throw new Ambiguous('The body has a number that is out of range.');
  if (typeof value === 'object' && value !== null) for (const each of Object.values(value)) refuseInfinite(each);
}

/** The text is JSON: a string before a colon, inside an object, is a key. */
function refuseTwins(text: string): void {
  const open: (Map<string, string> | undefined)[] = [];
  let last: string | undefined;
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === '{') open.push(new Map());
    else if (token === '[') open.push(undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':') {
      const key = JSON.parse(last ?? '""') as string;
      const keys = open.at(-1);
      const name = folded(key);
      const twin = keys?.get(name);
      if (twin !== undefined) {
        throw new Ambiguous(
          twin === key
            ? `The key ${show(key)} is there twice.`
            : `The keys ${show(twin)} and ${show(key)} look the same.`,
        );
      }
      keys?.set(name, key);
    }
    last = token;
  }
}

/** What remains of a key for a reader that is not strict. */
export const folded = (key: string): string =>
  key
    .normalize('NFKC')
    .replace(/[\p{Default_Ignorable_Code_Point}\p{Cc}\s]/gu, '')
    .toLowerCase();

const show = (key: string): string => JSON.stringify(key.slice(0, 64));
