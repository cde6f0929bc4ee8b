import { policyApprovalObject } from '../../bridge/policy-approvals.js';
import type { KubeObject } from '../../model/kube-object.js';
import { modesAt } from '../../model/levels.js';
import { API_VERSION, deployersOf, GROUPS, LABELS, NAMESPACES } from '../../model/names.js';
import type { WorkspacePolicySpec } from '../../model/policy.js';
import type { Workspace } from '../../model/workspace.js';
import {
  CANDIDATE,
  create,
  others,
  patch,
  refOf,
  remove,
  Unsendable,
  VERIFIER,
  type ForbiddenRequest,
} from './request.js';

const NO_HASH = '0'.repeat(64);

/** What is forbidden of a workspace's policy, its approvals and the model that it pins. @param objects what its stack renders */
export function forbiddenAuthority({ id }: Workspace, objects: readonly KubeObject[]): readonly ForbiddenRequest[] {
  const { policy: namespace } = NAMESPACES;
  const policy = refOf(API_VERSION, 'WorkspacePolicy', id, namespace);
  const rendered = objects.find(({ kind }) => kind === 'WorkspacePolicy')?.['spec'] as WorkspacePolicySpec | undefined;
  const needsPolicy = (send: (spec: WorkspacePolicySpec) => ForbiddenRequest['send']): ForbiddenRequest['send'] =>
    rendered === undefined
      ? () => Promise.reject(new Unsendable('the stack renders no WorkspacePolicy'))
      : send(rendered);
  return [
    others('portarium-workspacepolicy-kept', 'the workspace’s policy deleted', remove(policy)),
    others(
      'portarium-workspacepolicy-write',
      'a note on the workspace’s policy',
      patch(policy, { metadata: { annotations: { note: 'x' } } }),
    ),
    {
      what: 'a policy of what agents may do that nobody has approved',
      by: 'portarium-workspacepolicy-approved',
      toEveryone: true,
      as: { groups: [deployersOf(id)] },
      send: needsPolicy(({ reachedLevel }) => patch(policy, unapproved(reachedLevel))),
    },
    others('portarium-workspacepolicy-status', 'a policy said to be loaded', async (cluster) => {
      const observed = [{ replica: CANDIDATE, hash: NO_HASH, time: '2026-01-01T00:00:00Z' }];
      const body = { ...(await cluster.get(policy)), status: { observed } };
      return cluster.subresource('PUT', policy, 'status', { body, query: { dryRun: 'All' } });
    }),
    others(
      'portarium-policyapproval-write',
      'an approval by who may not give one',
      needsPolicy((spec) =>
        create(
          policyApprovalObject(CANDIDATE, spec, {
            reason: 'tries what admission must refuse',
            ticket: 'CHG-0000',
            approvedBy: VERIFIER,
          }),
        ),
      ),
    ),
    others('portarium-policyapproval-kept', 'an approval deleted', async (cluster) => {
      const [approval] = await cluster.list({ apiVersion: API_VERSION, kind: 'PolicyApproval', namespace });
      if (approval === undefined) throw new Unsendable('there is no PolicyApproval yet');
      return remove(refOf(API_VERSION, 'PolicyApproval', approval.metadata.name, namespace))(cluster);
    }),
    others(
      'portarium-authorizationmodel-pinned',
      'the model that the workspace is judged by deleted',
      needsPolicy(({ authorizationModel }) =>
        remove(refOf(API_VERSION, 'AuthorizationModel', authorizationModel, namespace)),
      ),
      { as: { groups: [GROUPS.platformDeployers] } },
    ),
  ];
}

/** At `routing` nothing of a policy needs an approval, so it also rises. */
const unapproved = (reached: WorkspacePolicySpec['reachedLevel']): object =>
  reached === 'routing'
    ? {
        metadata: { labels: { [LABELS.level]: 'authz' } },
        spec: { reachedLevel: 'authz', modes: modesAt('authz'), policyHash: NO_HASH },
      }
    : { spec: { policyHash: NO_HASH } };
