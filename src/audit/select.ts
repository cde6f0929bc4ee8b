import { createHash, createHmac } from 'node:crypto';
import type { Run } from './run.js';

/** Hex: SHA-256 of the frame's hash followed by the nonce, as text. The frame is fixed before it. */
export const seedOf = (frameSha256: string, nonce: string): string =>
  createHash('sha256').update(`${frameSha256}${nonce}`).digest('hex');

/** All runs in the order in which they are drawn: by HMAC-SHA256(seed, run id). A shorter sample begins a longer one. */
export function drawn(runs: readonly Run[], seed: string): readonly Run[] {
  const key = Buffer.from(seed, 'hex');
  return runs
    .map((run) => ({ run, place: createHmac('sha256', key).update(run.runId).digest('hex') }))
    .sort((a, b) => (a.place < b.place ? -1 : 1))
    .map(({ run }) => run);
}

/**
 * Runs to look at besides the sample, so that every agent and every tier has so many: they are no part of the random
 * sample, and no bound rests on them.
 *
 * @param order as drawn
 * @param size of the sample, its beginning
 * @param least of each agent and of each tier
 */
export function strataBeyond(order: readonly Run[], size: number, least: number): readonly Run[] {
  const seen = new Map<string, number>();
  const count = (run: Run): void => {
    for (const stratum of strataOf(run)) seen.set(stratum, (seen.get(stratum) ?? 0) + 1);
  };
  order.slice(0, size).forEach(count);
  return order.slice(size).filter((run) => {
    const wanted = strataOf(run).some((stratum) => (seen.get(stratum) ?? 0) < least);
    if (wanted) count(run);
    return wanted;
  });
}

const strataOf = ({ agent, initiator, tier }: Run): readonly string[] => [
  `agent ${agent ?? initiator ?? 'unknown'}`,
  `tier ${tier ?? 'unknown'}`,
];
