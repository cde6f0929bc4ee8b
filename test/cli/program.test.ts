import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createProgram } from '../../src/cli/program.js';
import { enforce } from './run.js';

const names = (await createProgram()).commands.map((command) => command.name());

describe('the command line', () => {
  it.each(names)('%s explains itself', async (name) => {
    const { code, stdout } = await enforce(name, '--help');
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: enforce ${name}`);
  });

  it.each([
    {
      args: ['plan', '--stack', 'ws-acmee'],
      says: 'no such stack file. Allowed: platform, ws-acme, ws-globex. Did you mean "ws-acme"?',
    },
    { args: ['plan', '--stack', 'ws-acme', '--level', 'enforce'], says: 'Did you mean "enforced"?' },
    { args: ['plan', '--stack', 'platform', '--level', 'enforced'], says: 'has no level; leave out --level' },
    { args: ['rollback', '--stack', 'ws-acme', '--to', '5'], says: 'Allowed: 1, 2, 3, full, previous.' },
    { args: ['rollback', '--stack', 'ws-acme'], says: 'where to? Use --to 1|2|3|full|previous, or --undo.' },
    { args: ['rollback', '--stack', 'ws-acme', '--to', '1'], says: 'a relaxation needs --reason and --ticket' },
    {
      args: [
        'rollback',
        '--stack',
        'ws-acme',
        '--to',
        '1',
        '--reason',
        'long enough',
        '--ticket',
        'T-1',
        '--engine',
        'apply',
      ],
      says: 'goes down to level "allowlist", but the workspace is at "routing". There is nothing to roll back.',
    },
    { args: ['relax', '--stack', 'ws-acme', '--control', 'dns'], says: 'Allowed: authz, mtls, allowlist, egress.' },
    {
      args: ['relax', '--stack', 'ws-acme', '--control', 'egress', '--expires', '241'],
      says: 'Allowed: 1 to 240 minutes',
    },
    { args: ['teleport'], says: "unknown command 'teleport'" },
  ])('usage errors end with 2 and say what is allowed: $args', async ({ args, says }) => {
    const { code, stderr } = await enforce(...args);
    expect(stderr).toContain(says);
    expect(code).toBe(2);
  });

  it('says errors as JSON too', async () => {
    const { code, stdout } = await enforce('plan', '--stack', 'nobody', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ exitCode: 2, error: expect.stringContaining('no such stack file') });
    expect(code).toBe(2);
  });

  it('says where no cluster can be found', async () => {
    const { code, stderr } = await enforce('status', '--kubeconfig', '/nonexistent/kubeconfig');
    expect(code).toBe(1);
    expect(stderr).toContain('/nonexistent/kubeconfig');
  });
});

describe('plan between levels', () => {
  it('shows controls and every object that changes', async () => {
    const { code, stdout } = await enforce('plan', '--stack', 'ws-acme', '--level', 'enforced', '--against', 'routing');
    expect(code).toBe(0);
    expect(stdout).toContain('ws-acme: routing -> enforced');
    expect(stdout).toMatch(/authz +shadow +-> +enforce/);
    expect(stdout).toMatch(/egress +shadow +-> +enforce\n/);
    expect(stdout).toContain('agents-ws-acme-open-egress  closes egress');
    expect(stdout).toContain('0 to create, 6 to update, 4 to delete, 13 unchanged');
  });

  it('answers as JSON', async () => {
    const { stdout } = await enforce('plan', '--stack', 'ws-acme', '--level', 'authz', '--against', 'authz', '--json');
    const plan = JSON.parse(stdout) as { changes: { action: string }[] };
    expect(new Set(plan.changes.map(({ action }) => action))).toEqual(new Set(['unchanged']));
  });
});

describe('render', () => {
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'render-'))));
  afterEach(() => rmSync(dir, { recursive: true }));

  it('writes one file per object and removes those of another level', async () => {
    await enforce('render', '--stack', 'ws-acme', '--out', dir);
    expect(readdirSync(dir)).toContain('NetworkPolicy.portarium-agents.agents-ws-acme-open-egress.yaml');
    await enforce('render', '--stack', 'ws-acme', '--level', 'enforced', '--out', dir);
    const files = readdirSync(dir);
    expect(files.filter((name) => name.includes('open-'))).toEqual([]);
    const baseline = parse(
      readFileSync(join(dir, 'NetworkPolicy.portarium-agents.agent-deny-default-ws-acme.yaml'), 'utf8'),
    );
    expect(baseline.spec).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [], egress: [] });
  });

  it('refuses a folder that holds anything else', async () => {
    writeFileSync(join(dir, 'thesis.txt'), 'years of work');
    const { code, stderr } = await enforce('render', '--stack', 'ws-acme', '--out', dir);
    expect(code).toBe(2);
    expect(stderr).toContain('holds files that render did not write: thesis.txt');
    expect(readdirSync(dir)).toEqual(['thesis.txt']);
  });
});
