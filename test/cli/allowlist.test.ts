import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { diffLines } from '../../src/cli/allowlist/diff-lines.js';
import { enforce } from './run.js';

const check = (...args: readonly string[]) => enforce('allowlist', 'check', '--stack', 'ws-acme', ...args);
const call = (tool: string, ...args: readonly string[]) => check('--agent', 'sales-bot', '--tool', tool, ...args);

describe('allowlist check', () => {
  it('allows a listed tool with its tier, at any level', async () => {
    for (const level of ['routing', 'enforced']) {
      const { code, stdout } = await call('ticket:update', '--level', level);
      expect(code).toBe(0);
      expect(stdout).toContain('ws-acme sales-bot ticket:update: allow\n');
      expect(stdout).toMatch(/tier: +Assisted/);
      expect(stdout).toContain(`(level ${level})`);
    }
  });

  it('denies what is not listed where the control enforces, and suggests the nearest name', async () => {
    const { code, stdout } = await call('ticket:udpate', '--level', 'allowlist');
    expect(code).toBe(5);
    expect(stdout).toContain('ws-acme sales-bot ticket:udpate: deny');
    expect(stdout).toContain(
      'PolicyBlocked: The tool "ticket:udpate" is not on the allowlist of the workspace "ws-acme".',
    );
    expect(stdout).toContain('Did you mean "ticket:update"? Names match exactly.');
    expect((await call('TICKET:UPDATE', '--level', 'allowlist')).code).toBe(5);
  });

  it('lets it pass in shadow, and says what would be', async () => {
    for (const level of ['routing', 'authz', 'identity']) {
      const { code, stdout } = await call('crm:export', '--level', level);
      expect(code).toBe(0);
      expect(stdout).toContain('allow, in shadow: it would be denied');
      expect(stdout).toMatch(/tier: +ManualOnly/);
    }
    expect((await call('never:heard', '--level', 'identity')).stdout).toMatch(/tier: +HumanApprove/);
  });

  it('denies a tier that is looser than the policy’s, and keeps a stricter one', async () => {
    const looser = await call('invoice:create', '--tier', 'Auto', '--level', 'enforced');
    expect(looser).toMatchObject({ code: 5, stdout: expect.stringContaining('needs the tier HumanApprove') as string });
    const stricter = await call('invoice:create', '--tier', 'ManualOnly', '--level', 'enforced');
    expect(stricter.code).toBe(0);
    expect(stricter.stdout).toMatch(/tier: +ManualOnly/);
  });

  it('answers as JSON', async () => {
    const { code, stdout } = await call('ticket:udpate', '--level', 'enforced', '--json');
    expect(code).toBe(5);
    expect(JSON.parse(stdout)).toEqual({
      ...{ workspaceId: 'ws-acme', agent: 'sales-bot', tool: 'ticket:udpate', nearest: 'ticket:update' },
      ...{ decision: 'deny', mode: 'enforce', tier: 'HumanApprove', reason: 'PolicyBlocked' },
      policyHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      detail: expect.stringContaining('is not on the allowlist') as string,
    });
  });

  describe('of a stack that is rolled back', () => {
    let dir: string;
    beforeEach(() => {
      dir = mkdtempSync(join(tmpdir(), 'allowlist-'));
      cpSync('stacks', dir, { recursive: true });
    });
    afterEach(() => rmSync(dir, { recursive: true }));

    it('is in shadow below the level', async () => {
      const path = join(dir, 'Pulumi.ws-acme.yaml');
      const file = parseDocument(readFileSync(path, 'utf8'));
      const enforcement = { level: 'enforced', rollback: { to: 2 } };
      file.setIn(['config', 'portarium:enforcement'], file.createNode(enforcement));
      writeFileSync(path, file.toString());
      const { code, stdout } = await call('crm:export', '--stacks', dir);
      expect(stdout).toContain('shadow (level enforced, rollback 2)');
      expect(code).toBe(0);
    });
  });

  it.each([
    [['--agent', 'sales-bott', '--tool', 'a:b'], 'workspace "ws-acme" has no agent "sales-bott". Allowed: sales-bot'],
    [['--agent', 'sales-bot', '--tool', 'a:b', '--tier', 'auto'], 'Allowed: Auto, Assisted, HumanApprove, ManualOnly.'],
    [['--agent', 'sales-bot'], "required option '--tool <name>' not specified"],
  ])('is a usage error of %j', async (args, words) => {
    const { code, stderr } = await check(...args);
    expect(stderr).toContain(words);
    expect(code).toBe(2);
  });
});

describe('allowlist', () => {
  it('is of workspaces only', async () => {
    const args = ['--agent', 'a', '--tool', 'b:c'];
    const { code, stderr } = await enforce('allowlist', 'check', '--stack', 'platform', ...args);
    expect(stderr).toContain('"platform" is the platform’s stack; only workspaces have an allowlist.');
    expect(code).toBe(2);
  });

  it.each([[[]], [['--reason', 'too short', '--ticket', 'T-1']], [['--reason', 'long enough a reason']]])(
    'approve wants a reason and a ticket, before it asks a cluster: %j',
    async (args) => {
      const { code, stderr } = await enforce('allowlist', 'approve', '--stack', 'ws-acme', ...args);
      expect(stderr).toContain('an approval needs --reason (at least ten characters) and --ticket');
      expect(code).toBe(2);
    },
  );

  it('shows a change in lines', () => {
    const lines = diffLines({
      allowedTools: [
        { tool: 'a:a', after: 'Auto' },
        { tool: 'b:b', before: 'Auto' },
        { tool: 'c:c', before: 'Auto', after: 'HumanApprove' },
      ],
      blastRadius: [{ tool: 'd:d', after: 'ManualOnly' }],
      others: [{ field: 'approvers', before: ['bob'], after: ['carol'] }],
    });
    expect(lines).toEqual([
      '  + allowlist: a:a Auto',
      '  - allowlist: b:b Auto',
      '  ~ allowlist: c:c Auto -> HumanApprove',
      '  + blast radius: d:d ManualOnly',
      '  ~ approvers: ["bob"] -> ["carol"]',
    ]);
    expect(diffLines({ allowedTools: [], blastRadius: [], others: [] })).toEqual(['  nothing differs']);
  });
});
