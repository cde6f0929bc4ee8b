import type { Modes } from '../../model/levels.js';
import type { Platform } from '../../model/platform.js';
import type { Workspace } from '../../model/workspace.js';
import type { Probe } from './probe.js';

/** Positive control of calls. */
export const OWN_RUNS = 'an agent asks for its workspace’s runs';

/** A tool that no allowlist names. */
const UNLISTED = 'portarium-verify:unlisted';

/**
 * Calls of the control plane: without an SVID, of an unlisted tool, for another workspace's resources (runbook step 5,
 * items 2 to 4). The first needs nothing; the others an agent's identity, which the probe's account has not.
 *
 * @param control what must succeed beside the call without an SVID
 */
export function callProbes(
  { front, workspaces }: Platform,
  { id, agents, policyIds }: Workspace,
  modes: Modes,
  control: string,
): readonly Probe[] {
  const url = (path: string): string => `https://${front.clusterIP}${path}`;
  const other = workspaces.find((workspace) => workspace.id !== id)?.id;
  const [agent] = agents;
  const noSvid: Probe = {
    name: 'control plane without an SVID',
    kind: 'http',
    target: { address: url(`/v1/workspaces/${id}/runs`), refusal: { status: 403, reason: 'IdentityRequired' } },
    expect: 'denied',
    pairedWith: control,
  };
  if (agent === undefined) return [noSvid];
  const proposal = {
    agentId: agent.name,
    actionKind: 'tool_call',
    toolName: UNLISTED,
    executionTier: 'ManualOnly',
    policyIds,
    parameters: {},
    rationale: 'enforce verify',
  };
  return [
    noSvid,
    {
      name: OWN_RUNS,
      kind: 'http',
      target: { address: url(`/v1/workspaces/${id}/runs`) },
      expect: 'allowed',
      as: 'agent',
    },
    {
      name: 'an unlisted tool',
      kind: 'http',
      target: {
        address: url(`/v1/workspaces/${id}/agent-actions:propose`),
        method: 'POST',
        body: JSON.stringify(proposal),
        refusal: { status: 403, reason: 'PolicyBlocked' },
      },
      expect: modes.allowlist === 'enforce' ? 'denied' : 'allowed',
      ...(modes.allowlist === 'enforce' && { pairedWith: OWN_RUNS }),
      as: 'agent',
    },
    ...(other === undefined
      ? []
      : [
          {
            name: 'runs of another workspace',
            kind: 'http',
            target: { address: url(`/v1/workspaces/${other}/runs`), refusal: { status: 403, reason: 'NotAuthorized' } },
            expect: 'denied',
            pairedWith: OWN_RUNS,
            as: 'agent',
          } as const,
        ]),
  ];
}
