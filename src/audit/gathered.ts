import type { KeyObject } from 'node:crypto';
import { entryOf, type Entry } from './entry.js';
import { readRun, type Run } from './run.js';

/** What was read, and what speaks against its being all. */
export interface Gathered<Of> {
  readonly found: readonly Of[];
  readonly doubts: readonly string[];
  /** Milliseconds by which the source's clock is ahead. @default - not known */
  readonly skew?: number;
}

/** Takes documents one by one and keeps only what the audit needs of each. */
export class Gathering<Of> {
  readonly found: Of[] = [];
  readonly doubts: string[] = [];

  constructor(private readonly read: (value: unknown) => { readonly found: Of } | { readonly problem: string }) {}

  /** @param where `line 3 of runs.ndjson`, `page 2` */
  add(value: unknown, where: string): void {
    const read = this.read(value);
    if ('found' in read) this.found.push(read.found);
    else this.doubt(`${where}: ${read.problem}`);
  }

  doubt(text: string): void {
    if (this.doubts.length < MOST) this.doubts.push(text);
  }
}

/** Nobody reads more, and each of a million lines may be bad. */
const MOST = 50;

export const gatherRuns = (workspaceId: string): Gathering<Run> =>
  new Gathering((value) => {
    const read = readRun(value, workspaceId);
    return 'run' in read ? { found: read.run } : read;
  });

/** Nothing is left out: what is no entry is judged as one. */
export const gatherEntries = (workspaceId: string, key?: KeyObject): Gathering<Entry> =>
  new Gathering((value) => ({ found: entryOf(value, workspaceId, key) }));
