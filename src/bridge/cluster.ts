import { setTimeout as sleep } from 'node:timers/promises';
import { keyOf, type KubeObject } from '../model/kube-object.js';
import { FIELD_MANAGER } from '../model/names.js';
import { ApiError, isNotFound, type ApiStatus } from './api-error.js';
import {
  connection,
  impersonating,
  type ApiRequest,
  type ApiResponse,
  type Connection,
  type ConnectOptions,
  type Impersonated,
} from './cluster-connection.js';
import { Discovery, type Resource, type Served } from './cluster-discovery.js';
import type {
  DeleteOptions,
  KindRef,
  ListOptions,
  LiveObject,
  ObjectRef,
  WatchEvent,
  WriteOptions,
  Written,
} from './cluster-types.js';

export type * from './cluster-types.js';
export type { Resource } from './cluster-discovery.js';
export type { Impersonated } from './cluster-connection.js';

/** Objects asked for at a time. */
const PAGE = 500;

/**
 * The API server, with objects as plain JSON: no field is ever dropped or renamed, as typed clients do with what they
 * do not know. Every method throws ApiError, ClusterUnreachable or UnknownKind.
 */
export class Cluster {
  readonly #connection: Connection;
  readonly #discovery: Discovery;

  /** See ConnectOptions for the defaults. Sends nothing yet. Throws KubeconfigError. */
  static async connect(options: ConnectOptions = {}): Promise<Cluster> {
    return new Cluster(await connection(options));
  }

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#discovery = new Discovery((path) => this.#retry({ method: 'GET', path, attempt: `read ${path}` }));
  }

  /** Address and context, for messages. */
  get server(): string {
    return this.#connection.server;
  }

  get context(): string {
    return this.#connection.context;
  }

  close(): void {
    this.#connection.close();
  }

  /** The same cluster in another's name; what the caller may not impersonate is ApiError (403) at the first request. */
  as(whom: Impersonated): Cluster {
    return new Cluster(impersonating(this.#connection, whom));
  }

  /** Undefined when the cluster has no such kind. */
  tryResource(apiVersion: string, kind: string): Promise<Resource | undefined> {
    return this.#discovery.tryResource(apiVersion, kind);
  }

  /** Every kind that the cluster serves. */
  served(): Promise<Served> {
    return this.#discovery.served();
  }

  async get(ref: ObjectRef, options: { readonly signal?: AbortSignal } = {}): Promise<LiveObject> {
    const path = await this.#path(ref);
    const { body } = await this.#send({ method: 'GET', path, attempt: `read ${keyOf(ref)}`, ...options });
    return body as LiveObject;
  }

  /** Undefined when there is no such object, namespace or kind. */
  async tryGet(ref: ObjectRef, options: { readonly signal?: AbortSignal } = {}): Promise<LiveObject | undefined> {
    if ((await this.tryResource(ref.apiVersion, ref.kind)) === undefined) return undefined;
    try {
      return await this.get(ref, options);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** All objects of a kind, page by page; none when the cluster has no such kind. */
  async list(ref: KindRef, options: ListOptions = {}): Promise<readonly LiveObject[]> {
    const resource = await this.tryResource(ref.apiVersion, ref.kind);
    if (resource === undefined) return [];
    const { labels, fields, ...rest } = options;
    const found: LiveObject[] = [];
    let next: string | undefined;
    do {
      const path = collection(resource, ref.namespace, {
        labelSelector: labels,
        fieldSelector: fields,
        limit: PAGE,
        continue: next,
      });
      const { body } = await this.#send({ method: 'GET', path, attempt: `list ${resource.name}`, ...rest });
      const list = body as { items: LiveObject[] | null; metadata: { continue?: string } };
      // Items of a list carry neither apiVersion nor kind.
      for (const item of list.items ?? []) found.push({ ...item, apiVersion: ref.apiVersion, kind: ref.kind });
      next = list.metadata.continue;
    } while (next);
    return found;
  }

  /** Creates (POST); 409 AlreadyExists when there is one. `metadata.generateName` is honoured. */
  async create(object: KubeObject, options: WriteOptions = {}): Promise<Written> {
    const resource = await this.#discovery.resource(object.apiVersion, object.kind);
    const path = collection(resource, object.metadata.namespace, writeQuery(options));
    return this.#write('create', 'POST', path, object, options);
  }

  /** Server-side apply with force: every field of `object` becomes ours, no other is touched. */
  async apply(object: KubeObject, options: WriteOptions = {}): Promise<Written> {
    const path = await this.#path(object, { ...writeQuery(options), force: true });
    return this.#write('apply', 'PATCH', path, object, options, 'application/apply-patch+yaml');
  }

  /** Replaces the whole object (PUT). With `metadata.resourceVersion`, 409 when it changed meanwhile. */
  async replace(object: KubeObject, options: WriteOptions = {}): Promise<Written> {
    const path = await this.#path(object, writeQuery(options));
    return this.#write('replace', 'PUT', path, object, options);
  }

  /** JSON merge patch (RFC 7386), for single fields of objects that are nobody's stack's. */
  async mergePatch(ref: ObjectRef, patch: unknown, options: WriteOptions = {}): Promise<Written> {
    const path = await this.#path(ref, writeQuery(options));
    return this.#write('patch', 'PATCH', path, ref, options, 'application/merge-patch+json', patch);
  }

  /** False when it was gone already. */
  async delete(ref: ObjectRef, options: DeleteOptions = {}): Promise<boolean> {
    const path = await this.#path(ref);
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      // Not in the query: the API server ignores a query beside a body, and would delete.
      ...(options.dryRun && { dryRun: ['All'] }),
      propagationPolicy: options.propagation ?? 'Background',
      ...(options.uid && { preconditions: { uid: options.uid } }),
    };
    try {
      await this.#send({ method: 'DELETE', path, body, attempt: `delete ${keyOf(ref)}`, ...signalOf(options) });
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  /** A request to an object's subresource, for example POST to `exec` of a pod (CONNECT). */
  async subresource(
    method: 'GET' | 'POST' | 'PUT',
    ref: ObjectRef,
    name: string,
    options: { readonly body?: unknown; readonly query?: Query } = {},
  ): Promise<unknown> {
    const path = `${await this.#path(ref)}/${name}${search(options.query ?? {})}`;
    const { body } = await this.#send({
      method,
      path,
      body: options.body,
      attempt: `${method} ${name} of ${keyOf(ref)}`,
    });
    return body;
  }

  /** Changes after `resourceVersion` (absent: what is there now, then changes) until `signal` or the server ends it. */
  async *watch(
    ref: KindRef,
    options: ListOptions & { readonly resourceVersion?: string } = {},
  ): AsyncGenerator<WatchEvent> {
    const resource = await this.#discovery.resource(ref.apiVersion, ref.kind);
    const attempt = `watch ${resource.name}`;
    const { labels, fields, resourceVersion } = options;
    const query = {
      watch: 1,
      allowWatchBookmarks: true,
      labelSelector: labels,
      fieldSelector: fields,
      resourceVersion,
    };
    const path = collection(resource, ref.namespace, query);
    const { status, lines } = await this.#connection.stream({ method: 'GET', path, attempt, ...signalOf(options) });
    try {
      for await (const line of lines) {
        const event = JSON.parse(line) as WatchEvent | { type: 'ERROR'; object: ApiStatus } | ApiStatus;
        if (!('type' in event)) throw new ApiError(status, event, attempt);
        if (event.type === 'ERROR') throw new ApiError(event.object.code ?? status, event.object, attempt);
        yield event;
      }
    } catch (error) {
      if (!options.signal?.aborted) throw error;
    }
  }

  /** The user name that the API server knows the caller by (SelfSubjectReview). */
  async whoAmI(): Promise<{ readonly username: string; readonly groups: readonly string[] }> {
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview', metadata: {} };
    const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
    const { body } = await this.#send({ method: 'POST', path, body: review, attempt: 'ask who the caller is' });
    const { userInfo } = (body as { status: { userInfo: { username: string; groups?: string[] } } }).status;
    return { username: userInfo.username, groups: userInfo.groups ?? [] };
  }

  /** The API server's own version, as `v1.36.2`. */
  async version(): Promise<string> {
    const { body } = await this.#send({ method: 'GET', path: '/version', attempt: 'ask for the version' });
    return (body as { gitVersion: string }).gitVersion;
  }

  async #path(ref: ObjectRef, query: Query = {}): Promise<string> {
    const resource = await this.#discovery.resource(ref.apiVersion, ref.kind);
    const { name, namespace } = ref.metadata;
    if (resource.namespaced && namespace === undefined) {
      throw new Error(`${keyOf(ref)} has no namespace, but its kind is namespaced.`);
    }
    return `${collection(resource, namespace)}/${encodeURIComponent(name)}${search(query)}`;
  }

  async #write(
    verb: string,
    method: ApiRequest['method'],
    path: string,
    ref: ObjectRef,
    options: WriteOptions,
    contentType = 'application/json',
    body: unknown = ref,
  ): Promise<Written> {
    const attempt = `${verb} ${keyOf(ref)}`;
    const response = await this.#send({ method, path, body, contentType, attempt, ...signalOf(options) });
    return { object: response.body as LiveObject, created: response.status === 201, warnings: response.warnings };
  }

  async #send(request: ApiRequest): Promise<ApiResponse> {
    const response = await this.#retry(request);
    if (response.status >= 400) throw new ApiError(response.status, response.body as ApiStatus, request.attempt);
    return response;
  }

  /** Waits and tries again where the server says it is busy; it has done nothing then (429), whatever the verb. */
  async #retry(request: ApiRequest): Promise<ApiResponse> {
    for (let tries = 0; ; tries += 1) {
      const response = await this.#connection.send(request);
      if (response.status !== 429 || tries >= 4) return response;
      await sleep(Math.min(response.retryAfter ?? 1, 10) * 1000, undefined, signalOf(request));
    }
  }
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

const signalOf = ({ signal }: { readonly signal?: AbortSignal }): { signal?: AbortSignal } =>
  signal ? { signal } : {};

const writeQuery = ({ dryRun, fieldManager = FIELD_MANAGER }: WriteOptions): Query => ({
  fieldManager,
  fieldValidation: 'Strict',
  dryRun: dryRun ? 'All' : undefined,
});

function search(query: Query): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  if (given.length === 0) return '';
  return `?${new URLSearchParams(given.map(([key, value]): [string, string] => [key, String(value)])).toString()}`;
}

function collection(resource: Resource, namespace?: string, query: Query = {}): string {
  const root = resource.apiVersion === 'v1' ? '/api/v1' : `/apis/${resource.apiVersion}`;
  const scope = resource.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}${scope}/${resource.name}${search(query)}`;
}
