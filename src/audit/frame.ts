import { createHash } from 'node:crypto';
import { hasEnded, type Run } from './run.js';

/** ISO 8601, by when a run was created: from, until and not with. @default - without end */
export interface Window {
  readonly from?: string;
  readonly until?: string;
}

/** What is drawn from: every ended run of the workspace in the window, as a source other than the evidence log has it. */
export interface Frame {
  readonly kind: 'enforce audit frame';
  readonly version: 1;
  readonly workspaceId: string;
  /** `run store at https://…`, `export`, `file`. */
  readonly source: string;
  readonly window: Window;
  readonly filter: 'ended';
  /** ISO 8601, UTC. */
  readonly takenAt: string;
  readonly count: number;
  /** Hex SHA-256 of the ids, sorted by code unit, each followed by a line feed: `LC_ALL=C sort | sha256sum`. */
  readonly sha256: string;
  /** By id. */
  readonly runs: readonly Run[];
  /** Ids of runs that are known and not drawn from. */
  readonly unended: readonly Run[];
  readonly outside: readonly string[];
  /** Ids of another source that the run store does not have: proposed actions, or runs that are gone from it. */
  readonly unstored: readonly string[];
  /** Why the source may not have given all runs. */
  readonly doubts: readonly string[];
}

export interface Taking {
  readonly workspaceId: string;
  readonly source: string;
  readonly window: Window;
  readonly takenAt: Date;
  readonly runs: readonly Run[];
  /** @default - none */
  readonly unstored?: readonly string[];
  readonly doubts: readonly string[];
}

export function frameOf({ workspaceId, source, window, takenAt, runs, unstored = [], doubts }: Taking): Frame {
  const byId = new Map(runs.map((run) => [run.runId, run]));
  const all = [...byId.values()].sort((a, b) => (a.runId < b.runId ? -1 : 1));
  const within = all.filter((run) => isWithin(run, window));
  const ended = within.filter(hasEnded);
  return {
    kind: 'enforce audit frame',
    version: 1,
    workspaceId,
    source,
    window,
    filter: 'ended',
    takenAt: takenAt.toISOString(),
    count: ended.length,
    sha256: hashOfIds(ended.map(({ runId }) => runId)),
    runs: ended,
    unended: within.filter((run) => !hasEnded(run)),
    outside: all.filter((run) => !isWithin(run, window)).map(({ runId }) => runId),
    unstored,
    doubts: [
      ...doubts,
      ...(byId.size < runs.length ? [`${runs.length - byId.size} runs were listed more than once`] : []),
    ],
  };
}

/** @param ids sorted */
export function hashOfIds(ids: readonly string[]): string {
  const hash = createHash('sha256');
  for (const id of ids) hash.update(`${id}\n`);
  return hash.digest('hex');
}

/** Of unknown time it may be within. */
function isWithin({ at }: Run, { from, until }: Window): boolean {
  if (at === undefined) return true;
  const time = Date.parse(at);
  return (from === undefined || time >= Date.parse(from)) && (until === undefined || time < Date.parse(until));
}

/** Reads a kept frame. Throws where it is none, or its hash is not that of its ids. */
export function readFrame(text: string): Frame {
  const frame = JSON.parse(text) as Partial<Frame> | null;
  if (frame?.kind !== 'enforce audit frame' || frame.version !== 1 || !Array.isArray(frame.runs))
    throw new Error('it is no frame of version 1.');
  const whole = frame as Frame;
  const ids = whole.runs.map(({ runId }) => runId);
  if (ids.length !== whole.count || ids.some((id, index) => index > 0 && !(ids[index - 1]! < id)))
    throw new Error('its runs are not as many as it says, or not sorted by id.');
  if (hashOfIds(ids) !== whole.sha256) throw new Error('its SHA-256 is not that of its run ids.');
  return whole;
}
