/** The evidence audit: a pure judgement of a frame of runs and a log of entries, and the ways to read both. */
export { boundOfPopulation, boundOfShare } from './bound.js';
export { entryOf, type Entry } from './entry.js';
export { evaluate, type Evaluation } from './evaluate.js';
export { frameOf, readFrame, type Frame, type Window } from './frame.js';
export { inputLines, readInputs, type AuditInputs, type AuditOptions, type Nonce } from './inputs.js';
export { STATES, type ItemState } from './item-state.js';
export { ITEMS, type Item } from './items.js';
export { auditResult, tryRefute, type AuditResult, type Source } from './result.js';
export type { Run } from './run.js';
