import type { Subject } from '../../gate/index.js';
import type { Platform } from '../../model/platform.js';
import { policyHash } from '../../model/policy.js';
import type { Workspace } from '../../model/workspace.js';

/** The workspace as the gate judges it. */
export const subjectOf = (platform: Platform, workspace: Workspace): Subject => ({
  stack: workspace.stack,
  workspaceId: workspace.id,
  namespace: workspace.namespace,
  agents: workspace.agents.filter(({ replicas }) => replicas > 0).map(({ name }) => name),
  policyHash: policyHash(platform, workspace),
  level: workspace.level,
});
