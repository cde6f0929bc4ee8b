import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { packageRoot, projectOf } from '../../src/bridge/pulumi-project.js';

test('the checkout’s own stacks are deployed from the checkout', () => {
  const project = projectOf(join(packageRoot(), 'stacks'));
  expect(project.dir).toBe(packageRoot());
  project.remove();
  expect(existsSync(join(packageRoot(), 'Pulumi.yaml'))).toBe(true);
});

test('a copy of the stacks gets a project of links, which leaves them and the checkout alone', () => {
  const stacks = mkdtempSync(join(tmpdir(), 'portarium-stacks-'));
  const project = projectOf(stacks);
  try {
    const { main, stackConfigDir } = parse(readFileSync(join(project.dir, 'Pulumi.yaml'), 'utf8')) as Record<
      string,
      string
    >;
    expect(stackConfigDir).toBe('stacks');
    expect(main).toBe('dist/src/program.js');
    expect(realpathSync(join(project.dir, stackConfigDir!))).toBe(realpathSync(stacks));
    expect(realpathSync(join(project.dir, 'node_modules'))).toBe(realpathSync(join(packageRoot(), 'node_modules')));
    project.remove();
    expect(existsSync(project.dir)).toBe(false);
    expect(existsSync(stacks)).toBe(true);
  } finally {
    rmSync(stacks, { recursive: true });
  }
});
