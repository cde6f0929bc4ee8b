import type { Call } from '../../../lab/client.js';
import type { Control, Mode, Modes } from '../../model/levels.js';

/** As whom a call is made. */
export type Who =
  /** An agent through its own sidecar, which presents its SVID. */
  | { readonly agent: 'sales-bot' }
  /** By token alone, at the listener that takes no SVID. */
  | { readonly bearer: 'sales-bot' | 'support-bot' }
  | { readonly person: string };

/** A call to the front whose answer a level decides. */
export interface Probe {
  readonly what: string;
  readonly who: Who;
  readonly call: Call;
  /** The control that it shows; absent where every level answers the same. */
  readonly control?: Control;
  /** Reason of the refusal: where `control` enforces, or at every level without one. @default - it passes */
  readonly refused?: string;
}

const ACME = '/v1/workspaces/ws-acme';

const propose = (toolName: string, executionTier: string): Call => ({
  method: 'POST',
  path: `${ACME}/agent-actions:propose`,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    agentId: 'sales-bot',
    actionKind: 'tool_call',
    toolName,
    executionTier,
    policyIds: ['default-governance'],
    parameters: { id: '4711' },
    rationale: 'demo',
  }),
});

/** An approval that waits in the control plane: sales-bot began it, and nobody has stored a tuple about it. */
export const APPROVAL = {
  id: 'apr-1',
  record: {
    approvalId: 'apr-1',
    workspaceId: 'ws-acme',
    runId: 'run-1',
    requestedByUserId: 'u-olaf',
    status: 'Pending',
    agentActionProposal: { agentId: 'sales-bot', toolName: 'invoice:create' },
  },
} as const;

const decide: Call = {
  method: 'POST',
  path: `${ACME}/approvals/${APPROVAL.id}/decide`,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ decision: 'Approved', rationale: 'demo' }),
};

/** One for each thing that the front decides, with what must come of it. */
export const PROBES: readonly Probe[] = [
  { what: 'sales-bot with its SVID', who: { agent: 'sales-bot' }, call: { path: `${ACME}/runs` } },
  {
    what: 'sales-bot by token alone',
    who: { bearer: 'sales-bot' },
    call: { path: `${ACME}/runs` },
    control: 'mtls',
    refused: 'IdentityRequired',
  },
  { what: 'sales-bot calls a listed tool', who: { agent: 'sales-bot' }, call: propose('invoice:read', 'Auto') },
  {
    what: 'sales-bot calls an unlisted tool',
    who: { agent: 'sales-bot' },
    call: propose('crm:export', 'ManualOnly'),
    control: 'allowlist',
    refused: 'PolicyBlocked',
  },
  {
    what: 'support-bot of ws-globex asks for a run of ws-acme',
    who: { bearer: 'support-bot' },
    call: { path: `${ACME}/runs/run-1` },
    refused: 'NotAuthorized',
  },
  {
    what: 'a person without a role asks for runs',
    who: { person: 'u-nobody' },
    call: { path: `${ACME}/runs` },
    control: 'authz',
    refused: 'NotAuthorized',
  },
  { what: 'an approver decides on what another began', who: { person: 'u-bob' }, call: decide },
  {
    what: 'an approver decides on what he began himself',
    who: { person: 'u-olaf' },
    call: decide,
    control: 'authz',
    refused: 'NotAuthorized',
  },
];

/** What must come of it: `200`, or `403` with the reason. */
export function expected({ control, refused }: Probe, modes: Modes): string {
  const passes = refused === undefined || (control !== undefined && modes[control] === 'shadow');
  return passes ? '200' : `403 ${refused}`;
}

/** The probe that shows a control, and what comes of it in a mode. */
export function probeOf(control: Control, mode: Mode): readonly [Probe, string] | undefined {
  const probe = PROBES.find((each) => each.control === control);
  return probe && [probe, mode === 'enforce' ? `403 ${probe.refused}` : '200'];
}
