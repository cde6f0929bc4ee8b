/**
 * True for a path in the normal form that Envoy brings every path into before it asks. Another form would mean that
 * Envoy is not configured as rendered, and that the application might read another path than the one judged.
 */
export function isNormal(path: string): boolean {
  return (
    path.startsWith('/') &&
    !/\/\/|\\|[^\x21-\x7e]|#/.test(path) &&
    path.split('/').every((segment) => segment !== '.' && segment !== '..') &&
    // An escape may stand only for what must be escaped, and never for a slash, a backslash or a control character.
    (path.match(/%.{0,2}/g) ?? []).every(
      (escape) => /^%[0-9A-Fa-f]{2}$/.test(escape) && !/^[\w.~/\\\x00-\x1f\x7f-]$/.test(unescape(escape)),
    )
  );
}

const unescape = (escape: string): string => String.fromCharCode(Number.parseInt(escape.slice(1), 16));

/** Without the query. */
export const pathOf = (pathAndQuery: string): string => pathAndQuery.replace(/\?.*$/s, '');

/** The workspace of `/v1/workspaces/<id>` and of what is below it; undefined for every other path. */
export const tryWorkspaceOf = (path: string): string | undefined => /^\/v1\/workspaces\/([^/]+)/.exec(path)?.[1];
