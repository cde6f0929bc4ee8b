import {
  newAgentObject,
  newRunObject,
  tryAgentObject,
  tryAgentSubject,
  tryApprovalObject,
  tryCredentialObject,
  tryRunObject,
  tryUserSubject,
  tryWorkloadSubject,
  workspaceObject,
} from '../model/authorization/ids.js';
import type { Tuple } from '../model/authorization/tuple.js';
import type { WorkspacePolicySpec } from '../model/policy.js';
import type { RouteCheck } from '../model/routes.js';
import type { Caller } from './decision.js';
import type { Check, Question } from './openfga.js';
import type { AppRecord } from './records.js';

/** What is known of the object that a call is about. */
export interface Subjected {
  readonly workspaceId: string;
  /** Of the path. */
  readonly id?: string;
  /** The run's or the approval's record. */
  readonly record?: AppRecord;
  /** Of the run that an approval belongs to, where it is one that can be read. */
  readonly run?: AppRecord;
  readonly policy?: WorkspacePolicySpec;
}

/** Who is asked about; undefined for a subject that OpenFGA would take for something else. */
export function trySubject(caller: Caller, workspaceId: string): string | undefined {
  if (caller.kind === 'agent') return tryAgentSubject(workspaceId, caller.name);
  return caller.kind === 'workload' ? tryWorkloadSubject(caller.spiffeId ?? '') : tryUserSubject(caller.name);
}

/**
 * What OpenFGA is asked for a route. Runs and approvals are stored nowhere in it: what it needs of them comes as
 * contextual tuples from the control plane's own records, never from the request. Undefined where nothing can be asked: an
 * id that is none, or a record that does not say who began it, so that nobody could be told from its initiator.
 * Source: runbook Phase 4 step 4; docs/adr/0007.
 */
export function tryQuestion(user: string, check: RouteCheck, about: Subjected, now: Date): Question | undefined {
  const { workspaceId, id = '' } = about;
  const workspace = workspaceObject(workspaceId);
  const member = { user, relation: 'member', object: workspace };
  const ask = (more: readonly Check[], contextual: readonly Tuple[] = [], fresh = false): Question => ({
    checks: [member, ...more],
    contextual,
    context: { actor: user, current_time: now.toISOString() },
    fresh,
  });
  const parent = (object: string): Tuple => ({ user: workspace, relation: 'workspace', object });
  const askOf = (object: string | undefined, contextual: readonly Tuple[] = [], fresh = false): Question | undefined =>
    object === undefined || !('relation' in check)
      ? undefined
      : ask([{ user, relation: check.relation, object }], contextual, fresh);
  switch (check.object) {
    case 'self':
      return ask([]);
    case 'workspace':
      return check.relation === 'member' ? ask([]) : askOf(workspace);
    case 'new-run': {
      const object = newRunObject(workspaceId);
      return askOf(object, [parent(object)]);
    }
    case 'new-agent': {
      const object = newAgentObject(workspaceId);
      return askOf(object, [parent(object)]);
    }
    case 'agent':
      return askOf(tryAgentObject(workspaceId, id));
    case 'credential':
      return askOf(tryCredentialObject(workspaceId, id), [], true);
    case 'run': {
      const initiator = subjectOf(about, about.record?.initiator);
      const object = tryRunObject(workspaceId, id);
      if (initiator === undefined || object === undefined) return undefined;
      return askOf(object, [parent(object), { user: initiator, relation: 'initiator', object }]);
    }
    case 'approval': {
      const object = tryApprovalObject(workspaceId, id);
      const contextual = object === undefined ? undefined : tryApproval(user, object, about);
      return contextual && askOf(object, contextual, check.relation !== 'viewer');
    }
  }
}

/** The approval, its run and who may not decide: the requester, the run's initiator, for financial tools their owners. */
function tryApproval(user: string, object: string, about: Subjected): readonly Tuple[] | undefined {
  const { workspaceId, record, run, policy } = about;
  const requester = subjectOf(about, record?.initiator);
  if (record?.runId === undefined || requester === undefined) return undefined;
  const initiator = run === undefined ? requester : subjectOf(about, run.initiator);
  if (initiator === undefined) return undefined;
  const runOf = tryRunObject(workspaceId, record.runId);
  if (runOf === undefined) return undefined;
  // Not assigned to anyone: then to whoever asks, who must be one of the workspace's approvers all the same.
  const assigned = record.assignee === undefined ? user : tryUserSubject(record.assignee);
  const separate = { name: 'separate_duties', context: { initiator } };
  const financial =
    record.tool === undefined || (policy?.separationOfDuties.financialTools.includes(record.tool) ?? true);
  // By its name in the proposal: a workload may have proposed for it, and it may have left the policy since.
  const agent = record.agent === undefined ? undefined : tryAgentSubject(workspaceId, record.agent);
  const involved = [...new Set([requester, initiator, ...(agent === undefined ? [] : [agent])])];
  return [
    { user: workspaceObject(workspaceId), relation: 'workspace', object: runOf },
    { user: initiator, relation: 'initiator', object: runOf },
    { user: runOf, relation: 'run', object },
    ...(assigned?.startsWith('user:') === true
      ? [{ user: assigned, relation: 'assigned_approver', object, condition: separate }]
      : []),
    ...involved
      .filter((subject) => subject !== initiator)
      .map((subject) => ({ user: subject, relation: 'extra_conflict', object })),
    ...(financial ? involved : [])
      .filter((subject) => subject.startsWith('agent:'))
      .map((subject) => ({ user: `${subject}#registered_owner`, relation: 'extra_conflict', object })),
  ];
}

/** A token's subject, as the records have it: an agent's of this workspace, else a person's. */
function subjectOf({ workspaceId, policy }: Subjected, name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  return policy?.agents.some((agent) => agent.name === name) === true
    ? tryAgentSubject(workspaceId, name)
    : tryUserSubject(name);
}
