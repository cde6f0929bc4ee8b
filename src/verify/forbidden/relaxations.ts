import { randomBytes } from 'node:crypto';
import type { Cluster } from '../../bridge/cluster.js';
import { endRelaxation } from '../../bridge/relaxations.js';
import { relaxationLabels } from '../../constructs/admission/relaxation-labels.js';
import { API_VERSION, GROUPS, NAMESPACES } from '../../model/names.js';
import { MAX_MINUTES } from '../../model/relaxation.js';
import type { RelaxationState } from '../../model/relaxation.js';
import type { Workspace } from '../../model/workspace.js';
import { relaxation, type Fields } from './candidates.js';
import { create, others, refOf, remove, Unsendable, VERIFIER, type ForbiddenRequest, type Sender } from './request.js';

/** In the group of approvers, and no workspace's. */
const APPROVER: Sender = { user: `${VERIFIER}-approver`, groups: [GROUPS.approvers] };

/** How long the stored request could be approved, minutes; it is gone as soon as it has been tried. */
const BRIEF = 1;

const refOfRelaxation = (name: string) => refOf(API_VERSION, 'Relaxation', name, NAMESPACES.policy);

export interface StoredRequest {
  readonly name: string;
  /** Ends and deletes it. */
  readonly remove: () => Promise<void>;
}

/**
 * Asks for a Relaxation that nobody approves: what may be changed of one cannot be tried at one that is not there. It
 * permits nothing, and after a minute nobody could approve it any more.
 *
 * @param as the cluster in the name of `portarium:verify`
 */
export async function storeRequest(
  as: Cluster,
  workspace: Pick<Workspace, 'id' | 'namespace'>,
): Promise<StoredRequest> {
  const name = `portarium-verify-${randomBytes(4).toString('hex')}`;
  await as.create(relaxation(workspace, VERIFIER, BRIEF, { name }));
  return {
    name,
    remove: async () => {
      await endRelaxation(as, name);
      await as.delete(refOfRelaxation(name));
    },
  };
}

/** What is forbidden of Relaxations. @param stored name of a request by `portarium:verify`; absent: none could be stored */
export function forbiddenRelaxations(
  workspace: Pick<Workspace, 'id' | 'namespace'>,
  stored: string | undefined,
): readonly ForbiddenRequest[] {
  const changed =
    (state: RelaxationState, more: Fields): ForbiddenRequest['send'] =>
    async (cluster) => {
      if (stored === undefined) throw new Unsendable(NONE_STORED);
      const live = await cluster.get(refOfRelaxation(stored));
      const labels = relaxationLabels({ workspaceId: workspace.id, controls: ['egress'], state });
      const spec = { ...(live['spec'] as Fields), ...more, state };
      return cluster.replace({ ...live, metadata: { ...live.metadata, labels }, spec }, { dryRun: true });
    };
  return [
    {
      what: `a request for ${MAX_MINUTES + 1} minutes`,
      by: 'portarium-relaxation-request',
      toEveryone: true,
      send: (cluster) => create(relaxation(workspace, VERIFIER, MAX_MINUTES + 1))(cluster),
    },
    {
      what: 'a Relaxation ended in another’s name',
      by: 'portarium-relaxation-change',
      toEveryone: true,
      send: changed('ended', { endedBy: 'somebody-else' }),
    },
    others(
      'portarium-relaxation-approver',
      'approval by an approver whom the workspace has not named',
      changed('approved', { approvedBy: APPROVER.user }),
      { as: APPROVER },
    ),
    {
      what: 'a Relaxation deleted before it has ended',
      by: 'portarium-relaxation-history',
      toEveryone: true,
      send: async (cluster) => {
        if (stored === undefined) throw new Unsendable(NONE_STORED);
        return remove(refOfRelaxation(stored))(cluster);
      },
    },
  ];
}

const NONE_STORED = 'no Relaxation could be asked for to try it at: that takes a cluster admin';
