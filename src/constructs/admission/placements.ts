import type { Platform } from '../../model/platform.js';

/** The API server takes at most 100,000 characters of CEL in one expression; an entry here has about 150 at most. */
const CHUNK = 500;

type Variables = Readonly<Record<string, string>>;

function chunks<T>(name: string, items: readonly T[], literal: (chunk: readonly T[]) => string): Variables {
  const variables: Record<string, string> = {};
  for (let from = 0; from === 0 || from < items.length; from += CHUNK) {
    variables[`${name}${from / CHUNK}`] = literal(items.slice(from, from + CHUNK));
  }
  return variables;
}

/** The namespace of each workspace as CEL; `namespaceOf` an id that the platform does not know is `""`. */
export function placements({ workspaces }: Platform): {
  readonly variables: Variables;
  readonly namespaceOf: (id: string) => string;
} {
  const variables = chunks('placements', workspaces, (chunk) =>
    JSON.stringify(Object.fromEntries(chunk.map(({ id, namespace }) => [id, namespace]))),
  );
  return {
    variables,
    namespaceOf: (id) =>
      `${Object.keys(variables)
        .map((name) => `variables.${name}[?${id}]`)
        .reduce((found, next) => `${found}.or(${next})`)}.orValue("")`,
  };
}

/** Any number of words as CEL, with the expression that one is among them. */
export function oneOfMany(
  name: string,
  values: readonly string[],
): { readonly variables: Variables; readonly has: (value: string) => string } {
  const variables = chunks(name, values, (chunk) => JSON.stringify(chunk));
  return {
    variables,
    has: (value) =>
      `(${Object.keys(variables)
        .map((chunk) => `${value} in variables.${chunk}`)
        .join(' || ')})`,
  };
}
