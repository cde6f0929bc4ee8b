import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLab, type Lab } from '../../../lab/cluster.js';
import { labUsers, type LabUser } from '../../../lab/users.js';
import { applyStack } from '../../../src/bridge/apply.js';
import { Cluster } from '../../../src/bridge/cluster.js';
import { preflight } from '../../../src/bridge/preflight.js';
import { FOREIGN_KIND } from '../../../src/cli/demo/cast.js';
import { createStandIns } from '../../../src/cli/demo/stand-ins.js';
import { editEnforcement } from '../../../src/config/edit.js';
import { loadStack, loadStacks, type Stack } from '../../../src/config/load.js';
import { MODEL_HASH } from '../../../src/model/authorization/model.js';
import { publishedObject } from '../../../src/model/authorization/published.js';
import type { Subject } from '../../../src/verify/live-checks.js';
import { approveStack } from '../../support/approve.js';

export interface Deployed {
  readonly lab: Lab;
  readonly admin: Cluster;
  readonly subject: Subject;
  /** Folder of the stack files, which say the level that is deployed. */
  readonly stacks: string;
  readonly as: (user: string) => Promise<Cluster>;
  /** Lets go of the clusters and ends the lab. */
  readonly end: () => Promise<void>;
}

/** Verifies, and is nobody else. */
const VERA: LabUser = { name: 'vera', groups: ['portarium:verifiers'] };

/**
 * A lab of its own with the platform and ws-acme at `enforced`, both as the stacks of this repository say, and what else the
 * guards judge: a published model, and a kind of another network plugin.
 */
export async function deploy(): Promise<Deployed> {
  const lab = await startLab({ users: [...labUsers, VERA], typeChecking: false });
  const clusters: Cluster[] = [];
  const stacks = join(mkdtempSync(join(tmpdir(), 'verify-')), 'stacks');
  cpSync('stacks', stacks, { recursive: true });
  editEnforcement(stacks, 'ws-acme', { level: 'enforced' });
  const connect = async (kubeconfig: string): Promise<Cluster> => {
    const cluster = await Cluster.connect({ kubeconfig });
    clusters.push(cluster);
    return cluster;
  };
  const as = (user: string) => connect(lab.kubeconfigFor(user));
  const admin = await connect(lab.kubeconfig);
  const once = await admin.create({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'first-deployment' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'User', name: 'platform-deployer' }],
  });
  const platformStack = loadStack('platform', { dir: stacks });
  const up = async (cluster: Cluster, stack: Stack): Promise<void> => {
    const name = stack.kind === 'platform' ? stack.platform.stack : stack.workspace.stack;
    await applyStack(cluster, name, (await preflight(cluster, stack)).objects);
  };
  const deployer = await as('platform-deployer');
  await up(deployer, platformStack);
  await admin.delete(once.object);
  await createStandIns(admin, platformStack.platform);
  await up(deployer, platformStack);
  await admin.apply(FOREIGN_KIND);
  await deployer.apply(publishedObject({ hash: MODEL_HASH, storeId: '0'.repeat(26), modelId: '0'.repeat(26) }));
  await approveStack(await as('dana'), 'ws-acme');
  const acme = loadStack('ws-acme', { dir: stacks });
  if (acme.kind !== 'workspace') throw new Error('ws-acme is no workspace');
  await up(await as('ws-acme-deployer'), acme);
  const { workspaces } = loadStacks({ dir: stacks });
  return {
    lab,
    admin,
    as,
    stacks,
    subject: { platform: acme.platform, workspace: acme.workspace, workspaces },
    end: async () => {
      for (const cluster of clusters) cluster.close();
      await lab.stop();
      rmSync(join(stacks, '..'), { recursive: true });
    },
  };
}
