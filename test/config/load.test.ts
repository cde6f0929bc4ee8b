import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { editEnforcement } from '../../src/config/edit.js';
import { loadStack, loadStacks } from '../../src/config/load.js';
import { ConfigError } from '../../src/config/messages.js';
import { parseStackFile } from '../../src/config/stack-file.js';
import { lineOf, refusal, stacksWith } from './stacks.js';

const reason = (load: () => unknown): string => {
  try {
    load();
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('the config was accepted');
};

describe('the committed stacks', () => {
  const { platform, workspaces } = loadStacks({ dir: 'stacks' });

  it('load, with the runbook’s workspace in the runbook’s namespace', () => {
    expect(platform.stack).toBe('platform');
    expect(workspaces.map(({ id, namespace }) => [id, namespace])).toEqual([
      ['ws-acme', 'portarium-agents'],
      ['ws-globex', 'portarium-agents-globex'],
    ]);
  });

  it('hold the runbook’s allowlist as it stands there', () => {
    const runbook = {
      workspaceId: 'ws-acme',
      allowedTools: [
        { tool: 'invoice:create', tier: 'HumanApprove' },
        { tool: 'invoice:read', tier: 'Auto' },
        { tool: 'ticket:update', tier: 'Assisted' },
        { tool: 'contact:create', tier: 'Assisted' },
      ],
      defaultAction: 'Deny',
    };
    expect(workspaces[0]!.allowlist).toEqual(runbook);
  });

  it('have three agents of different type and risk, one of them sales-bot', () => {
    const { agents } = workspaces[0]!;
    expect(agents.map(({ name }) => name)).toContain('sales-bot');
    expect(new Set(agents.map(({ type }) => type)).size).toBe(3);
    expect(new Set(agents.map(({ risk }) => risk)).size).toBe(3);
  });

  it('start at routing', () => {
    for (const { level, relaxing } of workspaces) expect([level, relaxing]).toEqual(['routing', undefined]);
  });
});

describe('a stack', () => {
  it('is a platform or a workspace by its kind, never by its name', () => {
    const dir = stacksWith();
    renameSync(join(dir, 'Pulumi.platform.yaml'), join(dir, 'Pulumi.zeta.yaml'));
    renameSync(join(dir, 'Pulumi.ws-acme.yaml'), join(dir, 'Pulumi.platform.yaml'));
    expect(loadStack('zeta', { dir })).toMatchObject({ kind: 'platform', platform: { stack: 'zeta' } });
    expect(loadStack('platform', { dir })).toMatchObject({ kind: 'workspace', workspace: { id: 'ws-acme' } });
  });

  it('is read at another level without its rollback', () => {
    const dir = stacksWith([
      'ws-acme',
      'level: routing',
      'level: enforced\n    rollback: { to: 1, relaxation: inc-1 }',
    ]);
    expect(loadStack('ws-acme', { dir })).toMatchObject({
      workspace: {
        level: 'enforced',
        relaxing: { controls: ['egress'], relaxation: 'inc-1', as: 'rollback 1' },
      },
    });
    const at = loadStack('ws-acme', { dir, level: 'identity' });
    expect(at).toMatchObject({ workspace: { level: 'identity' } });
    expect(at).not.toHaveProperty('workspace.relaxing');
  });

  it.each([
    ['rollback: { to: 1 }', { controls: ['egress'], as: 'rollback 1' }],
    ['rollback: { to: "2" }', { controls: ['allowlist', 'egress'], as: 'rollback 2' }],
    ['rollback: { to: 3 }', { controls: ['mtls', 'allowlist', 'egress'], as: 'rollback 3' }],
    ['rollback: { to: full }', { controls: ['authz', 'mtls', 'allowlist', 'egress'], as: 'rollback full' }],
    ['relax: { controls: [egress, authz, egress] }', { controls: ['authz', 'egress'], as: 'relax authz, egress' }],
    ['relax: { controls: [mtls], relaxation: x }', { controls: ['mtls'], as: 'relax mtls', relaxation: 'x' }],
  ])('with %s leaves those controls in shadow', (key, relaxing) => {
    const dir = stacksWith(['ws-acme', 'level: routing', `level: enforced\n    ${key}`]);
    expect(loadStack('ws-acme', { dir })).toMatchObject({ workspace: { relaxing } });
  });

  it('takes defaults for what is left out', () => {
    const dir = stacksWith(
      ['platform', '  portarium:trustDomain: portarium.io\n', ''],
      ['platform', '  portarium:guards: deny\n', ''],
      ['platform', '  portarium:network:\n    cilium: false\n    clusterNetworkPolicy: true\n', ''],
    );
    const { platform, workspaces } = loadStacks({ dir });
    expect(platform).toMatchObject({
      guards: 'audit',
      trustDomain: 'portarium.io',
      network: { cilium: false, clusterNetworkPolicy: false },
    });
    expect(workspaces[1]!.agents[0]).toMatchObject({ replicas: 1, listens: [] });
    expect(workspaces[1]!.systemsOfRecord[0]!.ports).toEqual([443]);
  });

  it('of the platform has no level', () => {
    expect(reason(() => loadStack('platform', { dir: 'stacks', level: 'enforced' }))).toBe(
      `stacks/${lineOf('platform', 'portarium:kind')}: kind: "platform" is the platform’s stack and has no level; leave out --level.`,
    );
  });

  it('without a file is refused, with the nearest one', () => {
    expect(reason(() => loadStack('ws-acne', { dir: 'stacks' }))).toBe(
      'stacks/Pulumi.ws-acne.yaml: no such stack file. Allowed: platform, ws-acme, ws-globex. Did you mean "ws-acme"?',
    );
    expect(reason(() => loadStack('ws-acme', { dir: 'no/stacks' }))).toBe(
      'no/stacks: no such folder. Name the folder of the stack files with --stacks.',
    );
  });

  it('whose name does not fit a label is refused, since every object carries it', () => {
    const dir = stacksWith();
    renameSync(join(dir, 'Pulumi.ws-globex.yaml'), join(dir, `Pulumi.ws-${'x'.repeat(61)}.yaml`));
    expect(refusal(dir)).toContain('does not fit a label: at most 63 letters, digits, "-", "_" and ".".');
  });

  it('of a workspace whose id leaves no room for its DNS server’s name is refused', () => {
    const id = `ws-${'x'.repeat(51)}`;
    const dir = stacksWith(['platform', 'id: ws-globex', `id: ${id}`]);
    const path = join(dir, 'Pulumi.ws-globex.yaml');
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(': ws-globex', `: ${id}`));
    expect(refusal(dir)).toBe(
      `${lineOf('ws-globex', 'id: ws-globex')}: workspace.id: "${id}" is too long. At most 53 characters.`,
    );
  });

  it('may be given by the engine instead of its file', () => {
    const dir = stacksWith();
    const text = readFileSync('stacks/Pulumi.ws-acme.yaml', 'utf8').replace('level: routing', 'level: identity');
    const replace = parseStackFile(text, 'engine', 'ws-acme');
    expect(loadStack('ws-acme', { dir, replace })).toMatchObject({ workspace: { level: 'identity' } });
    expect(loadStack('ws-globex', { dir, replace })).toMatchObject({ workspace: { id: 'ws-globex' } });
  });

  it('with Pulumi’s own keys is read without them', () => {
    const dir = stacksWith([
      'ws-acme',
      'config:',
      'encryptionsalt: v1:x\nconfig:\n  pulumi:disable-default-providers: ["*"]',
    ]);
    expect(loadStack('ws-acme', { dir })).toMatchObject({ workspace: { id: 'ws-acme' } });
  });
});

describe('a config that cannot be parsed', () => {
  it('changes nothing: the edit of a level that does not exist leaves the file as it was', () => {
    const dir = stacksWith();
    const path = join(dir, 'Pulumi.ws-acme.yaml');
    const before = readFileSync(path, 'utf8');
    expect(() => editEnforcement(dir, 'ws-acme', { level: 'enforce' })).toThrow(ConfigError);
    expect(readFileSync(path, 'utf8')).toBe(before);
  });

  it('of one stack stops every other of the folder, as they are checked against each other', () => {
    const dir = stacksWith(['ws-globex', 'level: routing', 'level: none']);
    expect(() => loadStack('ws-acme', { dir })).toThrow(ConfigError);
  });
});
