import { modesAt, type Control, type Mode } from '../model/levels.js';
import { tryRefusal } from '../model/relaxation.js';
import type { Known } from './known.js';

export interface ModeOf {
  readonly mode: Mode;
  /** Name of the Relaxation by which a control that would enforce does not. */
  readonly relaxation?: string;
}

/**
 * The mode of a control in a workspace, by this replica's own clock: what cannot be known enforces. A Relaxation holds
 * only while its end would be heard of. A workspace that is not onboarded yet is in shadow.
 * Source: design, sections 2 and 7.
 */
export function modeOf(control: Control, workspaceId: string | undefined, known: Known, now: Date): ModeOf {
  if (workspaceId === undefined) return { mode: 'enforce' };
  const policy = known.tryPolicy(workspaceId);
  if (policy === undefined) return { mode: known.isPending(workspaceId) ? 'shadow' : 'enforce' };
  if (policy.unreadable !== undefined) return { mode: 'enforce' };
  const mode = modesAt(policy.spec.reachedLevel)[control];
  if (mode === 'shadow' || !known.inContact) return { mode };
  const relaxation = known
    .relaxations(workspaceId)
    .find(
      (each) =>
        each.workspaceId === workspaceId && each.controls.includes(control) && tryRefusal(each, now) === undefined,
    );
  return relaxation === undefined ? { mode } : { mode: 'shadow', relaxation: relaxation.name };
}
