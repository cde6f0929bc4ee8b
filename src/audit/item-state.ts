import type { Entry } from './entry.js';

export const STATES = ['present', 'absent', 'not-verifiable', 'not-required'] as const;

/** `absent` also where the evidence says otherwise than the run. */
export interface ItemState {
  readonly state: (typeof STATES)[number];
  /** As the end of a sentence about the run. */
  readonly why: string;
}

export const present = (why: string): ItemState => ({ state: 'present', why });
export const absent = (why: string): ItemState => ({ state: 'absent', why });
export const unverifiable = (why: string): ItemState => ({ state: 'not-verifiable', why });
export const unrequired = (why: string): ItemState => ({ state: 'not-required', why });

/** Whether the entry's actor is who has this subject. */
export const isActor = (actor: string | undefined, subject: string): boolean =>
  ['User', 'Machine', 'Adapter'].some((kind) => actor === `${kind}:${subject}`);

/** Whether the policy denied anything. */
export const denies = (entries: readonly Entry[]): boolean => entries.some(({ decision }) => decision === 'deny');
