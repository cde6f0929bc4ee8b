import { inconclusive, type Check } from '../../model/check.js';
import { Doubt } from '../answer.js';

/** From when the window begins anew. */
export interface Restart {
  /** Seconds since 1970, the last instant that was not clean. @default - nobody can say when it was */
  readonly at?: number;
  /** How long before that instant a window may begin all the same, in seconds. @default 0 */
  readonly slack?: number;
  readonly why: string;
}

/** What one check found, and what of it sets the clock back. */
export interface Judgement {
  readonly check: Check;
  readonly restart?: Restart;
}

/** What `look` finds; where it lacks an answer, why. */
export function judged(name: string, look: () => Judgement): Judgement {
  try {
    const { check, ...rest } = look();
    return { check: { ...check, note: sentence(check.note) }, ...rest };
  } catch (error) {
    if (error instanceof Doubt) return { check: inconclusive(name, sentence(error.message)) };
    throw error;
  }
}

/** `1 call`, `2 calls`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** As a note: without the full stop. */
export const sentence = (text: string): string => text.replace(/\.$/, '');

/** Several numbers of which each may be missing: those that are there prove what they prove. */
export function attempt(read: () => number): number | Doubt {
  try {
    return read();
  } catch (error) {
    if (error instanceof Doubt) return error;
    throw error;
  }
}

/** `2026-11-28T19:52Z`: minutes are as fine as the window is looked at. */
export const timeText = (seconds: number): string => `${new Date(seconds * 1000).toISOString().slice(0, 16)}Z`;

export const percent = (share: number): string =>
  `${(share * 100).toFixed(share > 0.9999 || share < 0.0001 ? 0 : 2)} %`;
