import { resolvableNames, type ResolvableName } from '../../model/resolvable-names.js';
import type { Platform } from '../../model/platform.js';
import type { Workspace } from '../../model/workspace.js';

/** A workspace without systems of record: what remains resolvable is the same for every workspace. */
const NO_SYSTEMS: Workspace = {
  id: '',
  stack: '',
  namespace: '',
  level: 'routing',
  allowlist: { workspaceId: '', allowedTools: [], defaultAction: 'Deny' },
  agents: [],
  systemsOfRecord: [],
  approvers: [],
  dns: { clusterIP: '' },
};

/** The names of the platform's own services that agents may resolve, each with what opens it. */
export const fixedNames = (platform: Platform): readonly ResolvableName[] => resolvableNames(platform, NO_SYSTEMS);
