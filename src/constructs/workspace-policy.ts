import { Construct } from 'constructs';
import { API_VERSION, LABELS, NAMESPACES } from '../model/names.js';
import { workspacePolicy } from '../model/policy.js';
import type { Platform } from '../model/platform.js';
import type { Workspace } from '../model/workspace.js';
import { object } from './object.js';

/**
 * The WorkspacePolicy custom resource of one workspace: what the front obeys, and what admission takes as parameter.
 * Kept for good: a workspace whose policy vanished would be one nobody decides about (design: policy objects).
 */
export class WorkspacePolicy extends Construct {
  constructor(scope: Construct, id: string, platform: Platform, workspace: Workspace) {
    super(scope, id);
    object(this, 'policy', {
      apiVersion: API_VERSION,
      kind: 'WorkspacePolicy',
      name: workspace.id,
      namespace: NAMESPACES.policy,
      labels: { [LABELS.workspace]: workspace.id, [LABELS.level]: workspace.level },
      keep: 'policy',
      content: { spec: workspacePolicy(platform, workspace) },
    });
  }
}
