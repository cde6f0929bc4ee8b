import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAllowed, isDangerous, tierOf } from '../../src/model/tools.js';
import { TIERS } from '../../src/model/workspace.js';

const policy = {
  allowedTools: [
    { tool: 'invoice:create', tier: 'HumanApprove' },
    { tool: 'invoice:read', tier: 'Auto' },
  ],
  blastRadius: [
    { tool: 'crm:export', tier: 'ManualOnly' },
    { tool: 'crm:read', tier: 'Assisted' },
  ],
} as const;

describe('the tier of a tool', () => {
  it.each([
    ['invoice:read', 'Auto', 'of the allowlist'],
    ['crm:export', 'ManualOnly', 'of the blast radius'],
    ['crm:read', 'Assisted', 'of the blast radius'],
    ['get_sh', 'HumanApprove', 'of what is not known'],
    ['', 'HumanApprove', 'of what is not known'],
    ['Invoice:read', 'HumanApprove', 'of what is not known: names are exact'],
  ])('%j needs %s, the one %s', (tool, tier) => {
    expect(tierOf(policy, tool)).toBe(tier);
  });
});

it('only the exact name of a listed tool is allowed', () => {
  expect(isAllowed(policy, 'invoice:read')).toBe(true);
  fc.assert(
    fc.property(fc.string(), (tool) => {
      fc.pre(!['invoice:create', 'invoice:read'].includes(tool));
      expect(isAllowed(policy, tool)).toBe(false);
    }),
  );
  for (const tool of ['Invoice:read', 'invoice:read ', 'invoice:read\0', 'invoice：read', 'crm:read', 'constructor']) {
    expect(isAllowed(policy, tool)).toBe(false);
  }
});

describe('a tool is dangerous', () => {
  it.each([
    'shell:exec',
    'get_sh',
    'host:bash',
    'os:process',
    'system-exec',
    'web:browser',
    'package:install',
    'a:tool_update',
  ])('by the name %s', (tool) => {
    expect(isDangerous(tool)).toBe(true);
  });
  it.each(['invoice:create', 'ticket:update', 'ship:order', 'order:process', 'shelf:read', 'package:read'])(
    'but not by the name %s',
    (tool) => {
      expect(isDangerous(tool)).toBe(false);
    },
  );
});

it('every tier is one of the runbook’s four', () => {
  expect(TIERS).toEqual(['Auto', 'Assisted', 'HumanApprove', 'ManualOnly']);
});
