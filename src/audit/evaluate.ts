import { worst, type Check, type Verdict } from '../model/check.js';
import { chainChecks } from './chain-checks.js';
import { walk } from './chain.js';
import { boundOf, limitsOf, statementOf, type Audited, type Bound } from './conclusion.js';
import type { Entry } from './entry.js';
import { evidenceOf } from './evidence.js';
import { frameChecks } from './frame-checks.js';
import type { AuditInputs } from './inputs.js';
import { itemChecks, sampleCheck } from './item-checks.js';
import { STATES, type ItemState } from './item-state.js';
import { ITEMS, itemsOf, type Item } from './items.js';
import type { Run } from './run.js';
import { drawn, seedOf, strataBeyond } from './select.js';

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

export interface ChainFacts {
  readonly entries: number;
  /** The next audit's anchor. @default - the log has no single head */
  readonly head?: string;
  readonly heads: number;
  readonly signed: number;
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
  const looked = [...(census ? order : [...sample, ...strata, ...special]), ...evidence.actions];
  const audited = looked.map((run): Audited => ({ run, states: itemsOf(run, evidence.of(run)) }));
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

function countsOf(audited: readonly Audited[]): Counts {
  const counts = ITEMS.map((item) => [
    item,
    Object.fromEntries(
      STATES.map((state) => [state, audited.filter(({ states }) => states[item].state === state).length]),
    ),
  ]);
  return Object.fromEntries(counts) as Counts;
}
