import { judgementOf, type Caller, type Judgement, type Refusal } from './decision.js';
import type { ModeOf } from './modes.js';

/** The control `mtls` for an agent or workload whose identity has been settled. */
export function judgeMtls({ name, workspaceId }: Caller, bySvid: boolean, { mode }: ModeOf): Judgement {
  const without: Refusal = {
    reason: 'IdentityRequired',
    detail: `${JSON.stringify(name)} came without an SVID, ${
      workspaceId === undefined
        ? 'and the call belongs to no workspace that could permit that.'
        : `and mtls ${mode === 'enforce' ? 'is enforced' : 'is in shadow'} in the workspace "${workspaceId}".`
    }`,
  };
  return judgementOf('mtls', mode, bySvid ? undefined : without);
}
