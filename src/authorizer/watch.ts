import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeObject } from '../model/kube-object.js';
import { ApiFailure, type ApiServer } from './api-server.js';

export interface Watched {
  /** A full list. */
  replace(objects: readonly KubeObject[]): void;
  put(object: KubeObject): void;
  remove(name: string): void;
  /** The API server has spoken, if only to say that nothing has changed. */
  heard(): void;
  /** Contact was lost; tried again until `signal`. */
  failed(error: unknown): void;
}

export interface WatchOptions {
  /** `/apis/<group>/<version>/namespaces/<namespace>/<plural>`. */
  readonly path: string;
  /**
   * How long one watch lasts, seconds. The API server ends it then in order, which proves that nothing was missed:
   * a connection that has died without a word is found after this long, and an idle one is known to live.
   */
  readonly seconds: number;
  readonly signal: AbortSignal;
}

/** Objects asked for at a time. */
const PAGE = 250;
const PATIENCE = 3_000;
const LIST_TIMEOUT = 30_000;
const PAUSE = { first: 100, most: 1_000 };

interface Event {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: KubeObject & { readonly code?: number; readonly message?: string };
}

/** Lists, then watches from there, for ever: a watch that ends in order goes on where it was, one that fails lists again. */
export async function watch(api: ApiServer, watched: Watched, { path, seconds, signal }: WatchOptions): Promise<void> {
  let version: string | undefined;
  let pause = PAUSE.first;
  while (!signal.aborted) {
    const start = performance.now();
    try {
      version ??= await list();
      const query = `watch=1&allowWatchBookmarks=true&resourceVersion=${version}&timeoutSeconds=${seconds}`;
      const limit = AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000 + PATIENCE)]);
      for await (const line of api.lines(`${path}?${query}`, limit, () => watched.heard()))
        version = take(line as Event);
      watched.heard();
      pause = PAUSE.first;
      // A server that ends every watch at once must not be asked without end.
      if (performance.now() - start < PAUSE.most) await rest();
    } catch (error) {
      if (signal.aborted) return;
      // Gone on from, a watch would count as contact before what was missed has come, such as the end of a Relaxation;
      // and the version may be too old (410).
      version = undefined;
      watched.failed(error);
      await rest();
    }
  }

  async function rest(): Promise<void> {
    await sleep(pause * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined);
    pause = Math.min(pause * 2, PAUSE.most);
  }

  function take({ type, object }: Event): string {
    if (type === 'ERROR') throw new ApiFailure(object.code ?? 0, object.message ?? 'the watch ended with an error');
    if (type === 'DELETED') watched.remove(object.metadata.name);
    else if (type !== 'BOOKMARK') watched.put(object);
    watched.heard();
    return object.metadata['resourceVersion'] as string;
  }

  async function list(): Promise<string> {
    const objects: KubeObject[] = [];
    const limit = AbortSignal.any([signal, AbortSignal.timeout(LIST_TIMEOUT)]);
    for (let next = ''; ;) {
      const page = (await api.get(`${path}?limit=${PAGE}${next}`, limit)) as {
        readonly items: readonly KubeObject[];
        readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
      };
      objects.push(...page.items);
      if (!page.metadata.continue) {
        watched.replace(objects);
        return page.metadata.resourceVersion;
      }
      next = `&continue=${encodeURIComponent(page.metadata.continue)}`;
    }
  }
}
