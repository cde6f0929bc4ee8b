import { permitted, refused, type Family, type Scene } from './attempt.js';
import {
  ACME,
  changeRelaxation,
  create,
  GLOBEX,
  patch,
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
const WRITE = 'portarium-workspacepolicy-write';

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
      'herself as the approver of ws-acme',
      patch(...workspacePolicy(ACME), { spec: { approvers: ['mallory'] } }),
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
    refused('portarium-workspacepolicy-kept', 'mallory', 'a WorkspacePolicy deleted', remove(...workspacePolicy(ACME))),
  ],
};
