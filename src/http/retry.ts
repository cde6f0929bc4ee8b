import { setTimeout as sleep } from 'node:timers/promises';
import { ask, NoAnswer, type Access, type Answered, type Asked } from './request.js';

/** One answer after so many attempts, or why there is none. ISO 8601 by our clock, of the last attempt. */
export interface Attempted {
  readonly attempts: number;
  readonly askedAt: string;
  readonly answeredAt: string;
  readonly answered?: Answered;
  readonly noAnswer?: string;
}

export interface Patience {
  /** `performance.now()` after which nothing is asked or waited for any more. */
  readonly deadline: number;
  /** @default 3 */
  readonly attempts?: number;
  /** Our clock. @default the machine's */
  readonly now?: () => Date;
}

/** The first wait, in milliseconds; each further one is three times as long, give or take half. */
const FIRST_WAIT = 250;

/**
 * Asks up to three times: again where no answer came, where the server is overloaded (429) or has failed (5xx), and
 * never where it refuses. Throws nothing: that no answer came is part of the result.
 */
export async function askPatiently(access: Access, asked: Asked, patience: Patience): Promise<Attempted> {
  const { deadline, attempts = 3, now = () => new Date() } = patience;
  for (let attempt = 1, wait = FIRST_WAIT; ; attempt += 1, wait *= 3) {
    const askedAt = now().toISOString();
    const left = deadline - performance.now();
    const outcome = left <= 0 ? { noAnswer: 'the time for all questions is over.' } : await tryAsk(access, asked, left);
    const done = { attempts: attempt, askedAt, answeredAt: now().toISOString(), ...outcome };
    const pause = wait * (0.5 + Math.random());
    const again = 'noAnswer' in outcome || outcome.answered.status === 429 || outcome.answered.status >= 500;
    if (!again || attempt === attempts || performance.now() + pause >= deadline) return done;
    await sleep(pause);
  }
}

async function tryAsk(
  access: Access,
  asked: Asked,
  left: number,
): Promise<{ readonly answered: Answered } | { readonly noAnswer: string }> {
  try {
    const timeout = Math.min(asked.timeout ?? Infinity, left);
    return {
      answered: await ask(access, { ...asked, ...(Number.isFinite(timeout) && { timeout: Math.ceil(timeout) }) }),
    };
  } catch (error) {
    if (error instanceof NoAnswer) return { noAnswer: error.message };
    throw error;
  }
}
