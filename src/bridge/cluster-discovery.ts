import { ApiError, UnknownKind, type ApiStatus } from './api-error.js';

/** How a kind is addressed: `networkpolicies`, namespaced. */
export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  /** Plural, as in paths. */
  readonly name: string;
  readonly namespaced: boolean;
}

type Fetch = (path: string) => Promise<{ status: number; body: unknown }>;

/** Kind -> resource, from the API server's own lists; a group is read once, and again when a kind is missing. */
export class Discovery {
  readonly #groups = new Map<string, Promise<readonly Resource[]>>();
  readonly #fetch: Fetch;

  constructor(fetch: Fetch) {
    this.#fetch = fetch;
  }

  /** Undefined when the cluster does not know the kind (yet). */
  async tryResource(apiVersion: string, kind: string): Promise<Resource | undefined> {
    const known = this.#groups.get(apiVersion);
    const found = (await (known ?? this.#read(apiVersion))).find((resource) => resource.kind === kind);
    if (found !== undefined || known === undefined) return found;
    const current = this.#groups.get(apiVersion);
    return (await (current === known ? this.#read(apiVersion) : current!)).find((resource) => resource.kind === kind);
  }

  /** Throws UnknownKind. */
  async resource(apiVersion: string, kind: string): Promise<Resource> {
    const found = await this.tryResource(apiVersion, kind);
    if (found === undefined) throw new UnknownKind(apiVersion, kind);
    return found;
  }

  /** Every kind that is served, in its group's preferred version; asked anew each time. Throws ApiError. */
  async all(): Promise<readonly Resource[]> {
    const { status, body } = await this.#fetch('/apis');
    if (status !== 200) throw new ApiError(status, body as ApiStatus, 'read the groups');
    const { groups } = body as { groups: { preferredVersion: { groupVersion: string } }[] };
    const versions = ['v1', ...groups.map(({ preferredVersion }) => preferredVersion.groupVersion)];
    return (await Promise.all(versions.map((version) => this.#read(version)))).flat();
  }

  #read(apiVersion: string): Promise<readonly Resource[]> {
    const reading = this.#fetch(apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`).then(({ status, body }) => {
      if (status === 404) return [];
      if (status !== 200) throw new ApiError(status, body as ApiStatus, `read the kinds of ${apiVersion}`);
      const { resources = [] } = body as { resources?: { kind: string; name: string; namespaced: boolean }[] };
      return resources
        .filter(({ name }) => !name.includes('/'))
        .map(({ kind, name, namespaced }) => ({ apiVersion, kind, name, namespaced }));
    });
    this.#groups.set(apiVersion, reading);
    reading.catch(() => this.#groups.delete(apiVersion));
    return reading;
  }
}
