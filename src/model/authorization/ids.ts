import { DNS_LABEL } from '../field.js';

/** A name cannot be made into an id of OpenFGA. */
export class UnusableId extends Error {
  override readonly name = 'UnusableId';
}

/**
 * Subject of a person's tokens. OpenFGA gives `:`, `#` and `@` a meaning and takes `user:*` for everybody; upstream cuts
 * a subject at its `@`, so that alice@acme and alice@evil would be one.
 */
export const SUBJECT = /^[A-Za-z0-9][\w.|+=/~-]{0,127}$/;

/** Id of a run, an approval or a credential: one segment of a path. Never `~new`, which stands for what does not exist yet. */
const ID = /^[A-Za-z0-9_][\w.~-]{0,127}$/;

/** `<trust domain>/ns/<namespace>/sa/<service account>`. */
const SPIFFE_ID = /^spiffe:\/\/([a-z0-9][a-z0-9._-]{0,254}\/ns\/[a-z0-9-]{1,63}\/sa\/[a-z0-9.-]{1,253})$/;

/** Objects have at most 256 characters; users may have 512, but an agent is both. Source: openfga, pkg/tuple. */
const MAX_LENGTH = 256;

const fits = (id: string): string | undefined => (id.length <= MAX_LENGTH ? id : undefined);

const inWorkspace =
  (type: string, name: RegExp) =>
  (workspace: string, id: string): string | undefined =>
    DNS_LABEL.test(workspace) && name.test(id) ? fits(`${type}:${workspace}/${id}`) : undefined;

/** For names that somebody sent: undefined where they cannot be part of an id. */
export const tryWorkspaceObject = (workspace: string): string | undefined =>
  DNS_LABEL.test(workspace) ? `workspace:${workspace}` : undefined;
export const tryRunObject = inWorkspace('run', ID);
export const tryApprovalObject = inWorkspace('approval', ID);
export const tryCredentialObject = inWorkspace('credential', ID);
export const tryAgentObject = inWorkspace('agent', DNS_LABEL);
/** An agent is asked about and asks under one id. */
export const tryAgentSubject = tryAgentObject;
export const tryUserSubject = (subject: string): string | undefined =>
  SUBJECT.test(subject) ? fits(`user:${subject}`) : undefined;
/** @param spiffeId with its scheme; it goes, since an id has one colon */
export function tryWorkloadSubject(spiffeId: string): string | undefined {
  const path = SPIFFE_ID.exec(spiffeId)?.[1];
  return path === undefined ? undefined : fits(`workload:${path}`);
}

const WORKSPACE = 'a workspace’s id (a DNS-1123 label)';
const SEGMENT = 'an id (letters, digits and "_.~-", at most 128, not beginning with ".", "~" or "-")';

/** For names that were checked before; each throws UnusableId, which says what is allowed. */
export const workspaceObject = must(tryWorkspaceObject, WORKSPACE);
export const runObject = must(tryRunObject, `${WORKSPACE} and ${SEGMENT}`);
export const approvalObject = must(tryApprovalObject, `${WORKSPACE} and ${SEGMENT}`);
export const credentialObject = must(tryCredentialObject, `${WORKSPACE} and ${SEGMENT}`);
export const agentObject = must(tryAgentObject, `${WORKSPACE} and an agent’s name (a DNS-1123 label)`);
export const agentSubject = agentObject;
export const userSubject = must(
  tryUserSubject,
  'a subject (letters, digits and "._|+=/~-", at most 128; no "@" and no ":")',
);
export const workloadSubject = must(
  tryWorkloadSubject,
  'a SPIFFE ID (spiffe://<trust domain>/ns/<namespace>/sa/<service account>)',
);

/** What does not exist yet: its parent comes with the question, as a contextual tuple. */
export const newRunObject = (workspace: string): string => `run:${nameOf(workspaceObject(workspace))}/~new`;
export const newAgentObject = (workspace: string): string => `agent:${nameOf(workspaceObject(workspace))}/~new`;

/** `run` of `run:ws-acme/r1`, and of a userset. */
export const typeOf = (id: string): string => id.slice(0, id.indexOf(':'));

/** `ws-acme` of `workspace:ws-acme`, `run:ws-acme/r1` and `agent:ws-acme/bot#registered_owner`. Means nothing for users and workloads. */
export const workspaceOf = (id: string): string => nameOf(id).split('/')[0]!;

const nameOf = (id: string): string => id.slice(id.indexOf(':') + 1).split('#')[0]!;

function must<const Arguments extends readonly string[]>(
  attempt: (...names: Arguments) => string | undefined,
  allowed: string,
): (...names: Arguments) => string {
  return (...names) => {
    const id = attempt(...names);
    if (id !== undefined) return id;
    const shown = names.map((name) => JSON.stringify(name.slice(0, 80))).join(', ');
    throw new UnusableId(`${shown} cannot be an id of OpenFGA. Allowed: ${allowed}.`);
  };
}
