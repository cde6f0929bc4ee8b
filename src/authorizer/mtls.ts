import { modesAt, type Mode } from '../model/levels.js';
import { tryRefusal } from '../model/relaxation.js';
import type { Caller, Refusal, Verdict } from './decision.js';
import type { Known } from './known.js';

export interface MtlsJudgement {
  readonly verdict: Verdict;
  readonly refusal?: Refusal;
  readonly relaxation?: string;
}

/** The control `mtls` for an agent or workload whose identity has been settled. */
export function judgeMtls({ name, workspaceId }: Caller, bySvid: boolean, known: Known, now: Date): MtlsJudgement {
  const { mode, relaxation } = modeOf(workspaceId, known, now);
  const relaxed = relaxation !== undefined && { relaxation };
  if (bySvid) return { verdict: { control: 'mtls', mode, decision: 'allow' }, ...relaxed };
  const refusal: Refusal = {
    reason: 'IdentityRequired',
    detail: `${JSON.stringify(name)} came without an SVID, ${
      workspaceId === undefined
        ? 'and the call belongs to no workspace that could permit that.'
        : `and mtls ${mode === 'enforce' ? 'is enforced' : 'is in shadow'} in the workspace "${workspaceId}".`
    }`,
  };
  return {
    verdict: { control: 'mtls', mode, decision: mode === 'enforce' ? 'deny' : 'would_deny' },
    refusal,
    ...relaxed,
  };
}

/** By this replica's own clock, and only while it would hear of a Relaxation's end. */
function modeOf(
  workspaceId: string | undefined,
  known: Known,
  now: Date,
): { readonly mode: Mode; readonly relaxation?: string } {
  const policy = workspaceId === undefined ? undefined : known.tryPolicy(workspaceId);
  if (policy === undefined || policy.unreadable !== undefined) return { mode: 'enforce' };
  const mode = modesAt(policy.spec.reachedLevel).mtls;
  if (mode === 'shadow' || !known.inContact) return { mode };
  const relaxation = known
    .relaxations(policy.spec.workspaceId)
    .find(
      (each) =>
        each.workspaceId === policy.spec.workspaceId &&
        each.controls.includes('mtls') &&
        tryRefusal(each, now) === undefined,
    );
  return relaxation === undefined ? { mode } : { mode: 'shadow', relaxation: relaxation.name };
}
