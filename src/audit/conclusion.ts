import { boundOfPopulation, boundOfShare } from './bound.js';
import type { AuditInputs } from './inputs.js';
import type { ItemState } from './item-state.js';
import { ITEMS, type Item } from './items.js';
import type { Run } from './run.js';

/** A run that was looked at. */
export interface Audited {
  readonly run: Run;
  readonly states: Readonly<Record<Item, ItemState>>;
}

export const CONFIDENCE = 0.95;

/** One-sided upper bounds on runs that lack an item or have one that cannot be verified. */
export interface Bound {
  readonly confidence: number;
  readonly sample: number;
  /** That lack an item; and besides, that have one that cannot be verified. */
  readonly incomplete: number;
  readonly unverified: number;
  /** Of the frame's runs, at most so many lack an item (hypergeometric). */
  readonly population: number;
  /** Of runs made in the same way, at most this share (Clopper and Pearson). */
  readonly share: number;
}

const lacks = ({ states }: Audited): boolean => ITEMS.some((item) => states[item].state === 'absent');
const isOpen = (audited: Audited): boolean =>
  !lacks(audited) && ITEMS.some((item) => audited.states[item].state === 'not-verifiable');

export function boundOf(sampled: readonly Audited[], population: number): Bound | undefined {
  if (sampled.length === 0) return undefined;
  const [incomplete, sample] = [sampled.filter(lacks).length, sampled.length];
  return {
    confidence: CONFIDENCE,
    sample,
    incomplete,
    unverified: sampled.filter(isOpen).length,
    population: boundOfPopulation(incomplete, sample, population, CONFIDENCE),
    share: boundOfShare(incomplete, sample, CONFIDENCE),
  };
}

/** What the numbers mean, in one or two sentences. */
export function statementOf(
  bound: Bound | undefined,
  audited: readonly Audited[],
  census: boolean,
  population: number,
): string {
  if (bound === undefined) return 'No run was looked at, so nothing is shown.';
  const { incomplete, sample, unverified, share } = bound;
  const open = unverified === 0 ? '' : ` ${unverified} more have items that this log cannot verify.`;
  const inference = `${incomplete} of ${sample} sampled runs lack an item, which means with 95 % confidence: at most ${(share * 100).toFixed(2)} % of runs made like these do, and at most ${bound.population} of the frame’s ${population}.`;
  const all = census
    ? ` All ${audited.length} were looked at${audited.length > population ? `, ${audited.length - population} proposed actions among them` : ''}: ${audited.filter(lacks).length} lack an item, ${audited.filter(isOpen).length} more have one that cannot be verified.`
    : '';
  return `${inference}${open}${all}`;
}

/** What the verdict says nothing about. */
export function limitsOf({ nonce, options, frame }: AuditInputs): readonly string[] {
  const origin = {
    given: [],
    'given-before': ['The nonce was known before the frame: who knew it could choose a window whose sample is good.'],
    random: ['The nonce was drawn by this program: who ran it could run it until the sample was good.'],
  }[nonce.origin];
  return [
    ...(options.census ? [] : origin),
    `The frame is ${frame.source}: what is neither a run there nor an action that the log says was proposed is not looked at.`,
    'Entries after the anchor that were cut off at the end are missed only through the runs whose evidence they were.',
  ];
}
