import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLab, type Lab } from '../../../lab/cluster.js';
import { labUsers } from '../../../lab/users.js';
import { Cluster } from '../../bridge/cluster.js';
import type { Output } from '../output.js';

/** Where the demo plays: a lab of its own and a copy of the stack files. */
export interface Stage {
  /** Folder of the copied stack files. */
  readonly stacks: string;
  readonly admin: Cluster;
  kubeconfigFor(user: string): string;
  close(): Promise<void>;
}

/** Starts a lab, copies the stack files and lets the platform deployer do what a cluster admin does first. */
export async function openStage(stacks: string, output: Output): Promise<Stage> {
  const dir = mkdtempSync(join(tmpdir(), 'portarium-demo-'));
  let lab: Lab | undefined;
  try {
    lab = await startLab({ users: labUsers, onProgress: (line) => output.progress(line) });
    const { kubeconfig, kubeconfigFor, stop } = lab;
    const copy = join(dir, 'stacks');
    cpSync(stacks, copy, { recursive: true });
    const admin = await Cluster.connect({ kubeconfig });
    await bindDeployer(admin);
    return {
      stacks: copy,
      admin,
      kubeconfigFor: (user) => kubeconfigFor(user),
      close: async () => {
        admin.close();
        await stop();
        rmSync(dir, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await lab?.stop();
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
}

/** The first deployment of the platform creates the roles of its own deployer, so somebody must have let it. */
async function bindDeployer(admin: Cluster): Promise<void> {
  await admin.apply({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'demo-bootstrap' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'platform-deployer' }],
  });
}
