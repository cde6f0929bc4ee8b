import { answerOf } from '../../bridge/answer.js';
import { ApiError, UnknownKind } from '../../bridge/api-error.js';
import { Unsendable, type ForbiddenRequest } from './request.js';
import type { Senders } from './senders.js';

/** What came of a forbidden request. */
export type Outcome =
  | { readonly came: 'let in' }
  | { readonly came: 'refused'; readonly by: string; readonly says: string; readonly binding?: string }
  /** The cluster serves no such kind, so nobody can send it. */
  | { readonly came: 'unserved'; readonly why: string }
  /** It could not be sent here. */
  | { readonly came: 'unsent'; readonly why: string };

export interface Tried {
  readonly request: ForbiddenRequest;
  readonly outcome: Outcome;
}

/** Sends every request. Throws ClusterUnreachable. */
export const tryForbidden = (senders: Senders, requests: readonly ForbiddenRequest[]): Promise<readonly Tried[]> =>
  Promise.all(requests.map(async (request) => ({ request, outcome: await outcomeOf(senders, request) })));

async function outcomeOf(senders: Senders, request: ForbiddenRequest): Promise<Outcome> {
  try {
    await request.send(senders.of(request.as));
    return { came: 'let in' };
  } catch (error) {
    if (error instanceof Unsendable) return { came: 'unsent', why: error.message };
    if (error instanceof UnknownKind)
      return { came: 'unserved', why: `the cluster serves no ${error.kind} of ${error.apiVersion}` };
    if (!(error instanceof ApiError)) throw error;
    if (error.status === request.letIn) return { came: 'let in' };
    if (error.status === 404) return { came: 'unsent', why: error.message };
    const answer = answerOf(error);
    if (answer.admitted) return { came: 'let in' };
    const { by, says, binding } = answer;
    return { came: 'refused', by, says, ...(binding !== undefined && { binding }) };
  }
}
