import type { KubeObject } from '../model/kube-object.js';
import { equalQuantity } from './compare-quantity.js';

/** One place where a live object is not what was rendered; `undefined` where one side has nothing. */
export interface Difference {
  /** `spec.egress[1].to[0].ipBlock.cidr` */
  readonly path: string;
  readonly desired: unknown;
  readonly live: unknown;
}

/** What the author of an object decides: all but its name, the server's bookkeeping and the status. */
export function contentOf(object: KubeObject): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(object).filter(([field]) => !NOT_CONTENT.has(field)));
}

const NOT_CONTENT = new Set(['apiVersion', 'kind', 'metadata', 'status']);

/** How two values are compared. */
export interface Rules {
  /** Whether live may have more map members; it never may have more list items. */
  readonly exact: boolean;
  /** Paths where nothing desired means anything. */
  readonly allocated: readonly string[];
}

/** Adds to `found` every place under `path` where the values differ. */
export function compare(desired: unknown, live: unknown, path: string, rules: Rules, found: Difference[]): void {
  if (desired === live || (!rules.exact && isZero(desired) && live === undefined)) return;
  if (Array.isArray(desired) && Array.isArray(live)) {
    for (let index = 0; index < Math.max(desired.length, live.length); index += 1) {
      compare(desired[index], live[index], `${path}[${index}]`, rules, found);
    }
  } else if (isMap(desired) && isMap(live)) {
    const keys = rules.exact ? new Set([...Object.keys(desired), ...Object.keys(live)]) : Object.keys(desired);
    for (const key of keys) {
      const at = member(path, key);
      if (desired[key] === undefined && rules.allocated.includes(at.replaceAll(/\[\d+\]/g, '[]'))) continue;
      compare(desired[key], live[key], at, rules, found);
    }
  } else if (!(QUANTITY.test(path) && equalQuantity(desired, live))) {
    found.push({ path, desired, live });
  }
}

const QUANTITY = /\.resources\.(limits|requests)\W|\.sizeLimit$/;

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Values that typed objects leave out when stored. Booleans are not among them: absent may mean true. */
const isZero = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  (typeof value === 'object' && Object.keys(value).length === 0);

/** `a.b`, and `a["x.y/z"]` for keys that are no identifiers. */
const member = (path: string, key: string): string =>
  /^[A-Za-z_][\w-]*$/.test(key) ? (path === '' ? key : `${path}.${key}`) : `${path}[${JSON.stringify(key)}]`;
