import { ApiError, UnknownKind, type ApiStatus } from './api-error.js';

/** How a kind is addressed: `networkpolicies`, namespaced. */
export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  /** Plural, as in paths. */
  readonly name: string;
  readonly namespaced: boolean;
}

/** What a cluster serves. */
export interface Served {
  /** Each kind of a group once, in the version that the API server prefers if that has it. */
  readonly resources: readonly Resource[];
  /** Groups that did not answer, as `metrics.k8s.io/v1beta1`, with the server's words: their kinds are not known. */
  readonly silent: readonly { readonly apiVersion: string; readonly problem: string }[];
}

interface Group {
  readonly preferredVersion?: { readonly groupVersion: string };
  readonly versions: readonly { readonly groupVersion: string }[];
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

  /** Every kind there is. A group whose own server is down is named, and not waited for. */
  async served(): Promise<Served> {
    const { status, body } = await this.#fetch('/apis');
    if (status !== 200) throw new ApiError(status, body as ApiStatus, 'read the groups of kinds');
    const silent: Served['silent'][number][] = [];
    const read = async (apiVersion: string): Promise<readonly Resource[]> => {
      try {
        return await this.#read(apiVersion);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        silent.push({ apiVersion, problem: error.message });
        return [];
      }
    };
    const groups = [['v1'], ...(body as { groups: readonly Group[] }).groups.map(versionsOf)];
    const resources = await Promise.all(
      groups.map(async (versions) => {
        const found = (await Promise.all(versions.map(read))).flat();
        return found.filter(({ kind }, i) => found.findIndex((other) => other.kind === kind) === i);
      }),
    );
    return { resources: resources.flat(), silent };
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

/** The preferred version first. */
const versionsOf = ({ preferredVersion, versions }: Group): string[] => [
  ...new Set([...(preferredVersion ? [preferredVersion] : []), ...versions].map(({ groupVersion }) => groupVersion)),
];
