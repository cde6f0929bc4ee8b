import { setTimeout as sleep } from 'node:timers/promises';
import { describe } from 'vitest';
import { whyNoDataPlane } from '../../../lab/data-plane/node.js';
import { NODE } from '../../../lab/data-plane/nodes.js';
import { startDataPlane, type DataPlane, type LabPod } from '../../../lab/data-plane/data-plane.js';
import { labUsers } from '../../../lab/users.js';
import { applyStack, type ApplyResult } from '../../../src/bridge/apply.js';
import { Cluster } from '../../../src/bridge/cluster.js';
import { preflight } from '../../../src/bridge/preflight.js';
import { createStandIns } from '../../../src/cli/demo/stand-ins.js';
import { loadStack, type Stack } from '../../../src/config/load.js';
import type { Level } from '../../../src/model/levels.js';
import type { KubeObject } from '../../../src/model/kube-object.js';
import type { Platform } from '../../../src/model/platform.js';
import type { Workspace } from '../../../src/model/workspace.js';
import { approveStack } from '../../support/approve.js';

const problem = whyNoDataPlane();
if (problem !== undefined) process.stderr.write(`SKIPPED, no real packets are seen: ${problem}\n`);

/** Skips where a machine cannot have a data plane at all; one that should and cannot start it fails. */
export const describeOnLinuxAsRoot = describe.skipIf(problem !== undefined);

/** Cold, the agent is built: the other servers are there by now. */
export const startMilliseconds = 900_000;

export type WorkspaceStack = Extract<Stack, { kind: 'workspace' }>;

const dir = 'stacks';

/** The sample stacks on a lab with a data plane. */
export class Samples {
  readonly #clusters = new Map<string, Promise<Cluster>>();

  private constructor(
    readonly plane: DataPlane,
    readonly platform: Platform,
  ) {}

  /** Deploys the platform and stand-ins for what it expects around it. */
  static async start(network: Partial<Platform['network']> = {}): Promise<Samples> {
    const plane = await startDataPlane({
      users: labUsers,
      dnsProxy: network.cilium ?? false,
      onProgress: (line) => void process.stderr.write(`lab: ${line}\n`),
    });
    const { platform } = loadStack('platform', { dir });
    const samples = new Samples(plane, { ...platform, network: { ...platform.network, ...network } });
    try {
      await samples.#deployPlatform();
      return samples;
    } catch (error) {
      await samples.stop();
      throw error;
    }
  }

  as(user?: string): Promise<Cluster> {
    const { lab } = this.plane;
    const known =
      this.#clusters.get(user ?? '') ??
      Cluster.connect({ kubeconfig: user === undefined ? lab.kubeconfig : lab.kubeconfigFor(user) });
    this.#clusters.set(user ?? '', known);
    return known;
  }

  /** A workspace's stack at a level, on this platform. */
  workspace(name: string, level: Level, more: Partial<Workspace> = {}): WorkspaceStack {
    const stack = loadStack(name, { dir, level });
    if (stack.kind !== 'workspace') throw new Error(`${name} is no workspace`);
    return { ...stack, platform: this.platform, workspace: { ...stack.workspace, ...more } };
  }

  /** Deploys a stack as its own deployer. */
  async up(stack: Stack): Promise<ApplyResult> {
    const name = stack.kind === 'platform' ? stack.platform.stack : stack.workspace.stack;
    const deployer = await this.as(stack.kind === 'platform' ? 'platform-deployer' : `${name}-deployer`);
    const { objects } = await preflight(deployer, stack);
    return applyStack(deployer, name, objects);
  }

  /**
   * Gives one pod with these labels its network, as soon as it has been scheduled.
   *
   * @param known one that has its network already, which is taken away if the pod is gone
   */
  async pod(namespace: string, labels: Readonly<Record<string, string>>, known?: LabPod): Promise<LabPod> {
    const admin = await this.as();
    const selector = Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(',');
    const deadline = performance.now() + 30_000;
    while (performance.now() < deadline) {
      const pods = await admin.list({ apiVersion: 'v1', kind: 'Pod', namespace }, { labels: selector });
      const alive = pods.filter(({ metadata, ...pod }) => !metadata.deletionTimestamp && nodeOf(pod) === NODE);
      if (known !== undefined && alive.some(({ metadata }) => metadata.name === known.name)) return known;
      const [found] = alive;
      if (found) {
        await known?.remove();
        return this.plane.attach(namespace, found.metadata.name);
      }
      await sleep(50);
    }
    throw new Error(`no pod ${selector} in ${namespace} within 30 s`);
  }

  async stop(): Promise<void> {
    for (const cluster of this.#clusters.values()) (await cluster).close();
    await this.plane.stop();
  }

  async #deployPlatform(): Promise<void> {
    const admin = await this.as();
    await admin.create(firstDeployment);
    const platform: Stack = { kind: 'platform', platform: this.platform };
    await this.up(platform);
    await createStandIns(admin, this.platform);
    // Now that the control plane's workloads are there, they get their sidecars, and with them their pods.
    await this.up(platform);
    const dana = await this.as('dana');
    await Promise.all([approveStack(dana, 'ws-acme'), approveStack(dana, 'ws-globex')]);
  }
}

const nodeOf = (pod: Omit<KubeObject, 'metadata'>): string | undefined =>
  (pod as { spec?: { nodeName?: string } }).spec?.nodeName;

/** Somebody must let the platform deployer in, whose roles its own first deployment brings. */
const firstDeployment: KubeObject = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: 'first-deployment' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
  subjects: [{ kind: 'User', name: 'platform-deployer' }],
};
