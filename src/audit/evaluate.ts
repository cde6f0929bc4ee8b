import { worst, type Check, type Verdict } from '../model/check.js';
import { boundOfPopulation, boundOfShare } from './bound.js';
import { walk } from './chain.js';
import { chainChecks } from './chain-checks.js';
import type { Entry } from './entry.js';
import { evidenceOf } from './evidence.js';
import type { Frame } from './frame.js';
import { frameChecks } from './frame-checks.js';
import { ITEMS, itemsOf, STATES, type Item, type ItemState } from './items.js';
import { itemChecks, sampleCheck } from './item-checks.js';
import type { Run } from './run.js';
import { drawn, seedOf, strataBeyond } from './select.js';

/** What an audit rests on, read from wherever: the verdict is a pure function of it. */
export interface AuditInputs {
  readonly frame: Frame;
  readonly nonce: Nonce;
  /** The workspace's whole log, in any order. */
  readonly entries: readonly Entry[];
  /** Why the source may not have given the whole log. */
  readonly doubts: readonly string[];
  /** ISO 8601, UTC: when the log had been read. */
  readonly readAt: string;
  /** Ids of runs of the frame that its source no longer knows; of a frame that was kept. */
  readonly lost: readonly string[];
  /** Milliseconds by which the source's clock is ahead of the auditor's. @default - not known */
  readonly skew?: number;
  readonly options: AuditOptions;
}

export interface Nonce {
  readonly text: string;
  /** `given`: by an auditor, after the frame's hash; `given-before`: together with it; `random`: by the program, after it. */
  readonly origin: 'given' | 'given-before' | 'random';
}

export interface AuditOptions {
  /** Runs to draw. */
  readonly sample: number;
  /** Whether all runs are looked at besides. */
  readonly census: boolean;
  /** Runs of each agent and each tier, at least. */
  readonly least: number;
  /** Hash of the last entry of an earlier audit. @default - there was none */
  readonly anchor?: string;
  /** Hex SHA-256 of the public key's DER, by which entries' signatures were checked. @default - not checked */
  readonly keySha256?: string;
}

export const CONFIDENCE = 0.95;

export interface Evaluation {
  readonly verdict: Verdict;
  readonly checks: readonly Check[];
  readonly sampling: Sampling;
  /** States of each item: over the random sample, and over all that were looked at. */
  readonly items: Readonly<Record<'sample' | 'all', Counts>>;
  readonly bound?: Bound;
  /** What the numbers mean, in one sentence. */
  readonly statement: string;
  readonly chain: ChainFacts;
  readonly limits: readonly string[];
}

export type Counts = Readonly<Record<Item, Readonly<Record<ItemState['state'], number>>>>;

export interface Sampling {
  readonly method: 'census' | 'sample';
  /** Hex. */
  readonly seed: string;
  /** Ids of the random sample, as drawn. */
  readonly sample: readonly string[];
  /** How many runs were looked at besides, and why. */
  readonly strata: number;
  readonly special: number;
  /** Proposed actions that are no runs; looked at in any case, and never in the sample. */
  readonly actions: number;
  readonly audited: number;
}

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

export interface ChainFacts {
  readonly entries: number;
  /** The next audit's anchor. @default - the log has no single head */
  readonly head?: string;
  readonly heads: number;
  readonly signed: number;
}

interface Audited {
  readonly run: Run;
  readonly states: Readonly<Record<Item, ItemState>>;
}

/** Judges a workspace's evidence. Without any reading or clock: equal inputs give the equal evaluation. */
export function evaluate(inputs: AuditInputs): Evaluation {
  const { frame, entries, options, nonce } = inputs;
  const chain = walk(entries, options.anchor);
  const evidence = evidenceOf(frame, chain.ordered);
  const seed = seedOf(frame.sha256, nonce.text);
  const order = drawn(frame.runs, seed);
  const size = Math.min(options.sample, order.length);
  const sample = order.slice(0, size);
  const strata = strataBeyond(order, size, options.least);
  const beyond = new Set(strata);
  const special = order.slice(size).filter((run) => !beyond.has(run) && isSpecial(run, evidence.of(run)));
  const census = options.census || order.length <= options.sample;
  const audited = (census ? order : [...sample, ...strata, ...special]).map((run): Audited => ({
    run,
    states: itemsOf(run, evidence.of(run)),
  }));
  // The sample is first in either.
  const sampled = audited.slice(0, size);
  const bound = boundOf(sampled, order.length);
  const statement = statementOf(bound, audited, census, order.length);
  const whole = inputs.doubts.length === 0;
  const checks = [
    ...frameChecks(inputs, evidence),
    ...chainChecks(inputs, chain),
    ...itemChecks(audited, whole),
    sampleCheck(sampled, whole, statement),
  ];
  return {
    verdict: worst(checks.map(({ verdict }) => verdict)),
    checks,
    sampling: {
      method: census ? 'census' : 'sample',
      seed,
      sample: sample.map(({ runId }) => runId),
      strata: strata.length,
      special: special.length,
      actions: evidence.actions.length,
      audited: audited.length,
    },
    items: { sample: countsOf(sampled), all: countsOf(audited) },
    ...(bound && { bound }),
    statement,
    chain: {
      entries: entries.length,
      ...(chain.heads.length === 1 && { head: chain.heads[0] }),
      heads: chain.heads.length,
      signed: entries.filter(({ signature }) => signature !== 'absent').length,
    },
    limits: limitsOf(inputs),
  };
}

/** Denied, an attempt at a bypass, or under a Relaxation: looked at in any case. */
const isSpecial = ({ relaxation }: Run, entries: readonly Entry[]): boolean =>
  relaxation !== undefined || entries.some(({ special, decision }) => special !== undefined || decision === 'deny');

const lacks = ({ states }: Audited): boolean => ITEMS.some((item) => states[item].state === 'absent');
const isOpen = (audited: Audited): boolean =>
  !lacks(audited) && ITEMS.some((item) => audited.states[item].state === 'not-verifiable');

function boundOf(sampled: readonly Audited[], population: number): Bound | undefined {
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

function statementOf(
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

function countsOf(audited: readonly Audited[]): Counts {
  const counts = ITEMS.map((item) => [
    item,
    Object.fromEntries(
      STATES.map((state) => [state, audited.filter(({ states }) => states[item].state === state).length]),
    ),
  ]);
  return Object.fromEntries(counts) as Counts;
}

function limitsOf({ nonce, options, frame }: AuditInputs): readonly string[] {
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
