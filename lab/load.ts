import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from './client.js';

export interface LoadOptions {
  /** How many callers there are; each waits for its answer before it calls again. @default 2 */
  readonly callers?: number;
  /** Milliseconds between an answer and the next call. @default 0 */
  readonly pause?: number;
}

/** What came of a load. */
export interface LoadResult {
  readonly calls: number;
  readonly seconds: number;
  /** Answers that were not as wanted, each with when it came, in milliseconds from the start. */
  readonly failures: readonly { readonly after: number; readonly answer: Answer }[];
  /** Milliseconds that each call took, ascending. */
  readonly durations: readonly number[];
}

/** A constant load, until it is stopped. */
export interface Load {
  /** Calls answered so far. */
  calls(): number;
  stop(): Promise<LoadResult>;
}

/** @param wanted which answers are as they should be */
export function startLoad(
  call: () => Promise<Answer>,
  wanted: (answer: Answer) => boolean,
  { callers = 2, pause = 0 }: LoadOptions = {},
): Load {
  const start = performance.now();
  const durations: number[] = [];
  const failures: { after: number; answer: Answer }[] = [];
  let stopped = false;
  const caller = async (): Promise<void> => {
    while (!stopped) {
      const began = performance.now();
      const answer = await call();
      durations.push(performance.now() - began);
      if (!wanted(answer)) failures.push({ after: performance.now() - start, answer });
      if (pause > 0) await sleep(pause);
    }
  };
  const running = Promise.all(Array.from({ length: callers }, caller));
  return {
    calls: () => durations.length,
    stop: async () => {
      stopped = true;
      await running;
      return {
        calls: durations.length,
        seconds: (performance.now() - start) / 1000,
        failures,
        durations: durations.toSorted((one, other) => one - other),
      };
    },
  };
}
