import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { createAuthority, type Authority } from '../../../lab/authority.js';
import { startLab, type Lab } from '../../../lab/cluster.js';
import { startOpenFga, type LabOpenFga } from '../../../lab/openfga.js';
import { labUsers } from '../../../lab/users.js';
import { Cluster } from '../../bridge/cluster.js';
import { approvePolicy } from '../../bridge/policy-approvals.js';
import { loadStack } from '../../config/load.js';
import { PROJECT } from '../../config/stack-file.js';
import type { Output } from '../output.js';
import type { Who } from './attempts/attempt.js';
import type { KubeObject } from '../../model/kube-object.js';
import type { PolicyApproval } from '../../model/policy-approval.js';
import { workspacePolicy } from '../../model/policy.js';
import { COMPONENTS } from '../../model/edges.js';
import { kubeconfigOfAccount } from './account.js';
import { DAVE, letIn, letOut } from './cast.js';

/** Where the demo plays: a lab of its own and a copy of the stack files. */
export class Stage {
  readonly #dir = mkdtempSync(join(tmpdir(), 'portarium-demo-'));
  readonly #clusters = new Map<string, Promise<Cluster>>();
  #lab: Lab | undefined;
  #pipeline: string | undefined;
  #servers: Authority | undefined;
  #openfga: LabOpenFga | undefined;
  readonly #ends: (() => Promise<void>)[] = [];

  /** Folder of the copied stack files. */
  readonly stacks = join(this.#dir, 'stacks');
  /** Where Pulumi keeps its state if it is the engine. */
  readonly backend = `file://${join(this.#dir, 'state')}`;

  constructor(stacks: string) {
    cpSync(stacks, this.stacks, { recursive: true });
    mkdirSync(join(this.#dir, 'state'));
  }

  /** Issues the front's certificate and the token issuer's: nobody has the key of the committed stacks' authority. */
  get servers(): Authority {
    if (this.#servers === undefined) throw new Error('the stage has not been opened yet');
    return this.#servers;
  }

  /** Has no model and no tuple before the engines write them. */
  get openfga(): LabOpenFga {
    if (this.#openfga === undefined) throw new Error('the stage has not been opened yet');
    return this.#openfga;
  }

  /** Starts the lab and lets the platform deployer do what a cluster admin does first. */
  async open(output: Output): Promise<void> {
    this.#servers = await createAuthority('servers of the lab');
    this.configure('platform', ['front', 'certificateAuthority'], this.#servers.certificate);
    this.configure('platform', ['openfga', 'certificateAuthority'], this.#servers.certificate);
    const certificate = await this.#servers.issue({ dns: ['localhost'] });
    const openfga = await startOpenFga({ tls: certificate });
    this.#openfga = openfga;
    this.configure('platform', ['openfga', 'api'], {
      url: `https://localhost:${openfga.port}`,
      certificateAuthority: this.#servers.certificate,
    });
    process.env['OPENFGA_API_TOKEN'] = openfga.token;
    this.#lab = await startLab({
      users: [...labUsers, DAVE],
      typeChecking: false,
      onProgress: (line) => output.progress(line),
    });
    await (await this.admin()).apply(BOOTSTRAP);
  }

  /** Ends something with the stage, before the lab. */
  onClose(end: () => Promise<void>): void {
    this.#ends.push(end);
  }

  /** Changes a value in the copy of a stack file. */
  configure(stack: string, path: readonly [string, ...string[]], value: unknown): void {
    const file = join(this.stacks, `Pulumi.${stack}.yaml`);
    const document = parseDocument(readFileSync(file, 'utf8'));
    const [key, ...rest] = path;
    document.setIn(['config', `${PROJECT}:${key}`, ...rest], value);
    writeFileSync(file, document.toString());
  }

  /** Of a user in `system:masters`. */
  get adminKubeconfig(): string {
    return this.#started().kubeconfig;
  }

  admin(): Promise<Cluster> {
    return this.#connect('', this.adminKubeconfig);
  }

  as(user: Who): Promise<Cluster> {
    return this.#connect(user, this.kubeconfigFor(user));
  }

  kubeconfigFor(user: Who): string {
    if (user !== 'pipeline') return this.#started().kubeconfigFor(user);
    if (this.#pipeline === undefined) throw new Error('the pipeline has not been let in yet');
    return this.#pipeline;
  }

  /** What the authorizer runs with: a token of the api-server's own service account. */
  async authorizerKubeconfig(): Promise<string> {
    const { name, namespace } = COMPONENTS.apiServer;
    return kubeconfigOfAccount(await this.admin(), { name, namespace }, this.#started().kubeconfig, this.#dir);
  }

  /** Lets Dana approve what the agents of a workspace may do, as its stack says now. */
  async approve(stack: string): Promise<PolicyApproval> {
    const config = loadStack(stack, { dir: this.stacks });
    if (config.kind === 'platform') throw new Error(`${stack} is no workspace`);
    const why = { reason: 'demo: the tools that the samples need', ticket: 'CHG-0001' };
    const policy = workspacePolicy(config.platform, config.workspace);
    return (await approvePolicy(await this.as('dana'), { policy, ...why })).approval;
  }

  /** Gives the cast of the attempts its rights. The platform must be there: it brings some of their roles. */
  async letCastIn(): Promise<void> {
    this.#pipeline = await letIn(await this.admin(), this.kubeconfigFor('mallory'), this.#dir);
  }

  /** Takes the cast's rights away, and those with which the platform's first deployment began. */
  async letCastOut(): Promise<void> {
    const admin = await this.admin();
    await letOut(admin);
    await admin.delete(BOOTSTRAP);
  }

  /** Ends the lab and removes the folder; also while the lab is still starting, which then ends with this process. */
  async close(): Promise<void> {
    for (const end of this.#ends.splice(0)) await end();
    for (const cluster of this.#clusters.values()) (await cluster).close();
    await this.#openfga?.stop();
    await this.#lab?.stop();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  #started(): Lab {
    if (this.#lab === undefined) throw new Error('the lab has not been started yet');
    return this.#lab;
  }

  #connect(key: string, kubeconfig: string): Promise<Cluster> {
    const known = this.#clusters.get(key) ?? Cluster.connect({ kubeconfig });
    this.#clusters.set(key, known);
    return known;
  }
}

/** The first deployment of the platform creates the roles of its own deployer, so somebody must have let it. */
const BOOTSTRAP: KubeObject = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: 'demo-bootstrap' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
  subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'platform-deployer' }],
};
