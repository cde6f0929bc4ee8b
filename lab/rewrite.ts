/** Plain JSON, as Envoy's configuration is written. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** What a configuration for a pod becomes on loopback. */
export interface Places {
  /** The loopback port of each listener, by its name. */
  readonly listeners: ReadonlyMap<string, number>;
  /** The loopback port of each endpoint of a cluster, by `host:port`. */
  readonly endpoints: ReadonlyMap<string, number>;
  /** Folders and files by their path in the container; the longest that fits counts. */
  readonly paths: ReadonlyMap<string, string>;
}

/**
 * An Envoy configuration with addresses, socket paths and file paths replaced, and nothing else. Throws for an address
 * or a path that it has no place for: whatever stayed would reach out of the lab.
 */
export function relocate(config: Json, places: Places): Json {
  return walk(config, undefined, places);
}

/** Names and pod ports of the listeners in an Envoy configuration, discovered ones included. */
export function listenersOf(config: Json): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const visit = (value: Json): void => {
    if (Array.isArray(value)) return value.forEach(visit);
    if (!isMap(value)) return;
    const port = tryListenerPort(value);
    if (port !== undefined) found.set(value['name'] as string, port);
    Object.values(value).forEach(visit);
  };
  visit(config);
  return found;
}

/** A listener is what has both filter chains and an address. */
function tryListenerPort(value: { readonly [key: string]: Json }): number | undefined {
  if (!('filter_chains' in value) || typeof value['name'] !== 'string') return undefined;
  const address = value['address'];
  const socket = isMap(address) ? address['socket_address'] : undefined;
  return isMap(socket) && typeof socket['port_value'] === 'number' ? socket['port_value'] : undefined;
}

function walk(value: Json, key: string | undefined, places: Places): Json {
  if (typeof value === 'string' && key === 'url') return urlIn(value, places);
  if (typeof value === 'string') return PATH_KEYS.has(key ?? '') ? pathIn(value, places) : value;
  if (Array.isArray(value)) return value.map((item: Json) => walk(item, key, places));
  if (!isMap(value)) return value;
  const name = tryListenerPort(value) === undefined ? undefined : (value['name'] as string);
  return Object.fromEntries(
    Object.entries(value).map(([member, inner]) => {
      if (name !== undefined && member === 'address') return [member, loopback(placeOf(places.listeners, name))];
      if (member === 'socket_address') {
        const { address, port_value: port } = inner as { address: string; port_value: number };
        return [member, loopback(placeOf(places.endpoints, `${address}:${port}`)).socket_address];
      }
      // What is matched in a request is no file.
      return [member, member === 'match' ? inner : walk(inner, member, places)];
    }),
  );
}

const loopback = (port: number) => ({ socket_address: { address: '127.0.0.1', port_value: port } });

const PATH_KEYS: ReadonlySet<string> = new Set(['path', 'filename', 'tokenFile', 'authoritiesFile', 'tokensDir']);

/** An address of the authorizer's configuration. Certificates here are for `localhost`, not for an address. */
function urlIn(url: string, { endpoints }: Places): string {
  const { protocol, hostname, port } = new URL(url);
  return `${protocol}//${protocol === 'https:' ? 'localhost' : '127.0.0.1'}:${placeOf(endpoints, `${hostname}:${port}`)}`;
}

/** A path of the container in its place; a request path, which is none of the container's, as it is. */
export function pathIn(path: string, { paths }: Pick<Places, 'paths'>): string {
  const [fits] = [...paths.keys()]
    .filter((place) => path === place || path.startsWith(`${place}/`))
    .sort((a, b) => b.length - a.length);
  if (fits !== undefined) return `${paths.get(fits)}${path.slice(fits.length)}`;
  if (/^\/(etc|run|var|tmp|usr)\//.test(path)) throw new Error(`${path} is in no mount and no known file of the image`);
  return path;
}

function placeOf(places: ReadonlyMap<string, number>, name: string): number {
  const port = places.get(name);
  if (port === undefined) throw new Error(`${name} has no place on loopback; known: ${[...places.keys()].join(', ')}`);
  return port;
}

const isMap = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
