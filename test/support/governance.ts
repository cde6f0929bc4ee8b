import type { Workspace } from '../../src/model/workspace.js';

/** What a workspace says of tools and people beside its allowlist, for fixtures to which it does not matter. */
export const GOVERNANCE: Pick<
  Workspace,
  'blastRadius' | 'separationOfDuties' | 'policyIds' | 'access' | 'credentials'
> = {
  blastRadius: [],
  separationOfDuties: { financialTools: [] },
  policyIds: ['default-governance'],
  access: { admins: [], operators: [], approvers: [], auditors: [], suspended: [] },
  credentials: [],
};
