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

type Read<Of> = { readonly found: Of } | { readonly problem: string };

/** Takes documents one by one and keeps only what the audit needs of each. */
export class Gathering<Of> {
  readonly found: Of[] = [];
  readonly doubts: string[] = [];
  /** In the order in which they came. */
  #reading: { readonly read: Promise<Read<Of>>; readonly where: string }[] = [];

  constructor(private readonly read: (value: unknown) => Read<Of> | Promise<Read<Of>>) {}

  /** @param where `line 3 of runs.ndjson`, `page 2` */
  add(value: unknown, where: string): void {
    const read = this.read(value);
    if (read instanceof Promise) this.#reading.push({ read, where });
    else this.#take(read, where);
  }

  doubt(text: string): void {
    if (this.doubts.length < MOST) this.doubts.push(text);
  }

  /** When all that was added has been read; to be waited for from time to time, so that little is under way. */
  async settled(): Promise<void> {
    const reading = this.#reading;
    this.#reading = [];
    for (const { read, where } of reading) this.#take(await read, where);
  }

  #take(read: Read<Of>, where: string): void {
    if ('found' in read) this.found.push(read.found);
    else this.doubt(`${where}: ${read.problem}`);
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
  new Gathering(async (value) => ({ found: await entryOf(value, workspaceId, key) }));
