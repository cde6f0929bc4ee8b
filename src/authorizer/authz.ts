import type { Mode } from '../model/levels.js';
import type { RouteMatch } from '../model/routes.js';
import { judgementOf, type Caller, type Judgement, type Refusal } from './decision.js';
import type { Known } from './known.js';
import type { Asked, OpenFga, Question } from './openfga.js';
import { tryQuestion, trySubject, type Subjected } from './question.js';
import type { AppRecord, Records, RecordRef } from './records.js';

/** Where answers come from that are not in the cluster's objects. */
export interface Sources {
  readonly openfga: OpenFga;
  readonly records: Records;
}

export interface AuthzJudgement extends Judgement {
  readonly asked?: Asked;
}

/** The control `authz`: OpenFGA must allow, by the model that the workspace's policy pins. */
export async function judgeAuthz(
  caller: Caller,
  match: RouteMatch,
  known: Known,
  mode: Mode,
  now: Date,
  sources: Sources,
): Promise<AuthzJudgement> {
  const { asked, refusal } = await ask(caller, match, known, now, sources);
  return { ...judgementOf('authz', mode, refusal), ...(asked && { asked }) };
}

interface Answer {
  readonly asked?: Asked;
  readonly refusal?: Refusal;
}

async function ask(
  caller: Caller,
  { route, id }: RouteMatch,
  known: Known,
  now: Date,
  { openfga, records }: Sources,
): Promise<Answer> {
  const { workspaceId } = caller;
  if (workspaceId === undefined) return denied('The call belongs to no workspace, so nobody could permit it.');
  const policy = known.tryPolicy(workspaceId)?.spec;
  const place = policy && known.tryModel(policy.authorizationModel);
  if (policy === undefined || place === undefined) {
    return undecided(
      policy === undefined
        ? `The workspace "${workspaceId}" has no policy, and so no authorization model.`
        : `The authorization model ${policy.authorizationModel.slice(0, 12)}… is not published in the cluster.`,
    );
  }
  const user = trySubject(caller, workspaceId);
  if (user === undefined) return denied(`${show(caller.name)} is no subject that anything could be permitted to.`);
  let about: Subjected = { workspaceId, policy, ...(id !== undefined && { id }) };
  if (id !== undefined && (route.check.object === 'run' || route.check.object === 'approval')) {
    const found = await recordsFor({ kind: route.check.object, workspaceId, id }, records);
    if ('refusal' in found) return found;
    about = { ...about, ...found };
  }
  const question = tryQuestion(user, route.check, about, now);
  if (question === undefined)
    return denied('Nothing can be permitted about it: its id is none, or its record does not say who began it.');
  return judged(await openfga.ask(place, question), question);
}

/** The record that is asked about, and for an approval the run that it belongs to, if that is one. */
async function recordsFor(
  ref: RecordRef,
  records: Records,
): Promise<{ readonly record: AppRecord; readonly run?: AppRecord } | { readonly refusal: Refusal }> {
  try {
    const record = await records.read(ref);
    if (record === 'absent')
      return denied(`There is no ${ref.kind} ${show(ref.id)} in the workspace "${ref.workspaceId}".`);
    if (ref.kind === 'run' || record.runId === undefined) return { record };
    // The run of an agent's proposed action is none: then the requester is the one who began.
    const run = await records.read({ ...ref, kind: 'run', id: record.runId });
    return { record, ...(run !== 'absent' && { run }) };
  } catch (error) {
    return undecided(
      `The record of the ${ref.kind} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
}

function judged(asked: Asked, { checks }: Question): Answer {
  if (asked.failure !== undefined || asked.checks.length !== checks.length) {
    return { asked, ...undecided('OpenFGA gives no answer, so it cannot be said whether the call is permitted.') };
  }
  const refusing = asked.checks.find(({ allowed }) => allowed !== true);
  if (refusing === undefined) return { asked };
  return { asked, ...denied(`${refusing.user} is not ${refusing.relation} of ${refusing.object}.`) };
}

const denied = (detail: string): { readonly refusal: Refusal } => ({ refusal: { reason: 'NotAuthorized', detail } });

const undecided = (detail: string): { readonly refusal: Refusal } => ({ refusal: { reason: 'CannotDecide', detail } });

const show = (text: string): string => JSON.stringify(text.slice(0, 128));
