import type { Config } from './config.js';
import { isRefusal, type Caller, type Refusal } from './decision.js';
import type { Facts, Listener } from './facts.js';
import type { AgentRow, Known } from './known.js';
import { isNormal, pathOf, tryWorkspaceOf } from './path.js';
import type { Subject } from './token.js';

/** What all steps look at. */
interface Question {
  readonly principal: string;
  /** The listener demands an SVID. */
  readonly bySvid: boolean;
  readonly subject: Subject;
  /** The workspace that the path names. */
  readonly called?: string;
  readonly known: Known;
  readonly workloads: Config['workloads'];
}

/**
 * Who is calling: SVID, token, policy row and workspace must name the same one. A mismatch is refused in every mode.
 * Source: design, section 3.
 */
export function identify(
  { principal, path: pathAndQuery }: Pick<Facts, 'principal' | 'path'>,
  listener: Listener,
  subject: Subject,
  known: Known,
  { workloads }: Pick<Config, 'workloads'>,
): Caller | Refusal {
  const path = pathOf(pathAndQuery);
  if (!isNormal(path)) return notAuthorized('The path is not in its normal form.');
  const bySvid = listener === 'agents' || listener === 'grpc';
  if (bySvid && principal === '') return { reason: 'IdentityRequired', detail: 'There is no SVID.' };
  if (!bySvid && principal !== '') {
    return { reason: 'CannotDecide', detail: `The listener "${listener}" takes no certificate, and yet there is one.` };
  }
  const called = tryWorkspaceOf(path);
  const question = { principal, bySvid, subject, known, workloads, ...(called !== undefined && { called }) };
  return listener === 'people' ? person(question) : (tryWorkload(question) ?? agent(question));
}

function person(question: Question): Caller | Refusal {
  const { subject, known, workloads } = question;
  const { name } = subject;
  if (known.agentsNamed(name).length > 0 || workloads.some((workload) => workload.subject === name)) {
    return notAuthorized(`${show(name)} is no person. Agents and workloads have listeners of their own.`, true);
  }
  return within(question, { kind: 'person', name }, subject.workspaceId);
}

/** A workload of the platform serves all workspaces; the call is of the one that its token or path names. */
function tryWorkload(question: Question): Caller | Refusal | undefined {
  const { subject, called, workloads } = question;
  const found = workloads.find((workload) => workload.subject === subject.name);
  if (found === undefined) return undefined;
  const caller = { kind: 'workload', name: found.name, spiffeId: found.spiffeId } as const;
  return trySvidOfAnother(question, found.spiffeId) ?? within(question, caller, subject.workspaceId ?? called);
}

function agent(question: Question): Caller | Refusal {
  const { subject } = question;
  const pending = tryPending(question);
  if (pending !== undefined) {
    return trySvidOfKnown(question) ?? within(question, { kind: 'agent', name: subject.name }, pending);
  }
  const row = theOnly(question);
  if (isRefusal(row)) return row;
  const another = trySvidOfAnother(question, row.spiffeId);
  if (another !== undefined) return another;
  if (subject.workspaceId === undefined) return notAuthorized(`The token of ${show(row.name)} names no workspace.`);
  return within(question, { kind: 'agent', name: row.name }, row.workspaceId);
}

/** The token's workspace, if it has no policy yet and may be served without: its agents have no rows to be held to. */
function tryPending({ subject: { name, workspaceId }, known }: Question): string | undefined {
  if (workspaceId === undefined || known.tryPolicy(workspaceId) !== undefined) return undefined;
  return known.isPending(workspaceId) && known.agentsNamed(name).length === 0 ? workspaceId : undefined;
}

/** The row of the token's agent, if no other has its name or SPIFFE ID: those could not be told from each other. */
function theOnly({ subject: { name }, bySvid, known, workloads }: Question): AgentRow | Refusal {
  const reason = bySvid ? 'IdentityRequired' : 'NotAuthorized';
  const [row, another] = known.agentsNamed(name);
  if (row === undefined) return { reason, detail: `${show(name)} is no known agent or workload.` };
  if (another !== undefined) {
    return { reason, detail: `More than one agent has the name ${show(name)}: none of them is served.` };
  }
  if (known.agentsWith(row.spiffeId).length > 1 || workloads.some(({ spiffeId }) => spiffeId === row.spiffeId)) {
    return { reason, detail: `The agent ${show(name)} shares its SPIFFE ID: it is not served.` };
  }
  return row;
}

/** An agent without a row has no SVID to be held to; one that is known to be another's is not its own. */
function trySvidOfKnown(question: Question): Refusal | undefined {
  const { principal, known, workloads } = question;
  const taken = known.agentsWith(principal).length > 0 || workloads.some(({ spiffeId }) => spiffeId === principal);
  return taken ? trySvidOfAnother(question, '') : undefined;
}

function trySvidOfAnother({ bySvid, principal, subject }: Question, expected: string): Refusal | undefined {
  if (!bySvid || principal === expected) return undefined;
  const detail = `The SVID ${show(principal)} is not the one of ${show(subject.name)}, whom the token names.`;
  return { reason: 'IdentityRequired', detail, bypass: true };
}

/** The call must stay within the caller's workspace, `own`, and that must have a policy. */
function within({ subject, called, known }: Question, caller: Caller, own: string | undefined): Caller | Refusal {
  const named = subject.workspaceId;
  if (named !== undefined && named !== own) {
    return notAuthorized(
      `The token names the workspace ${show(named)}, which is not that of ${show(caller.name)}.`,
      true,
    );
  }
  if (called !== undefined && called !== own) {
    return own === undefined
      ? notAuthorized(`The token of ${show(caller.name)} names no workspace.`)
      : notAuthorized(`The path is of the workspace ${show(called)}, the caller of ${show(own)}.`, true);
  }
  if (own === undefined) return caller;
  return known.tryPolicy(own) || known.isPending(own)
    ? { ...caller, workspaceId: own }
    : notAuthorized(`The workspace ${show(own)} has no policy.`);
}

const notAuthorized = (detail: string, bypass = false): Refusal => ({
  reason: 'NotAuthorized',
  detail,
  ...(bypass && { bypass }),
});

/** What a client sent, in a sentence: as JSON, so that it cannot be mistaken for the sentence's own words. */
const show = (text: string): string => {
  const json = JSON.stringify(text);
  return json.length > 200 ? `${json.slice(0, 197)}...` : json;
};
