import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startLab, type Lab } from '../../../lab/cluster.js';
import { labUsers } from '../../../lab/users.js';
import { Cluster } from '../../../src/bridge/cluster.js';
import { approveRelaxation, listRelaxations } from '../../../src/bridge/relaxations.js';
import { editEnforcement } from '../../../src/config/edit.js';
import { enforce, type Ran } from '../../cli/run.js';

describe('the commands on a real API server', () => {
  let lab: Lab;
  let dir: string;
  let admin: Cluster;
  const as = (user: string, ...args: string[]): Promise<Ran> =>
    enforce(...args, '--kubeconfig', lab.kubeconfigFor(user));
  const stack = (user: string, command: string, ...args: string[]): Promise<Ran> =>
    as(user, command, '--stack', 'ws-acme', '--stacks', dir, ...args);
  const deployer = 'ws-acme-deployer';
  const why = ['--reason', 'the CRM rejects the workers', '--ticket', 'INC-7', '--engine', 'apply'];

  beforeAll(async () => {
    lab = await startLab({ users: labUsers, typeChecking: false });
    dir = mkdtempSync(join(tmpdir(), 'cli-'));
    cpSync('stacks', dir, { recursive: true });
    admin = await Cluster.connect({ kubeconfig: lab.kubeconfig });
    await admin.apply({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'bootstrap' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'platform-deployer' }],
    });
  });
  afterAll(async () => {
    admin?.close();
    await lab?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  /** Approves what is asked for next. Not by the command: only one can run at a time in this process. */
  async function bobApproves(): Promise<void> {
    const bob = await Cluster.connect({ kubeconfig: lab.kubeconfigFor('bob') });
    try {
      for (;;) {
        const asked = (await listRelaxations(bob, 'ws-acme')).find(({ state }) => state === 'requested');
        if (asked) {
          await approveRelaxation(bob, asked.name);
          return;
        }
        await sleep(50);
      }
    } finally {
      bob.close();
    }
  }
  const openings = async (): Promise<readonly string[]> =>
    (
      await admin.list(
        { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', namespace: 'portarium-agents' },
        { labels: 'portarium.io/opens' },
      )
    )
      .map(({ metadata }) => metadata.labels?.['portarium.io/opens'] ?? '')
      .sort();

  test('deploy the platform and a workspace, and say so a second time', async () => {
    expect((await as('platform-deployer', 'apply', '--stack', 'platform', '--stacks', dir)).code).toBe(0);
    expect(await stack(deployer, 'plan')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('nothing -> routing'),
    });
    expect((await stack(deployer, 'apply')).stdout).toMatch(/23 created/);
    expect((await stack(deployer, 'apply')).stdout).toMatch(/0 created, 0 updated, .* 23 unchanged/);
    expect(await openings()).toEqual(['egress', 'egress', 'mtls']);
  });

  const approve = (user: string, ...args: string[]): Promise<Ran> =>
    as(user, 'allowlist', 'approve', '--stack', 'ws-acme', '--stacks', dir, ...args);
  const change = ['--reason', 'the agents need these tools', '--ticket', 'CHG-7'];
  const allowlist = (command: string, ...args: string[]): Promise<Ran> =>
    as(deployer, 'allowlist', command, '--stack', 'ws-acme', '--stacks', dir, ...args);
  const tools = (allowed: string): void => {
    const path = join(dir, 'Pulumi.ws-acme.yaml');
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replace('      - { tool: "ticket:update", tier: Assisted }\n', allowed),
    );
  };

  test('what agents may do is approved before the climb, by an admin of the allowlists and nobody else', async () => {
    const early = await stack(deployer, 'apply', '--level', 'authz');
    expect(early).toMatchObject({
      code: 5,
      stderr: expect.stringMatching(
        /what the agents of workspace "ws-acme" may do \(policy [0-9a-f]{12}…\) is not approved; none is\. Have a member of the group portarium:allowlist-admins run: enforce allowlist approve --stack ws-acme/,
      ) as string,
    });
    expect((await approve('bob', ...change)).stderr).toContain('cannot create resource "policyapprovals"');
    const shown = await approve('dana', '--dry-run');
    expect(shown).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing differs') as string });
    const { code, stdout } = await approve('dana', ...change);
    expect(stdout).toMatch(/approved by dana \(CHG-7\): ws-acme-\d+t\d+z/);
    expect(code).toBe(0);
  });

  test('climb to enforced; a lower level is refused, the other is no one’s to write', async () => {
    editEnforcement(dir, 'ws-acme', { level: 'enforced' });
    expect((await stack(deployer, 'apply')).code).toBe(0);
    expect(await openings()).toEqual([]);
    const lower = await stack(deployer, 'apply', '--level', 'identity');
    expect(lower).toMatchObject({ code: 5, stderr: expect.stringContaining('A level only rises') });
    expect((await stack('ws-globex-deployer', 'destroy', '--yes')).code).not.toBe(0);
    const status = JSON.parse(
      (await as(deployer, 'status', '--stack', 'ws-acme', '--stacks', dir, '--json')).stdout,
    ) as {
      workspaces: { reached: string; controls: Record<string, { mode: string; verdict: string }>; replicas: unknown }[];
    };
    expect(status.workspaces[0]).toMatchObject({
      reached: 'enforced',
      controls: {
        mtls: { mode: 'enforce' },
        authz: {
          mode: 'enforce',
          verdict: 'inconclusive',
          note: 'the front has no replica that could have acknowledged the policy',
        },
        egress: { mode: 'enforce' },
      },
      replicas: [],
    });
  });

  test('a changed allowlist is refused until it is approved, and the record says who, why and what', async () => {
    tools('      - { tool: "ticket:close", tier: HumanApprove }\n');
    const refused = await stack(deployer, 'apply');
    expect(refused).toMatchObject({ code: 5, stderr: expect.stringContaining('is not approved; ws-acme-') as string });
    const approved = await approve('dana', '--reason', 'tickets are closed by people', '--ticket', 'CHG-8');
    expect(approved.stdout).toContain('+ allowlist: ticket:close HumanApprove');
    expect(approved.stdout).toContain('- allowlist: ticket:update Assisted');
    expect(approved.stdout).toContain('no longer counts: ws-acme-');
    expect((await stack(deployer, 'apply')).code).toBe(0);

    const history = await allowlist('history');
    expect(history.code).toBe(0);
    expect(history.stdout).toMatch(/ws-acme: live policy [0-9a-f]{64} at level enforced, approved by dana in ws-acme-/);
    const { approvals, live } = JSON.parse((await allowlist('history', '--json')).stdout) as {
      live: { policyHash: string };
      approvals: Record<string, unknown>[];
    };
    expect(approvals).toMatchObject([
      {
        ...{ approvedBy: 'dana', ticket: 'CHG-8', reason: 'tickets are closed by people', current: true, live: true },
        ...{ policyHash: live.policyHash, previousHash: approvals[1]?.['policyHash'] },
        diff: {
          allowedTools: [
            { tool: 'ticket:close', after: 'HumanApprove' },
            { tool: 'ticket:update', before: 'Assisted' },
          ],
          blastRadius: [],
          others: [],
        },
      },
      { approvedBy: 'dana', ticket: 'CHG-7', current: false, live: false },
    ]);
    expect(history.stdout).toContain('reason: tickets are closed by people');
  });

  test('relax a single control by another person’s approval, and come back', async () => {
    const [relaxed] = await Promise.all([stack(deployer, 'relax', '--control', 'egress', ...why), bobApproves()]);
    expect(relaxed.stderr + relaxed.stdout).toContain('relax egress until');
    expect(relaxed.code).toBe(0);
    expect(await openings()).toEqual(['egress', 'egress']);
    expect((await stack(deployer, 'relax', '--undo', '--engine', 'apply')).code).toBe(0);
    expect(await openings()).toEqual([]);
  });

  test('an unapproved rollback changes nothing and times out with 9; the requester cannot approve it', async () => {
    const asked = await stack(deployer, 'rollback', '--to', '2', ...why, '--wait', '0');
    expect(asked).toMatchObject({
      code: 9,
      stderr: expect.stringContaining('is not approved yet; nothing has been changed'),
    });
    const [relaxation] = (await listRelaxations(admin, 'ws-acme')).filter(({ state }) => state === 'requested');
    expect((await as(deployer, 'approve', relaxation?.name ?? '')).code).not.toBe(0);
    expect(await openings()).toEqual([]);
  });

  test('the same command takes the approval once it is there; previous and undo come back', async () => {
    const [asked] = (await listRelaxations(admin, 'ws-acme')).filter(({ state }) => state === 'requested');
    const approval = await as('bob', 'approve', asked?.name ?? '');
    expect(approval).toMatchObject({ code: 0, stdout: expect.stringContaining('approved by bob') });
    const rolled = await stack(deployer, 'rollback', '--to', '2', ...why);
    expect(rolled.code).toBe(0);
    expect(await openings()).toEqual(['egress', 'egress']);
    expect((await stack(deployer, 'rollback', '--undo', '--engine', 'apply')).stdout).toContain(
      'back at level enforced',
    );
    expect(await openings()).toEqual([]);
  });

  test('destroy says what it would do, keeps baseline and policy, and apply adopts them', async () => {
    const dry = await stack(deployer, 'destroy');
    expect(dry.stdout).toContain('nothing was deleted: say --yes to delete.');
    expect((await stack(deployer, 'plan')).stdout).toContain('0 to create');
    const { code, stdout } = await stack(deployer, 'destroy', '--yes');
    expect(code).toBe(0);
    expect(stdout).toMatch(/agent-deny-default-ws-acme {2}\(kept\)/);
    expect(stdout).toMatch(/WorkspacePolicy\S* portarium-policy\/ws-acme {2}\(kept\)/);
    expect((await stack(deployer, 'apply')).code).toBe(0);
  });
});
