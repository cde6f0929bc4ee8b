import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiServer } from '../authorizer/api-server.js';
import { watch } from '../authorizer/watch.js';
import type { Resource } from '../bridge/cluster.js';

/** A kind to be watched, everywhere. */
export type Watchable = Pick<Resource, 'apiVersion' | 'kind' | 'name'>;

export interface DriftWatch {
  readonly api: ApiServer;
  readonly kinds: readonly Watchable[];
  /** Looks anew; what it throws ends the watch. @param lost kinds that are not watched now, with the reason */
  readonly look: (lost: ReadonlyMap<string, string>) => Promise<void>;
  readonly signal: AbortSignal;
  /** Looks without a change too, so that a watch that has missed something is found out, milliseconds. @default 30000 */
  readonly everyMilliseconds?: number;
  /** One watch lasts so long, seconds; one that died without a word is found after it. @default 20 */
  readonly watchSeconds?: number;
}

const PENDING = 'not listed yet';
/** How long the first look waits for the lists, milliseconds. */
const PATIENCE = 10_000;

/** Changes come in bursts; one look is for all of them. */
const SETTLES = 200;

/**
 * Looks once every kind has been listed, after each change, when a watch is lost or back, and now and then; one look at a time.
 * Until every kind is watched, looks say which are not.
 */
export async function watchDrift(options: DriftWatch): Promise<void> {
  const { api, kinds, look, signal, everyMilliseconds = 30_000, watchSeconds = 20 } = options;
  const lost = new Map(kinds.map((kind) => [nameOf(kind), PENDING]));
  let wake = (): void => undefined;
  let dirty = true;
  const changed = (): void => {
    dirty = true;
    wake();
  };
  const watches = kinds.map((kind) => {
    const name = nameOf(kind);
    const found = (): void => {
      if (lost.delete(name)) changed();
    };
    return watch(
      api,
      {
        replace: () => {
          lost.delete(name);
          changed();
        },
        put: changed,
        remove: changed,
        heard: found,
        failed: (error) => {
          const why = error instanceof Error ? error.message : String(error);
          if (lost.get(name) === why) return;
          lost.set(name, why);
          changed();
        },
      },
      { path: pathOf(kind), seconds: watchSeconds, signal },
    );
  });
  const rounds = async (): Promise<void> => {
    const soon = performance.now() + PATIENCE;
    while ([...lost.values()].includes(PENDING) && performance.now() < soon) await pause(SETTLES / 4, signal);
    while (!signal.aborted) {
      dirty = false;
      await look(new Map(lost));
      if (!dirty) await Promise.race([waiting(), pause(everyMilliseconds, signal)]);
      await pause(SETTLES, signal);
    }
  };
  const waiting = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
      if (dirty) resolve();
    });
  await Promise.race([rounds(), Promise.all(watches)]);
}

const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  sleep(milliseconds, undefined, { signal }).catch(() => undefined);

const nameOf = ({ apiVersion, kind }: Watchable): string => `${apiVersion} ${kind}`;

const pathOf = ({ apiVersion, name }: Watchable): string =>
  `${apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`}/${name}`;
