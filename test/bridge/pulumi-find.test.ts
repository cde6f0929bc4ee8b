import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { tryFindPulumi } from '../../src/bridge/automation.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portarium-find-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function executable(name: string, mode = 0o755): string {
  const path = join(folder, name);
  writeFileSync(path, '#!/bin/sh\n');
  chmodSync(path, mode);
  return path;
}

test('both the CLI and the kubernetes plugin are on PATH', () => {
  const cli = executable('pulumi');
  const kubernetesPlugin = executable('pulumi-resource-kubernetes');
  expect(tryFindPulumi({ PATH: ['/nonexistent', folder, ''].join(delimiter) })).toEqual({ cli, kubernetesPlugin });
});

test('one of them alone is not enough: the CLI would download the other', () => {
  executable('pulumi');
  expect(tryFindPulumi({ PATH: folder })).toBeUndefined();
  expect(tryFindPulumi({})).toBeUndefined();
});

test('a file that cannot be executed, or a folder of that name, is none', () => {
  executable('pulumi', 0o644);
  mkdirSync(join(folder, 'pulumi-resource-kubernetes'));
  expect(tryFindPulumi({ PATH: folder })).toBeUndefined();
});
