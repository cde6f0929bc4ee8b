import { describe, expect, it } from 'vitest';
import { loadStacks } from '../../src/config/load.js';
import { lineOf, refusalOf, stacksWith, type Edit } from './stacks.js';

const LISTED = '      - { tool: "invoice:read", tier: Auto }\n';
const RADIUS = '    - { tool: "crm:export", tier: ManualOnly }\n';

const wrong: readonly (readonly [what: string, edits: readonly Edit[], path: string, said: string])[] = [
  [
    'a dangerous tool that nobody looks at',
    [['ws-acme', LISTED, `${LISTED}      - { tool: "host:bash", tier: Assisted }\n`]],
    'allowlist.allowedTools[2].tier',
    '"host:bash" is dangerous by its name, and "Assisted" needs no person. Use HumanApprove or ManualOnly, or say in blastRadius that "Assisted" is enough.',
  ],
  [
    'a tier below what the blast radius demands',
    [['ws-acme', RADIUS, `${RADIUS}    - { tool: "invoice:read", tier: Assisted }\n`]],
    'allowlist.allowedTools[1].tier',
    '"Auto" is laxer than "Assisted", which blastRadius demands of "invoice:read".',
  ],
  [
    'a tool twice in the blast radius',
    [['ws-acme', RADIUS, RADIUS + RADIUS]],
    'blastRadius[1].tool',
    'tool "crm:export" is listed twice, first as blastRadius[0].',
  ],
  [
    'a subject that OpenFGA would take for something else',
    [['ws-acme', 'admins: [u-dana]', 'admins: ["dana@acme"]']],
    'access.admins[0]',
    '"dana@acme" is not a subject. The `sub` of tokens: letters, digits and "._|+=/~-", at most 128; no "@" and no ":", which OpenFGA gives a meaning.',
  ],
  [
    'an agent that approves',
    [['ws-acme', 'approvers: [u-bob, u-carol, u-olaf]', 'approvers: [u-bob, sales-bot]']],
    'access.approvers[1]',
    '"sales-bot" is an agent; every agent is an operator, and none is more.',
  ],
  [
    'an agent that owns an agent',
    [['ws-acme', 'owner: u-olaf', 'owner: invoice-clerk']],
    'agents[0].owner',
    '"invoice-clerk" is an agent. The owner is a person.',
  ],
  [
    'an owner without a role',
    [['ws-acme', 'owner: u-olaf', 'owner: u-olav']],
    'agents[0].owner',
    '"u-olav" has no role in access, so nobody would own the agent. Allowed: u-alma, u-bob, u-carol, u-dana, u-olaf. Did you mean "u-olaf"?',
  ],
  [
    'an owner who is suspended and nothing else',
    [
      ['ws-acme', 'owner: u-olaf', 'owner: u-zoe'],
      ['ws-acme', 'admins: [u-dana]', 'admins: [u-dana]\n    suspended: [u-zoe]'],
    ],
    'agents[0].owner',
    '"u-zoe" has no role in access, so nobody would own the agent. Allowed: u-alma, u-bob, u-carol, u-dana, u-olaf.',
  ],
  [
    'a credential that is never valid',
    [['ws-acme', 'expiresAt: "2027-02-01T00:00:00Z"', 'expiresAt: "2026-11-01T00:00:00Z"']],
    'credentials[0].expiresAt',
    '"2026-11-01T00:00:00Z" is not after notBefore, "2026-11-01T00:00:00Z".',
  ],
  [
    'a point in time that is none',
    [['ws-acme', 'notBefore: "2026-11-01T00:00:00Z"', 'notBefore: "2026-11-01"']],
    'credentials[0].notBefore',
    '"2026-11-01" is not a point in time. RFC 3339 in UTC, for example "2026-12-01T08:00:00Z".',
  ],
];

it('an owner is refused where nobody has a role', () => {
  expect(refusalOf(['ws-globex', '      risk: low\n', '      risk: low\n      owner: u-olaf\n'])).toContain(
    'agents[0].owner: "u-olaf" has no role in access, so nobody would own the agent. access gives nobody a role: name the owner there, or leave owner out.',
  );
});

describe('a workspace is refused for', () => {
  it.each(wrong)('%s', (_what, edits, path, said) => {
    expect(refusalOf(...edits).replace(/^Pulumi\.ws-acme\.yaml:\d+: /, '')).toBe(`${path}: ${said}`);
  });
});

it('a dangerous tool may have the tier that blastRadius says of it in so many words', () => {
  const dir = stacksWith(
    ['ws-acme', LISTED, `${LISTED}      - { tool: "host:bash", tier: Assisted }\n`],
    ['ws-acme', RADIUS, `${RADIUS}    - { tool: "host:bash", tier: Assisted }\n`],
  );
  expect(loadStacks({ dir }).workspaces.map(({ id }) => id)).toContain('ws-acme');
});

it('without a word on it, nobody has a role and one policy of the control plane judges', () => {
  const globex = loadStacks({ dir: stacksWith() }).workspaces.find(({ id }) => id === 'ws-globex');
  expect(globex).toMatchObject({
    access: { admins: [], operators: [], approvers: [], auditors: [], suspended: [] },
    policyIds: ['default-governance'],
    blastRadius: [],
    separationOfDuties: { financialTools: [] },
    credentials: [],
  });
});

it('a pending workspace must be one that there is', () => {
  const said = refusalOf([
    'platform',
    '  portarium:workspaces:\n',
    '  portarium:pending: [ws-acmee]\n  portarium:workspaces:\n',
  ]);
  expect(said).toBe(
    `${lineOf('platform', 'portarium:workspaces:')}: pending[0]: there is no workspace "ws-acmee". Allowed: ws-acme, ws-globex. Did you mean "ws-acme"?`,
  );
});

it('no more workspaces are pending than the cluster’s list holds', () => {
  const ids = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `ws-${index}`);
  const pending = (count: number): Edit => [
    'platform',
    '  portarium:workspaces:\n',
    `  portarium:pending: [${ids(count).join(', ')}]\n  portarium:workspaces:\n`,
  ];
  const start = `${lineOf('platform', 'portarium:workspaces:')}: `;
  expect(refusalOf(pending(901))).toBe(
    `${start}pending: at most 900: the cluster’s Onboarding holds no more. Take off those that have a policy.`,
  );
  expect(refusalOf(pending(900))).toContain(`${start}pending[0]: there is no workspace "ws-0".`);
});
