import { createAuthority, type Authority } from '../../../../lab/authority.js';
import { startDataPlane, type DataPlane, type LabPod } from '../../../../lab/data-plane/data-plane.js';
import type { Progress } from '../../../../lab/obtain.js';
import { steadyPorts } from '../../../../lab/ports.js';
import { labUsers } from '../../../../lab/users.js';
import { applyStack } from '../../../bridge/apply.js';
import { publishModel } from '../../../bridge/authorization.js';
import { Cluster } from '../../../bridge/cluster.js';
import { approvePolicy } from '../../../bridge/policy-approvals.js';
import { preflight } from '../../../bridge/preflight.js';
import { loadStack, type Stack } from '../../../config/load.js';
import type { KubeObject } from '../../../model/kube-object.js';
import type { Level } from '../../../model/levels.js';
import type { Platform } from '../../../model/platform.js';
import { workspacePolicy } from '../../../model/policy.js';
import type { Workspace } from '../../../model/workspace.js';
import { applyNow } from '../../engine.js';
import { createOutput } from '../../output.js';
import { createStandIns } from '../stand-ins.js';
import { podOf } from './pod-of.js';
import { Workloads, type WorkloadsOptions } from './workloads.js';

export type WorkspaceStack = Extract<Stack, { kind: 'workspace' }>;

export interface SamplesOptions {
  /** What differs from the sample platform's. @default nothing */
  readonly network?: Partial<Platform['network']>;
  readonly programs: WorkloadsOptions['programs'];
  /** Folder of the stack files. @default stacks */
  readonly stacks?: string;
  readonly onProgress: Progress;
}

/** The sample stacks on a lab with a data plane. */
export class Samples {
  readonly #clusters = new Map<string, Promise<Cluster>>();
  #workloads: Workloads | undefined;

  private constructor(
    readonly plane: DataPlane,
    readonly platform: Platform,
    private readonly servers: Authority,
    private readonly openfgaPort: number,
    private readonly options: SamplesOptions,
  ) {}

  /** Deploys the platform and stand-ins for what it expects around it. */
  static async start(options: SamplesOptions): Promise<Samples> {
    const { network = {}, onProgress, stacks = 'stacks' } = options;
    const plane = await startDataPlane({ users: labUsers, dnsProxy: network.cilium ?? false, onProgress });
    const servers = await createAuthority('servers of the lab');
    const [port = 0] = await steadyPorts(1);
    process.env['OPENFGA_API_TOKEN'] = OPENFGA_TOKEN;
    const platform = samplePlatform(stacks, network, servers.certificate, port);
    const samples = new Samples(plane, platform, servers, port, options);
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
    const stack = loadStack(name, { dir: this.options.stacks ?? 'stacks', level });
    if (stack.kind !== 'workspace') throw new Error(`${name} is no workspace`);
    return { ...stack, platform: this.platform, workspace: { ...stack.workspace, ...more } };
  }

  /** What runs in the pods. */
  get workloads(): Workloads {
    if (this.#workloads === undefined) throw new Error('the platform has not been deployed yet');
    return this.#workloads;
  }

  /** Deploys a workspace's stack as its own deployer. */
  async up(stack: WorkspaceStack): Promise<void> {
    await applyNow(await this.as(`${stack.workspace.stack}-deployer`), stack, silent);
  }

  /** As `podOf`. */
  pod(namespace: string, labels: Readonly<Record<string, string>>, known?: LabPod): Promise<LabPod> {
    return this.as().then((admin) => podOf(this.plane, admin, namespace, labels, known));
  }

  async stop(): Promise<void> {
    await this.#workloads?.stop();
    for (const cluster of this.#clusters.values()) (await cluster).close();
    await this.plane.stop();
  }

  async #deployPlatform(): Promise<void> {
    const admin = await this.as();
    await admin.create(firstDeployment);
    const deployer = await this.as('platform-deployer');
    const up = async () => {
      const { objects } = await preflight(deployer, { kind: 'platform', platform: this.platform });
      await applyStack(deployer, this.platform.stack, objects);
    };
    await up();
    await createStandIns(admin, this.platform);
    // Now that the control plane's workloads are there, they get their sidecars, and with them their pods.
    await up();
    const { plane, platform, servers } = this;
    const { programs } = this.options;
    this.#workloads = await Workloads.start({
      ...{ plane, admin, platform, servers, programs },
      openfga: { token: OPENFGA_TOKEN, published: this.openfgaPort },
    });
    await publishModel(deployer, platform);
    const dana = await this.as('dana');
    const why = { reason: 'the agents need these tools', ticket: 'CHG-1' };
    for (const name of ['ws-acme', 'ws-globex']) {
      const policy = workspacePolicy(platform, this.workspace(name, 'routing').workspace);
      await approvePolicy(dana, { policy, ...why });
    }
  }
}

/** Of OpenFGA, in whose pod everything is kept in memory. */
const OPENFGA_TOKEN = 'a-preshared-key-of-the-lab';
const silent = { ...createOutput(true), progress: () => undefined };

/** @param port of OpenFGA on this machine, for the engine */
function samplePlatform(
  dir: string,
  network: Partial<Platform['network']>,
  certificateAuthority: string,
  port: number,
): Platform {
  const { platform } = loadStack('platform', { dir });
  return {
    ...platform,
    network: { ...platform.network, ...network },
    front: { ...platform.front, certificateAuthority },
    openfga: {
      ...platform.openfga,
      ...{ replicas: 1, datastore: { type: 'memory' }, certificateAuthority },
      api: { url: `https://localhost:${port}`, certificateAuthority },
    },
  };
}

/** Somebody must let the platform deployer in, whose roles its own first deployment brings. */
const firstDeployment: KubeObject = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: 'first-deployment' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
  subjects: [{ kind: 'User', name: 'platform-deployer' }],
};
