import type { Platform } from '../../model/platform.js';

/** The API server takes at most 100,000 characters of CEL in one expression; an entry has about 150 at most. */
const CHUNK = 500;

/**
 * The namespace of each workspace as CEL: variables with a map each, and an expression that looks an id up in them and
 * is `""` for one that the platform does not know.
 */
export function placements({ workspaces }: Platform): {
  readonly variables: Readonly<Record<string, string>>;
  readonly namespaceOf: (id: string) => string;
} {
  const variables: Record<string, string> = {};
  for (let from = 0; from === 0 || from < workspaces.length; from += CHUNK) {
    const chunk = workspaces.slice(from, from + CHUNK).map(({ id, namespace }) => [id, namespace]);
    variables[`placements${from / CHUNK}`] = JSON.stringify(Object.fromEntries(chunk));
  }
  const lookUp = (id: string): string =>
    Object.keys(variables)
      .map((name) => `variables.${name}[?${id}]`)
      .reduce((found, next) => `${found}.or(${next})`);
  return { variables, namespaceOf: (id) => `${lookUp(id)}.orValue("")` };
}
