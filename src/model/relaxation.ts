import { CONTROLS, modesAt, relax, type Control, type Level, type Modes } from './levels.js';

/** `requested` by one person, `approved` by another, `ended` by anyone (tightening needs no approval). */
export type RelaxationState = 'requested' | 'approved' | 'ended';

/** The authority to leave controls of one workspace in shadow for a while; an object of its own, never part of a stack. */
export interface Relaxation {
  readonly name: string;
  readonly workspaceId: string;
  readonly controls: readonly Control[];
  /** SHA-256 of the plan that was approved: the objects as rendered with this relaxation. */
  readonly planHash: string;
  readonly reason: string;
  readonly ticket: string;
  readonly requestedBy: string;
  /** Present from approval on; never the requester, never a service account. */
  readonly approvedBy?: string;
  readonly state: RelaxationState;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export const DEFAULT_MINUTES = 60;
export const MAX_MINUTES = 240;

/** Why a relaxation permits nothing at `now`, as a sentence; undefined when it is in force. */
export function tryRefusal(relaxation: Relaxation, now: Date): string | undefined {
  const { name, expiresAt, createdAt, approvedBy, requestedBy, state } = relaxation;
  if (state === 'ended') return `Relaxation ${name} has been ended.`;
  if (state === 'requested' || approvedBy === undefined) return `Relaxation ${name} is not approved yet.`;
  if (approvedBy === requestedBy) return `Relaxation ${name} was approved by its own requester, ${requestedBy}.`;
  if (approvedBy.startsWith('system:')) return `Relaxation ${name} was approved by ${approvedBy}, which is no person.`;
  // An invalid date compares as false with everything, so it would never expire.
  if (Number.isNaN(expiresAt.getTime()) || Number.isNaN(createdAt.getTime())) {
    return `Relaxation ${name} has no valid times.`;
  }
  if (expiresAt.getTime() - createdAt.getTime() > MAX_MINUTES * 60_000) {
    return `Relaxation ${name} lasts longer than ${MAX_MINUTES} minutes.`;
  }
  if (expiresAt.getTime() <= now.getTime()) return `Relaxation ${name} expired at ${expiresAt.toISOString()}.`;
  return undefined;
}

/** The controls of `workspaceId` that `relaxations` leave in shadow at `now`; other workspaces are never affected. */
export function relaxedControls(
  workspaceId: string,
  relaxations: readonly Relaxation[],
  now: Date,
): readonly Control[] {
  const inForce = relaxations.filter(
    (relaxation) => relaxation.workspaceId === workspaceId && tryRefusal(relaxation, now) === undefined,
  );
  return CONTROLS.filter((control) => inForce.some((relaxation) => relaxation.controls.includes(control)));
}

/** What is in force for a workspace that reached `level`, with `relaxations`, at `now`. */
export function effectiveModes(
  workspaceId: string,
  level: Level,
  relaxations: readonly Relaxation[],
  now: Date,
): Modes {
  const relaxed = relaxedControls(workspaceId, relaxations, now);
  return relaxed.length === 0 ? modesAt(level) : relax(level, relaxed);
}
