import type { KubeObject } from '../../model/kube-object.js';
import type { Platform } from '../../model/platform.js';
import type { Workspace } from '../../model/workspace.js';
import { forbiddenAgentPods, forbiddenProbe } from './agent-pods.js';
import { forbiddenPolicies } from './network.js';
import { forbiddenInPlatform } from './platform.js';
import { forbiddenAuthority } from './policies.js';
import { forbiddenRelaxations } from './relaxations.js';
import type { ForbiddenRequest } from './request.js';
import { forbiddenInWorkspace } from './workspace.js';

/** What the requests are made of. */
export interface Forbidden {
  readonly platform: Platform;
  readonly workspace: Workspace;
  /** What the workspace's stack renders, and the platform's. */
  readonly objects: readonly KubeObject[];
  readonly platformObjects: readonly KubeObject[];
  /** The pod of an agent as admission lets it in. @default - the workspace has none */
  readonly pod?: KubeObject;
  /** Name of a stored request for a Relaxation. @default - none could be stored */
  readonly relaxation?: string;
}

/** One request for each admission policy of the platform's stack, which that policy alone refuses. */
export const forbiddenRequests = (of: Forbidden): readonly ForbiddenRequest[] => [
  ...(of.pod === undefined ? [] : forbiddenAgentPods(of.pod, of.platform, of.workspace)),
  forbiddenProbe(of.platform, of.workspace),
  ...forbiddenInPlatform(of.platform),
  ...forbiddenInWorkspace(of.workspace),
  ...forbiddenPolicies(of.platform, of.workspace, of.objects, of.platformObjects),
  ...forbiddenAuthority(of.workspace, of.objects),
  ...forbiddenRelaxations(of.workspace, of.relaxation),
];
