import { describe, expect, it } from 'vitest';
import { modesAt } from '../../../src/model/levels.js';
import { callProbes, OWN_RUNS } from '../../../src/verify/probes/calls.js';
import { ACME, PLATFORM } from '../../model/examples.js';

const probes = (level: 'enforced' | 'identity' = 'enforced', workspace = ACME) =>
  callProbes(PLATFORM, workspace, modesAt(level), 'control');
const named = (name: string, level?: 'enforced' | 'identity') => probes(level).find((probe) => probe.name === name);

describe('calls of the control plane', () => {
  it('without an SVID: refused for that reason, beside the network’s control', () => {
    expect(named('control plane without an SVID')).toEqual({
      name: 'control plane without an SVID',
      kind: 'http',
      target: {
        address: 'https://10.96.80.1/v1/workspaces/ws-acme/runs',
        refusal: { status: 403, reason: 'IdentityRequired' },
      },
      expect: 'denied',
      pairedWith: 'control',
    });
  });

  it('for another workspace’s runs: refused for what the agent may not, beside its own', () => {
    expect(named('runs of another workspace')).toMatchObject({
      target: {
        address: expect.not.stringContaining('ws-acme') as string,
        refusal: { status: 403, reason: 'NotAuthorized' },
      },
      expect: 'denied',
      pairedWith: OWN_RUNS,
      as: 'agent',
    });
    expect(named(OWN_RUNS)).toMatchObject({ expect: 'allowed', as: 'agent' });
  });

  it('of an unlisted tool: refused as such where the allowlist is enforced, and let pass where it is not', () => {
    const unlisted = named('an unlisted tool')!;
    expect(unlisted).toMatchObject({
      target: { method: 'POST', refusal: { status: 403, reason: 'PolicyBlocked' } },
      expect: 'denied',
      pairedWith: OWN_RUNS,
    });
    const { toolName, agentId } = JSON.parse(unlisted.target.body!) as { toolName: string; agentId: string };
    expect(ACME.allowlist.allowedTools.map(({ tool }) => tool)).not.toContain(toolName);
    expect(agentId).toBe('sales-bot');
    const passing = named('an unlisted tool', 'identity')!;
    expect(passing.expect).toBe('allowed');
    expect(passing.pairedWith).toBeUndefined();
  });

  it('by no agent where the workspace has none', () => {
    expect(probes('enforced', { ...ACME, agents: [] }).map(({ name }) => name)).toEqual([
      'control plane without an SVID',
    ]);
  });
});
