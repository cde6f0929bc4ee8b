import { canonicalJson } from '../model/canonical.js';
import type { Entry } from './entry.js';
import type { Frame } from './frame.js';
import type { Run } from './run.js';

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

/**
 * What an audit rests on as lines, each canonical JSON: a head, then the frame's runs, then the log's entries. Ids, hashes
 * and what entries show, nothing of their text.
 */
export function* inputLines({ frame, entries, ...head }: AuditInputs): Generator<string> {
  const { runs, unended, outside, ...framing } = frame;
  yield canonicalJson({ kind: KIND, version: 1, ...head, frame: framing });
  for (const run of runs) yield canonicalJson({ run });
  for (const run of unended) yield canonicalJson({ unended: run });
  for (const id of outside) yield canonicalJson({ outside: id });
  for (const { computed, ...entry } of entries)
    yield canonicalJson({ entry: computed === entry.hash ? entry : { ...entry, computed } });
}

const KIND = 'enforce audit inputs';

/** Reads them back. Throws where they are none. */
export function readInputs(lines: Iterable<string>): AuditInputs {
  const [runs, unended, outside, entries]: [Run[], Run[], string[], Entry[]] = [[], [], [], []];
  let head: Head | undefined;
  for (const line of lines) {
    if (line === '') continue;
    if (head === undefined) {
      const { kind, version, ...rest } = JSON.parse(line) as Head & { kind?: string; version?: number };
      if (kind !== KIND || version !== 1) throw new Error('they are no inputs of an audit, version 1.');
      head = rest;
      continue;
    }
    const row = JSON.parse(line) as { run?: Run; unended?: Run; outside?: string; entry?: Entry };
    if (row.run !== undefined) runs.push(row.run);
    else if (row.unended !== undefined) unended.push(row.unended);
    else if (row.outside !== undefined) outside.push(row.outside);
    else if (row.entry !== undefined) entries.push({ ...row.entry, computed: row.entry.computed ?? row.entry.hash });
    else throw new Error('a line is neither run nor entry.');
  }
  if (head === undefined) throw new Error('they are empty.');
  return { ...head, frame: { ...head.frame, runs, unended, outside }, entries };
}

type Head = Omit<AuditInputs, 'entries' | 'frame'> & { readonly frame: Omit<Frame, 'runs' | 'unended' | 'outside'> };
