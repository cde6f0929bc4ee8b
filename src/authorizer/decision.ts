import type { Control, Mode } from '../model/levels.js';

/** What a client and an auditor are told; `reason` of the answer's problem document. */
export type Reason =
  /** No verified token, or one that is not for this listener. */
  | 'InvalidToken'
  /** No SVID, or not the one of the token's agent. */
  | 'IdentityRequired'
  /** A workspace or listener that is not the caller's. */
  | 'NotAuthorized'
  /** The authorizer lacks what it needs to decide. */
  | 'CannotDecide';

const STATUS = { InvalidToken: 401, IdentityRequired: 403, NotAuthorized: 403, CannotDecide: 503 } as const;

/** One control's word. `identity`, the binding of token, SVID, agent and workspace, enforces in every mode. */
export interface Verdict {
  readonly control: Control | 'identity';
  readonly mode: Mode;
  readonly decision: 'allow' | 'deny' | 'would_deny';
}

export interface Refusal {
  readonly reason: Reason;
  /** A sentence for the caller; holds nothing that the caller did not send or is not. */
  readonly detail: string;
  /** Somebody used an identity that is not theirs: counted, and alerted on. */
  readonly bypass?: boolean;
}

export const isRefusal = (value: object): value is Refusal => 'reason' in value;

/** Who is calling, once token, SVID and policy agree. */
export interface Caller {
  readonly kind: 'agent' | 'workload' | 'person';
  /** The agent's or workload's name, the person's subject. */
  readonly name: string;
  /** Absent for calls that belong to no workspace. */
  readonly workspaceId?: string;
}

/** The answer to one request, with what its record says. */
export interface Decision {
  readonly status: 200 | (typeof STATUS)[Reason];
  /** In the order in which the controls were asked; the last is the one that denied, if any did. */
  readonly verdicts: readonly Verdict[];
  /** Why not, also of what shadow lets pass. */
  readonly refusal?: Refusal;
  readonly caller?: Caller;
  /** Hash of the policy that was in force. */
  readonly policyHash?: string;
  /** Name of the Relaxation that left a control in shadow. */
  readonly relaxation?: string;
}

export const statusOf = ({ reason }: Refusal): (typeof STATUS)[Reason] => STATUS[reason];

/** The verdict that decided: the denial, else what shadow let pass, else the last. */
export const deciding = ({ verdicts }: Decision): Verdict | undefined =>
  verdicts.find(({ decision }) => decision === 'deny') ??
  verdicts.find(({ decision }) => decision === 'would_deny') ??
  verdicts.at(-1);
