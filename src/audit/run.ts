import { TIERS, type Tier } from '../model/workspace.js';
import { isRecord, textIn } from './json.js';

/** A run as the run store or another frame has it, as far as the audit needs it. */
export interface Run {
  readonly runId: string;
  /** ISO 8601. @default - not known: the source lists ids only */
  readonly at?: string;
  readonly status?: string;
  readonly tier?: Tier;
  /** Subject of the token that it began with. */
  readonly initiator?: string;
  /** @default - the initiator, which is an agent’s name where an agent began it */
  readonly agent?: string;
  readonly correlationId?: string;
  /** Name of the Relaxation under which it ran. */
  readonly relaxation?: string;
}

/** Upstream's `RunStatus` of runs that go no further. */
const ENDED = ['Succeeded', 'Failed', 'Cancelled'];

/** Of unknown status it may have ended, so it is looked at. */
export const hasEnded = ({ status }: Run): boolean => status === undefined || ENDED.includes(status);

export type ReadRun = { readonly run: Run } | { readonly problem: string };

/** Reads upstream's `RunV1`, or an object with `runId` alone. */
export function readRun(value: unknown, workspaceId: string): ReadRun {
  if (!isRecord(value)) return { problem: 'is no object' };
  const runId = textIn(value, 'runId');
  if (runId === undefined) return { problem: 'has no runId' };
  const workspace = textIn(value, 'workspaceId');
  if (workspace !== undefined && workspace !== workspaceId)
    return { problem: `${runId} is of workspace ${workspace}, not ${workspaceId}` };
  const at = textIn(value, 'createdAtIso');
  if (at !== undefined && Number.isNaN(Date.parse(at))) return { problem: `${runId} has no time as createdAtIso` };
  const tier = TIERS.find((each) => each === value['executionTier']);
  if (value['executionTier'] !== undefined && tier === undefined)
    return { problem: `${runId} has an executionTier that is none of ${TIERS.join(', ')}` };
  return {
    run: {
      runId,
      ...optional('at', at),
      ...optional('status', textIn(value, 'status')),
      ...optional('tier', tier),
      ...optional('initiator', textIn(value, 'initiatedByUserId')),
      ...optional('agent', textIn(value, 'agentId')),
      ...optional('correlationId', textIn(value, 'correlationId')),
      ...optional('relaxation', textIn(value, 'relaxation')),
    },
  };
}

function optional<Key extends string, Value>(key: Key, value: Value | undefined): { readonly [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [K in Key]?: Value });
}
