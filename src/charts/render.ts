import { App, type Chart } from 'cdk8s';
import { openfgaFaults } from '../constructs/openfga/faults/faults.js';
import { spireFaults } from '../constructs/spire/faults/faults.js';
import { platformInOrder, workspaceInOrder } from '../model/in-order.js';
import { ANNOTATIONS } from '../model/names.js';
import type { KubeObject } from '../model/kube-object.js';
import { policyHash } from '../model/policy.js';
import type { Platform } from '../model/platform.js';
import type { Workspace } from '../model/workspace.js';
import { PlatformChart } from './platform-chart.js';
import { WorkspaceChart } from './workspace-chart.js';

/**
 * The objects of the platform's stack. Throws where SPIRE or OpenFGA, checked as rendered, would not work or would serve
 * whom they must not.
 */
export function renderPlatform(platform: Platform): readonly KubeObject[] {
  const objects = objectsOf(new PlatformChart(new App(), platform.stack, platformInOrder(platform)));
  for (const [what, faults] of [
    ['SPIRE', spireFaults(objects)],
    ['OpenFGA', openfgaFaults(objects)],
  ] as const) {
    if (faults.length > 0) throw new Error(`${what} would not work as rendered:\n${faults.join('\n')}`);
  }
  return objects;
}

/** The objects of a workspace's stack, each with the hash of the policy it belongs to. */
export function renderWorkspace(
  platform: Platform,
  workspace: Workspace,
  live: { readonly closedAfter?: string } = {},
): readonly KubeObject[] {
  const props = { platform: platformInOrder(platform), workspace: workspaceInOrder(workspace), ...live };
  const hash = policyHash(platform, workspace);
  return objectsOf(new WorkspaceChart(new App(), workspace.stack, props)).map((object) => ({
    ...object,
    metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, [ANNOTATIONS.policyHash]: hash } },
  }));
}

const objectsOf = (chart: Chart): readonly KubeObject[] => chart.toJson() as KubeObject[];
