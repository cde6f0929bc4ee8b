import { permitted, refused, type Family, type Scene } from './attempt.js';
import {
  ACME,
  approval,
  approvalRef,
  changeRelaxation,
  create,
  GLOBEX,
  modelRef,
  onboardingRef,
  patch,
  pendingAgain,
  publishModel,
  putStatus,
  relaxation,
  relaxationRef,
  remove,
  SAMPLES,
  workspacePolicy,
} from './objects.js';

const asked =
  (workspace: 'ws-acme' | 'ws-globex') =>
  ({ relaxations }: Scene): string =>
    relaxations.asked[workspace];
const approve = (workspace: 'ws-acme' | 'ws-globex', approvedBy: string) =>
  changeRelaxation(asked(workspace), 'approved', { approvedBy });

const REQUEST = 'portarium-relaxation-request';
const CHANGE = 'portarium-relaxation-change';
const APPROVER = 'portarium-relaxation-approver';

/** Bob has asked for ws-acme's, so it is carol's to approve; dave is an approver of no workspace. */
export const relaxations: Family = {
  title: 'Relaxations',
  attempts: [
    permitted('ws-acme-deployer', 'a request for 60 minutes', (as, scene) =>
      create(relaxation(ACME, 'ws-acme-deployer', 60))(as, scene),
    ),
    refused(REQUEST, 'ws-acme-deployer', 'a request for 241 minutes', (as, scene) =>
      create(relaxation(ACME, 'ws-acme-deployer', 241))(as, scene),
    ),
    refused(REQUEST, 'ws-acme-deployer', 'a request in another’s name', (as, scene) =>
      create(relaxation(ACME, 'alice', 60))(as, scene),
    ),
    permitted('carol', 'approval of what another asked for', approve('ws-acme', 'carol')),
    refused(CHANGE, 'bob', 'approval of what he asked for himself, in carol’s name', approve('ws-acme', 'carol')),
    refused('schema', 'bob', 'approval of what he asked for himself', approve('ws-acme', 'bob')),
    refused(
      [CHANGE, APPROVER],
      'pipeline',
      'approval by a service account',
      approve('ws-acme', 'system:serviceaccount:default:demo-pipeline'),
    ),
    ...SAMPLES.map(({ id }) =>
      refused(APPROVER, 'dave', `approval by an approver whom ${id} has not named`, approve(id, 'dave')),
    ),
    permitted('bob', 'the end of what he asked for', changeRelaxation(asked('ws-acme'), 'ended', { endedBy: 'bob' })),
    refused('portarium-relaxation-history', 'mallory', 'a Relaxation deleted before it has ended', (as, scene) =>
      remove(...relaxationRef(asked('ws-globex')(scene)))(as),
    ),
  ],
};

const shadow = { authz: 'shadow', mtls: 'shadow', allowlist: 'shadow', egress: 'shadow' };
const enforce = { authz: 'enforce', mtls: 'enforce', allowlist: 'enforce', egress: 'enforce' };
const WRITE = 'portarium-workspacepolicy-write';
const APPROVED = 'portarium-workspacepolicy-approved';
const STATUS = 'portarium-workspacepolicy-status';

/** A policy at `enforced`, with another allowlist. */
const risen = (label: string, spec: object = {}) => ({
  metadata: { labels: { 'portarium.io/level': label } },
  spec: { reachedLevel: 'enforced', modes: enforce, ...spec },
});

