import { describe } from 'vitest';
import { createAuthority, type Authority } from '../../../lab/authority.js';
import { whyNoDataPlane } from '../../../lab/data-plane/node.js';
import { startDataPlane, type DataPlane, type LabPod } from '../../../lab/data-plane/data-plane.js';
import { steadyPorts } from '../../../lab/ports.js';
import { labUsers } from '../../../lab/users.js';
import { applyStack } from '../../../src/bridge/apply.js';
import { publishModel } from '../../../src/bridge/authorization.js';
import { Cluster } from '../../../src/bridge/cluster.js';
import { preflight } from '../../../src/bridge/preflight.js';
import { podOf } from '../../../src/cli/demo/packets/pod-of.js';
import { Workloads } from '../../../src/cli/demo/packets/workloads.js';
import { applyNow } from '../../../src/cli/engine.js';
import { createOutput } from '../../../src/cli/output.js';
import { createStandIns } from '../../../src/cli/demo/stand-ins.js';
import { loadStack, type Stack } from '../../../src/config/load.js';
import type { Level } from '../../../src/model/levels.js';
import type { KubeObject } from '../../../src/model/kube-object.js';
import type { Platform } from '../../../src/model/platform.js';
import type { Workspace } from '../../../src/model/workspace.js';
import { approveStack } from '../../support/approve.js';
import { authorizerProgram } from '../../support/authorizer.js';
import { startGateProgram } from '../../support/start-gate.js';

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
  #workloads: Workloads | undefined;

  private constructor(
    readonly plane: DataPlane,
    readonly platform: Platform,
    private readonly servers: Authority,
    private readonly openfgaPort: number,
  ) {}

  /** Deploys the platform and stand-ins for what it expects around it. */
  static async start(network: Partial<Platform['network']> = {}): Promise<Samples> {
    const plane = await startDataPlane({
      users: labUsers,
      dnsProxy: network.cilium ?? false,
      onProgress: (line) => void process.stderr.write(`lab: ${line}\n`),
    });
    const servers = await createAuthority('servers of the lab');
    const [port = 0] = await steadyPorts(1);
    process.env['OPENFGA_API_TOKEN'] = OPENFGA_TOKEN;
    const samples = new Samples(plane, samplePlatform(network, servers.certificate, port), servers, port);
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

  /** What runs in the pods. */
  get workloads(): Workloads {
    if (this.#workloads === undefined) throw new Error('the platform has not been deployed yet');
    return this.#workloads;
  }

  /** Deploys a workspace's stack as its own deployer. */
  async up(stack: WorkspaceStack): Promise<void> {
    await applyNow(await this.as(`${stack.workspace.stack}-deployer`), stack, silent);
  }

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
    const programs = { authorizer: authorizerProgram, startGate: startGateProgram };
    this.#workloads = await Workloads.start({
      ...{ plane, admin, platform, servers, programs },
      openfga: { token: OPENFGA_TOKEN, published: this.openfgaPort },
    });
    await publishModel(deployer, platform);
    const dana = await this.as('dana');
    await Promise.all([approveStack(dana, 'ws-acme'), approveStack(dana, 'ws-globex')]);
  }
}

/** Of OpenFGA, in whose pod everything is kept in memory. */
const OPENFGA_TOKEN = 'a-preshared-key-of-the-lab';
const silent = { ...createOutput(true), progress: () => undefined };

/** @param port of OpenFGA on this machine, for the engine */
function samplePlatform(network: Partial<Platform['network']>, certificateAuthority: string, port: number): Platform {
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
