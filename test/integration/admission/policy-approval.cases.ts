import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { auditLog } from '../../../lab/audit.js';
import { listPolicyApprovals, policyApprovalObject } from '../../../src/bridge/policy-approvals.js';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { LEVELS } from '../../../src/model/levels.js';
import { LABELS } from '../../../src/model/names.js';
import { workspacePolicy } from '../../../src/model/policy.js';
import type { AllowedTool, Workspace } from '../../../src/model/workspace.js';
import { platform, policyOf, workspace } from './fixture.js';
import { admin, ADMITTED, approve, dryDelete, outcome, settled, users, type Name } from './install.js';
import { workerLab } from '../worker-lab.js';

const tools = (...allowedTools: readonly AllowedTool[]): Partial<Workspace> => ({
  allowlist: { workspaceId: 'ws-initech', allowedTools, defaultAction: 'Deny' },
});
const READ = { tool: 'invoice:read', tier: 'Auto' } as const;
const EXPORT = { tool: 'crm:export', tier: 'ManualOnly' } as const;
const at = (level: (typeof LEVELS)[number], changes: Partial<Workspace> = {}): Workspace =>
  workspace('ws-initech', level, changes);

const by = users['platform-deployer'];
const dry = (object: KubeObject, as = by): Promise<unknown> => as.apply(object, { dryRun: true });

const why = { reason: 'the agents need these tools', ticket: 'CHG-2' };
const candidate = (changes: Record<string, unknown> = {}, of = at('routing')): KubeObject => {
  const object = policyApprovalObject('candidate', workspacePolicy(platform, of), { ...why, approvedBy: 'dana' });
  return { ...object, spec: { ...(object['spec'] as object), ...changes } };
};
const as = (name: Name) => (name === 'admin' ? admin : users[name]);
const created = (name: Name, object: KubeObject): Promise<string> => outcome(as(name).create(object, { dryRun: true }));

