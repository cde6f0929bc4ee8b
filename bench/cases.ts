import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'cdk8s';
import { stringify } from 'yaml';
import { renderWorkspace } from '../src/charts/render.js';
import { WorkspaceChart } from '../src/charts/workspace-chart.js';
import { writeObjects } from '../src/cli/render.js';
import { loadStacks } from '../src/config/load.js';
import { platformInOrder, workspaceInOrder } from '../src/model/in-order.js';
import { ANNOTATIONS } from '../src/model/names.js';
import type { KubeObject } from '../src/model/kube-object.js';
import type { Platform } from '../src/model/platform.js';
import { policyHash } from '../src/model/policy.js';
import type { Workspace } from '../src/model/workspace.js';
import { proofOfCluster, proofOfStack } from './prove.js';
import { reachOfFiles, reachOfObjects } from './reach.js';

/** What one case took in a process of its own. Milliseconds of CPU, megabytes at the peak, and a digest of the objects. */
export interface Measured {
  readonly cpu: number;
  readonly peak: number;
  /** Absent where the case was stopped at its limit. */
  readonly digest?: string;
}

/** The sample platform with `count` workspaces like ws-acme, each in a namespace of its own. */
function sample(count: number): { platform: Platform; workspaces: readonly Workspace[] } {
  const { platform, workspaces } = loadStacks({ dir: 'stacks' });
  const [acme] = workspaces.filter(({ id }) => id === 'ws-acme');
  if (acme === undefined) throw new Error('stacks/ has no ws-acme; the benchmark makes its workspaces from it.');
  const copies = Array.from({ length: count }, (_, index): Workspace => {
    const id = `ws-${index}`;
    return {
      ...acme,
      id,
      stack: id,
      namespace: `agents-${index}`,
      allowlist: { ...acme.allowlist, workspaceId: id },
      agents: acme.agents.map((agent) => ({ ...agent, name: `${agent.name}-${index}` })),
      dns: { clusterIP: `10.97.${index >> 8}.${index & 255}` },
    };
  });
  return {
    platform: platformInOrder({ ...platform, workspaces: copies.map(({ id, namespace }) => ({ id, namespace })) }),
    workspaces: copies.map(workspaceInOrder),
  };
}

/** The writer that both sides go through: each stack's text into a hash, nothing kept; stacks come in any order. */
class Writer {
  readonly #digests: string[] = [];

  write(objects: readonly KubeObject[]): void {
    const hash = createHash('sha256');
    for (const object of objects) hash.update(JSON.stringify(object));
    this.#digests.push(hash.digest('hex'));
  }

  digest(): string {
    return createHash('sha256').update(this.#digests.sort().join()).digest('hex').slice(0, 16);
  }
}

/** One workspace after the other, each an app of its own: how this program renders. */
function ours(count: number): string {
  const { platform, workspaces } = sample(count);
  const writer = new Writer();
  for (const workspace of workspaces) writer.write(renderWorkspace(platform, workspace));
  return writer.digest();
}

/**
 * One cdk8s app with a chart per workspace, synthesized as `App.synth()` does: the usual way.
 *
 * @param limit milliseconds of CPU after which it is given up
 */
function oneApp(count: number, limit: number): string | undefined {
  const before = process.cpuUsage();
  const { platform, workspaces } = sample(count);
  const app = new App();
  for (const workspace of workspaces) new WorkspaceChart(app, workspace.stack, { platform, workspace });
  const writer = new Writer();
  const byStack = new Map(workspaces.map((workspace) => [workspace.stack, workspace]));
  for (const chart of app.charts) {
    if (cpuSince(before) > limit) return undefined;
    const workspace = byStack.get(chart.node.id);
    if (workspace === undefined) throw new Error(`no workspace for chart ${chart.node.id}`);
    const hash = policyHash(platform, workspace);
    const objects = chart.toJson() as KubeObject[];
    writer.write(
      objects.map((object) => ({
        ...object,
        metadata: {
          ...object.metadata,
          annotations: { ...object.metadata.annotations, [ANNOTATIONS.policyHash]: hash },
        },
      })),
    );
  }
  return writer.digest();
}

const WARM_UP = 100;
const RUNS = 200;

/** CPU per render of one workspace at one level, warm. */
function perRender(act: (platform: Platform, workspace: Workspace) => void): { cpu: number } {
  const { platform, workspaces } = sample(1);
  const [workspace] = workspaces;
  if (workspace === undefined) throw new Error('unreachable: sample(1) has one');
  for (let run = 0; run < WARM_UP; run += 1) act(platform, workspace);
  const before = process.cpuUsage();
  for (let run = 0; run < RUNS; run += 1) act(platform, workspace);
  return { cpu: cpuSince(before) / RUNS };
}

const cpuSince = (before: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

function once(act: () => string | undefined): { cpu: number; digest?: string } {
  const before = process.cpuUsage();
  const digest = act();
  return { cpu: cpuSince(before), ...(digest !== undefined && { digest }) };
}

function filesCase(): { cpu: number } {
  const dir = mkdtempSync(join(tmpdir(), 'portarium-bench-'));
  try {
    return perRender((platform, workspace) => void writeObjects(dir, renderWorkspace(platform, workspace)));
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** The cases by name; each runs in a process of its own. */
export function measure(name: string, count: number, limit = Infinity): Measured {
  const run: (() => Omit<Measured, 'peak'>) | undefined = {
    one: () => perRender((platform, workspace) => void renderWorkspace(platform, workspace)),
    yaml: () =>
      perRender((platform, workspace) => void renderWorkspace(platform, workspace).map((object) => stringify(object))),
    files: filesCase,
    ours: () => once(() => ours(count)),
    oneApp: () => once(() => oneApp(count, limit)),
    reach: () => once(reachOfObjects(count)),
    reachYaml: () => once(reachOfFiles(count, 'yaml')),
    reachJson: () => once(reachOfFiles(count, 'json')),
    proveRouting: () => once(proofOfStack('routing', false)),
    proveEnforced: () => once(proofOfStack('enforced', false)),
    proveRoutingSteps: () => once(proofOfStack('routing', true)),
    proveEnforcedSteps: () => once(proofOfStack('enforced', true)),
    proveCluster: () => once(proofOfCluster(count)),
  }[name];
  if (run === undefined) throw new Error(`no such case: ${name}`);
  return { ...run(), peak: process.resourceUsage().maxRSS / 1024 };
}
