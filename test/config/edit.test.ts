import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { editEnforcement } from '../../src/config/edit.js';
import { loadStack } from '../../src/config/load.js';

describe('an edit of enforcement', () => {
  let dir: string;
  const text = (): string => readFileSync(join(dir, 'Pulumi.ws-acme.yaml'), 'utf8');
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'edit-'));
    cpSync('stacks', dir, { recursive: true });
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('changes the level and keeps comments', () => {
    editEnforcement(dir, 'ws-acme', { level: 'enforced' });
    expect(loadStack('ws-acme', { dir })).toMatchObject({ workspace: { level: 'enforced' } });
    expect(text()).toContain("# The runbook's document as it stands");
  });

  it('sets a rollback, replaces it by a relaxation, and removes both', () => {
    editEnforcement(dir, 'ws-acme', { level: 'enforced', relaxing: { rollback: { to: '2', relaxation: 'r-1' } } });
    expect(loadStack('ws-acme', { dir })).toMatchObject({
      workspace: { relaxing: { controls: ['allowlist', 'egress'], relaxation: 'r-1', as: 'rollback 2' } },
    });
    editEnforcement(dir, 'ws-acme', { relaxing: { relax: { controls: ['mtls'] } } });
    expect(text()).not.toContain('rollback');
    editEnforcement(dir, 'ws-acme', { relaxing: undefined });
    expect(loadStack('ws-acme', { dir })).not.toHaveProperty('workspace.relaxing');
  });

  it('that would not load changes nothing', () => {
    const before = text();
    expect(() => editEnforcement(dir, 'ws-acme', { relaxing: { rollback: { to: '1' } } })).toThrow(
      'There is nothing to roll back.',
    );
    expect(text()).toBe(before);
  });
});