/** ws-initech is at `routing`, and approved as the fixture has it; here ws-acme is at `identity`. */
export function policyApprovalCases(): void {
  describe('what a workspace’s agents may do', () => {
    it('changes freely at routing', async () => {
      expect(await outcome(dry(policyOf(at('routing', tools(READ, EXPORT)))))).toBe('');
    });

    it('must be approved to rise', async () => {
      for (const level of LEVELS) expect(await outcome(dry(policyOf(at(level)))), level).toBe('');
      for (const level of LEVELS.slice(1)) {
        expect(await outcome(dry(policyOf(at(level, tools(READ, EXPORT)))))).toMatch(
          /The policy [0-9a-f]{12}… of ws-initech is not approved: ws-initech-\d+t\d+z approves [0-9a-f]{12}…\. Have a member of portarium:allowlist-admins approve it/,
        );
      }
    });

    it('must be approved where the workspace has no approval at all', async () => {
      expect(await outcome(dry(policyOf(workspace('ws-globex', 'authz'))))).toMatch(
        /workspacepolicy-approved-ws-globex.*no params found/,
      );
      expect(await outcome(dry(policyOf(workspace('ws-globex', 'routing'))))).toBe('');
    });

    it('cannot pass as routing by its label', async () => {
      const labels = { [LABELS.workspace]: 'ws-initech', [LABELS.level]: 'routing' };
      const lie = policyOf(at('enforced', tools(EXPORT)));
      expect(await outcome(dry({ ...lie, metadata: { ...lie.metadata, labels } }))).toContain(
        "A WorkspacePolicy's label portarium.io/level repeats its reachedLevel: set it to enforced.",
      );
    });

    it.each<[string, Record<string, unknown>]>([
      ['allowedTools', { allowedTools: [READ, EXPORT] }],
      ['blastRadius', { blastRadius: [EXPORT] }],
      ['separationOfDuties', { separationOfDuties: { financialTools: ['invoice:read'] } }],
      ['policyIds', { policyIds: ['mine'] }],
      ['approvers', { approvers: ['mallory'] }],
      ['systemsOfRecord', { systemsOfRecord: [] }],
      ['agents', { agents: [] }],
    ])('is compared field by field, whatever hash it claims: %s', async (field, changes) => {
      const policy = policyOf(at('enforced'));
      const changed = { ...policy, spec: { ...(policy['spec'] as object), ...changes } };
      expect(await outcome(dry(changed))).toContain(`but differs from what was approved in ${field}. Deploy it as`);
    });

    it('is not deployed by who approved it', async () => {
      const both = workspacePolicy(platform, at('enforced'));
      await users.breakglass.create(policyApprovalObject('ws-initech-own', both, { ...why, approvedBy: 'breakglass' }));
      const own = await settled(() => dry(policyOf(at('enforced')), users.breakglass), /cannot deploy it too/);
      expect(own).toContain('breakglass has approved this policy and cannot deploy it too.');
      expect(await outcome(dry(policyOf(at('enforced'))))).toBe('');
    });

    describe('above routing', () => {
      const acme = (changes: Partial<Workspace> = {}) => policyOf(workspace('ws-acme', 'identity', changes));
      const three = ['a:a', 'invoice:read', 'z:z'].map((tool) => ({ tool, tier: 'Auto' }) as const);
      const more = workspace('ws-acme', 'identity', {
        allowlist: { workspaceId: 'ws-acme', allowedTools: three, defaultAction: 'Deny' },
      });
      const deploy = (object: KubeObject, dryRun = true) => users['ws-acme-deployer'].apply(object, { dryRun });

      it('changes as approved and not back, and whatever is no part of it changes freely', async () => {
        const before = acme();
        expect(await outcome(deploy(policyOf(more)))).toContain('is not approved: ws-acme-');
        await approve(more);
        // Tools before and after those that are there: the order of the list is the rendered one.
        expect(await settled(() => deploy(policyOf(more), false), ADMITTED)).toBe('');
        expect(await outcome(deploy(before))).toContain('is not approved: ws-acme-');
        expect(await outcome(users['ws-acme-deployer'].mergePatch(before, NOTE, { dryRun: true }))).toBe('');
        const relaxation = { spec: { relaxation: { name: 'inc-1', controls: ['egress'] } } };
        expect(await outcome(users['ws-acme-deployer'].mergePatch(before, relaxation, { dryRun: true }))).toBe('');

        const approvals = await listPolicyApprovals(admin, 'ws-acme');
        expect(approvals.map(({ current, approvedBy }) => ({ current, approvedBy }))).toEqual([
          { current: true, approvedBy: 'dana' },
          { current: false, approvedBy: 'dana' },
        ]);
        await approve(workspace('ws-acme', 'identity'));
        expect(await settled(() => deploy(before, false), ADMITTED)).toBe('');

        const hashes = [hashOf(before), hashOf(policyOf(more))];
        const [first = '', second = ''] = changesOf('ws-acme').slice(-2);
        const words = ', approved by dana in ws-acme-\\d+t\\d+z \\(CHG-1\\): the agents need these tools$';
        expect(first).toMatch(new RegExp(`^ws-acme: policy ${hashes[0]} -> ${hashes[1]}${words}`));
        expect(second).toMatch(new RegExp(`^ws-acme: policy ${hashes[1]} -> ${hashes[0]}${words}`));
      });
    });
  });

  describe('an approval', () => {
    it('is given by a person of the allowlist’s admins, or break-glass, and nobody else', async () => {
      expect(await created('dana', candidate())).toBe('');
      expect(await created('breakglass', candidate({ approvedBy: 'breakglass' }))).toBe('');
      for (const name of ['mallory', 'ws-acme-deployer', 'platform-deployer', 'carol', 'admin'] as const) {
        const own = candidate({ approvedBy: name === 'admin' ? 'lab-admin' : name });
        expect(await created(name, own), name).toContain(
          'Only a person in the group portarium:allowlist-admins or portarium:break-glass may approve a WorkspacePolicy; a pipeline cannot.',
        );
      }
    });

    it.each<[string, KubeObject, string]>([
      [
        'in another’s name',
        candidate({ approvedBy: 'erin' }),
        'approvedBy must be the user who sends the approval, dana',
      ],
      ['without a reason', candidate({ reason: 'because' }), 'spec.reason'],
      ['of another workspace’s policy', candidate({ workspaceId: 'ws-acme' }), 'must be the workspaceId of the policy'],
      [
        'for an unknown workspace',
        candidate({
          workspaceId: 'ws-x',
          policy: { ...(candidate()['spec'] as { policy: object }).policy, workspaceId: 'ws-x' },
        }),
        'The platform stack does not place a workspace ws-x in a-shared',
      ],
      [
        'that does not count',
        { ...candidate(), metadata: { ...candidate().metadata, labels: { [LABELS.workspace]: 'ws-initech' } } },
        'portarium.io/approval=current',
      ],
      [
        'that is found as another workspace’s',
        {
          ...candidate(),
          metadata: {
            ...candidate().metadata,
            labels: { ...candidate().metadata.labels, [LABELS.workspace]: 'ws-acme' },
          },
        },
        'has the labels portarium.io/workspace=ws-initech',
      ],
      [
        'elsewhere',
        { ...candidate(), metadata: { ...candidate().metadata, namespace: 'a-agents' } },
        'live in the namespace portarium-policy',
      ],
    ])('is refused %s', async (_, object, words) => {
      expect(await created('dana', object)).toContain(words);
    });

    describe('that was given', () => {
      let given: KubeObject;
      let former: KubeObject;
      beforeAll(async () => {
        const [current, ...others] = await listPolicyApprovals(admin, 'ws-acme');
        given = await admin.get({ ...candidate(), metadata: { ...candidate().metadata, name: current!.name } });
        former = await admin.get({ ...candidate(), metadata: { ...candidate().metadata, name: others[0]!.name } });
      });
      const patched = (name: Name, object: KubeObject, patch: object): Promise<string> =>
        outcome(as(name).mergePatch(object, patch, { dryRun: true }));
      const label = (value: string | null) => ({ metadata: { labels: { [LABELS.approval]: value } } });

      it('never changes', async () => {
        expect(await patched('dana', given, { spec: { policyHash: 'b'.repeat(64) } })).toContain(
          'an approval cannot be changed. Approve anew.',
        );
        expect(await patched('dana', given, { spec: { policy: { allowedTools: [EXPORT] } } })).toContain(
          'an approval cannot be changed',
        );
      });

      it('gives way to another, and never comes back', async () => {
        expect(await patched('dana', given, label(null))).toBe('');
        expect(await patched('mallory', given, label(null))).toContain('Only a person in the group');
        expect(await patched('dana', former, label('current'))).toContain('the second is only ever taken away');
        expect(await patched('dana', given, { metadata: { labels: { [LABELS.workspace]: 'ws-globex' } } })).toContain(
          'has the labels portarium.io/workspace=ws-acme',
        );
      });

      it('is kept for good', async () => {
        for (const name of ['dana', 'platform-deployer', 'admin'] as const) {
          expect(await dryDelete(name, former)).toContain('A PolicyApproval is not deleted');
        }
        expect(await dryDelete('breakglass', former)).toBe('');
      });
    });
  });
}

const hashOf = ({ spec }: KubeObject): string => (spec as { policyHash: string }).policyHash;

interface AuditEvent {
  readonly objectRef?: { readonly resource: string; readonly name?: string };
  readonly requestURI: string;
  readonly responseStatus?: { readonly code: number };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What the API server's audit log says of stored changes of a policy, oldest first. */
const changesOf = (workspaceId: string): readonly string[] =>
  readFileSync(auditLog(workerLab().dir), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as AuditEvent)
    .filter(({ objectRef, requestURI, responseStatus }) => {
      const stored = !requestURI.includes('dryRun') && (responseStatus?.code ?? 500) < 300;
      return stored && objectRef?.resource === 'workspacepolicies' && objectRef.name === workspaceId;
    })
    .flatMap(({ annotations }) => annotations?.['portarium-workspacepolicy-approved/change'] ?? []);

const NOTE = { metadata: { annotations: { note: 'x' } } };
