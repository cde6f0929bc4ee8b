import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeObject } from '../model/kube-object.js';
import { API_VERSION } from '../model/names.js';
import { ApiFailure, type ApiServer } from './api-server.js';
import type { Config } from './config.js';
import type { Log } from './follow.js';
import type { Policies } from './policies.js';

/** One row of `status.observed`: which policy a replica of the front decides by. */
interface Observed {
  readonly replica: string;
  readonly hash: string;
  readonly time: string;
}

export interface ObservationsOptions {
  readonly api: ApiServer;
  readonly policies: Policies;
  readonly config: Pick<Config, 'policyNamespace'>;
  readonly replica: string;
  readonly signal: AbortSignal;
  readonly onLog: Log;
  /** @default Date.now */
  readonly now?: () => number;
}

/** A row that says the same is written again after this long, and one that was not, forgotten after twice that. */
const FRESH = 12 * 3_600_000;
const PAUSE = 1_000;

/**
 * Acknowledges in each policy's status that this replica decides by it, one write at a time and off the way of calls:
 * a policy is in force here before it is said so.
 * Source: design, section 4.
 */
export class Observations {
  readonly #waiting = new Map<string, KubeObject>();
  #running: Promise<void> | undefined;
  #failing = false;

  constructor(private readonly options: ObservationsOptions) {}

  /** Settles when nothing is left to say. */
  get done(): Promise<void> {
    return this.#running ?? Promise.resolve();
  }

  /** A policy as the watch brought it, once it is in force here. */
  note(object: KubeObject): void {
    this.#waiting.set(object.metadata.name, object);
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    const { signal, onLog } = this.options;
    for (let next = this.#next(); next !== undefined && !signal.aborted; next = this.#next()) {
      try {
        await this.#say(next);
        this.#failing = false;
      } catch (error) {
        // 404: gone meanwhile; 409: changed meanwhile, and the watch brings it again.
        if (signal.aborted || (error instanceof ApiFailure && [404, 409].includes(error.status))) continue;
        if (!this.#failing)
          onLog('warning', `cannot acknowledge policies: ${error instanceof Error ? error.message : String(error)}`);
        this.#failing = true;
        if (!this.#waiting.has(next.metadata.name)) this.#waiting.set(next.metadata.name, next);
        await sleep(PAUSE, undefined, { signal }).catch(() => undefined);
      }
    }
    // In the same turn as the last look, so that nothing can come between them and be left lying.
    this.#running = undefined;
  }

  #next(): KubeObject | undefined {
    const [entry] = this.#waiting;
    if (entry !== undefined) this.#waiting.delete(entry[0]);
    return entry?.[1];
  }

  async #say(object: KubeObject): Promise<void> {
    const { api, policies, config, replica, signal } = this.options;
    const { name } = object.metadata;
    const hash = policies.tryPolicy(name)?.spec.policyHash;
    if (hash === undefined) return;
    const now = (this.options.now ?? Date.now)();
    const rows = observedOf(object);
    const mine = rows.find((row) => row.replica === replica);
    if (mine?.hash === hash && now - Date.parse(mine.time) < FRESH) return;
    const others = rows.filter((row) => row.replica !== replica && now - Date.parse(row.time) < 2 * FRESH);
    const observed = [...others.slice(-99), { replica, hash, time: new Date(now).toISOString() }];
    await api.put(
      `/apis/${API_VERSION}/namespaces/${config.policyNamespace}/workspacepolicies/${name}/status`,
      { ...object, status: { observed } },
      signal,
    );
  }
}

function observedOf(object: KubeObject): readonly Observed[] {
  const { observed } = (object['status'] ?? {}) as { readonly observed?: readonly Observed[] };
  return observed ?? [];
}
