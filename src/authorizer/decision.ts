import type { Control, Mode } from '../model/levels.js';
import type { Asked } from './openfga.js';

/** What a client and an auditor are told; `reason` of the answer's problem document. */
export type Reason =
  /** No verified token, or one that is not for this listener. */
  | 'InvalidToken'
  /** No SVID, or not the one of the token's agent. */
  | 'IdentityRequired'
  /** A workspace, route, listener or object that is not the caller's. */
  | 'NotAuthorized'
  /** A tool that is not on the workspace's allowlist, or a call of one that says what it may not. */
  | 'PolicyBlocked'
  /** The authorizer lacks what it needs to decide. */
  | 'CannotDecide';

const STATUS = {
  InvalidToken: 401,
  IdentityRequired: 403,
  NotAuthorized: 403,
  PolicyBlocked: 403,
  CannotDecide: 503,
} as const;

/** One control's word. `identity`, the binding of token, SVID, agent, workspace and route, enforces in every mode. */
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
  /** The route is in no table: counted. */
  readonly unmapped?: boolean;
}

/** What one control says, and why if it does not allow. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly refusal?: Refusal;
}

/** What a control says that refuses, or does not: in shadow a refusal is only on record. */
export const judgementOf = (control: Control, mode: Mode, refusal: Refusal | undefined): Judgement => ({
  verdict: {
    control,
    mode,
    decision: refusal === undefined ? 'allow' : mode === 'enforce' ? 'deny' : 'would_deny',
  },
  ...(refusal && { refusal }),
});

export const isRefusal = (value: object): value is Refusal => 'reason' in value;

/** Who is calling, once token, SVID and policy agree. */
export interface Caller {
  readonly kind: 'agent' | 'workload' | 'person';
  /** The agent's or workload's name, the person's subject. */
  readonly name: string;
  /** Absent for calls that belong to no workspace. */
  readonly workspaceId?: string;
  /** Of a workload: the one that it has, whether it came with it or not. */
  readonly spiffeId?: string;
}

/** The tool that a call is about. */
export interface Called {
  /** Absent for methods of MCP that call none. */
  readonly tool?: string;
  readonly tier?: string;
  /** How a refusal is answered: as a problem, or as an error of JSON-RPC with this id. */
  readonly rpc?: { readonly id: string | number | null };
}

/** The answer to one request, with what its record says. */
export interface Decision {
  readonly status: 200 | (typeof STATUS)[Reason];
  /** In the order in which the controls were asked; the last is the one that denied, if any did. */
  readonly verdicts: readonly Verdict[];
  /** Why not, also of what shadow lets pass. */
  readonly refusal?: Refusal;
  readonly caller?: Caller;
  /** The route's template. */
  readonly route?: string;
  readonly called?: Called;
  /** What the control plane gets in place of the body that came. */
  readonly body?: string;
  /** What OpenFGA was asked and said. */
  readonly asked?: Asked;
  /** Hash of the policy that was in force. */
  readonly policyHash?: string;
  /** Names of the Relaxations that left a control in shadow. */
  readonly relaxation?: string;
}

export const statusOf = ({ reason }: Refusal): (typeof STATUS)[Reason] => STATUS[reason];

/** The verdict that decided: the denial, else what shadow let pass, else the last. */
export const deciding = ({ verdicts }: Decision): Verdict | undefined =>
  verdicts.find(({ decision }) => decision === 'deny') ??
  verdicts.find(({ decision }) => decision === 'would_deny') ??
  verdicts.at(-1);