export const policies: Family = {
  title: 'WorkspacePolicies',
  attempts: [
    permitted(
      'ws-acme-deployer',
      'its own WorkspacePolicy annotated',
      patch(...workspacePolicy(ACME), { metadata: { annotations: { note: 'x' } } }),
    ),
    refused(
      WRITE,
      'mallory',
      'a Relaxation of hers in the policy of ws-acme',
      patch(...workspacePolicy(ACME), { spec: { relaxation: { name: 'hers', controls: ['egress'] } } }),
    ),
    refused(
      'RBAC',
      'ws-acme-deployer',
      'another workspace’s policy',
      patch(...workspacePolicy(GLOBEX), { spec: { approvers: ['mallory'] } }),
    ),
    refused(
      'schema',
      'ws-acme-deployer',
      'the reached level lowered',
      patch(...workspacePolicy(ACME), { spec: { reachedLevel: 'routing', modes: shadow } }),
      { when: ({ reached }) => reached !== 'routing', says: 'reachedLevel only rises' },
    ),
    refused(
      'schema',
      'ws-acme-deployer',
      'a mode below the reached level’s preset',
      patch(...workspacePolicy(ACME), { spec: { modes: { ...shadow, allowlist: 'enforce', authz: 'shadow' } } }),
      { says: 'preset of reachedLevel' },
    ),
    permitted(
      'ws-acme-deployer',
      'a rise to enforced with the policy that was approved',
      patch(...workspacePolicy(ACME), risen('enforced')),
    ),
    refused(
      APPROVED,
      'ws-acme-deployer',
      'a tool on the allowlist that nobody approved',
      patch(...workspacePolicy(ACME), risen('enforced', { allowedTools: [{ tool: 'crm:export', tier: 'Auto' }] })),
      { says: 'differs from what was approved in allowedTools' },
    ),
    refused(
      APPROVED,
      'ws-globex-deployer',
      'a rise above routing with a policy that nobody approved',
      patch(...workspacePolicy(GLOBEX), risen('enforced')),
    ),
    refused(
      WRITE,
      'ws-globex-deployer',
      'a rise that its label hides',
      patch(...workspacePolicy(GLOBEX), risen('routing')),
    ),
    refused(STATUS, 'mallory', 'a policy said to be loaded', putStatus(...workspacePolicy(ACME))),
    refused('portarium-workspacepolicy-kept', 'mallory', 'a WorkspacePolicy deleted', remove(...workspacePolicy(ACME))),
  ],
};

const APPROVAL = 'portarium-policyapproval-write';
const CREATE = { says: 'cannot create resource "policyapprovals"' };

export const approvals: Family = {
  title: 'approvals of allowlists',
  attempts: [
    permitted('dana', 'an approval in her own name', approval('dana')),
    refused(APPROVAL, 'mallory', 'an approval in her own name', approval('mallory')),
    refused(APPROVAL, 'dana', 'an approval in another’s name', approval('carol')),
    refused(APPROVAL, 'pipeline', 'an approval by a service account', approval('system:serviceaccount:default:demo')),
    refused('RBAC', 'carol', 'an approval by an approver of Relaxations', approval('carol'), CREATE),
    refused('RBAC', 'ws-acme-deployer', 'an approval by who deploys', approval('ws-acme-deployer'), CREATE),
    refused('schema', 'dana', 'what was approved, changed afterwards', (as, { approval: name }) =>
      patch(...approvalRef(name), { spec: { policyHash: '0'.repeat(64) } })(as),
    ),
    refused('portarium-policyapproval-kept', 'mallory', 'an approval deleted', (as, { approval: name }) =>
      remove(...approvalRef(name))(as),
    ),
  ],
};

const ONBOARDING = 'portarium-onboarding';

export const onboarding: Family = {
  title: 'workspaces without a policy',
  attempts: [
    permitted(
      'platform-deployer',
      'the list annotated',
      patch(...onboardingRef, { metadata: { annotations: { note: 'x' } } }),
    ),
    refused('schema', 'platform-deployer', 'a workspace put on the list', patch(...onboardingRef, pendingAgain), {
      says: 'only shrinks',
    }),
    refused(ONBOARDING, 'mallory', 'the list changed', patch(...onboardingRef, { spec: { pending: [] } })),
    refused(ONBOARDING, 'mallory', 'the list deleted', remove(...onboardingRef)),
  ],
};

const MODEL_WRITE = 'portarium-authorizationmodel-write';

export const models: Family = {
  title: 'authorization models',
  attempts: [
    permitted('platform-deployer', 'a model published', publishModel),
    refused(MODEL_WRITE, 'mallory', 'a model published', publishModel),
    refused(
      'schema',
      'platform-deployer',
      'a published model moved',
      patch(...modelRef, { spec: { modelId: '0'.repeat(26) } }),
      {
        says: 'cannot be changed',
      },
    ),
    refused(
      'portarium-authorizationmodel-pinned',
      'platform-deployer',
      'a model deleted that is pinned',
      remove(...modelRef),
    ),
  ],
};
