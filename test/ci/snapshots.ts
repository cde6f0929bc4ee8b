import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { entryOf, takeSnapshot, type Snapshot, type StackSnapshot } from '../../src/cli/snapshot.js';
import type { KubeObject } from '../../src/model/kube-object.js';

/** A copy of the sample stacks, edited, for the length of a test. */
export function stacksFolder(edits: Readonly<Record<string, (text: string) => string | undefined>> = {}): string {
  const dir = mkdtempSync(join(tmpdir(), 'stacks-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  cpSync('stacks', dir, { recursive: true });
  for (const [stack, edit] of Object.entries(edits)) {
    const file = join(dir, `Pulumi.${stack}.yaml`);
    const text = edit(readFileSync(file, 'utf8'));
    if (text === undefined) rmSync(file);
    else writeFileSync(file, text);
  }
  return dir;
}

export const snapshotOf = (edits: Parameters<typeof stacksFolder>[0] = {}): Snapshot =>
  takeSnapshot(stacksFolder(edits));

export const atLevel =
  (level: string, more = '') =>
  (text: string): string =>
    text.replace('level: routing', `level: ${level}${more}`);

/** A workspace stack of these objects, as a hostile head may write it. */
export const workspace = (objects: readonly KubeObject[], more: object = {}): StackSnapshot => ({
  stack: 'ws-acme',
  kind: 'workspace',
  level: 'routing',
  policyHash: 'a'.repeat(64),
  objects: objects.map(entryOf),
  ...more,
});

export const configMap = (name: string, more: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'agents' },
  ...more,
});

export const snapshot = (...stacks: readonly StackSnapshot[]): Snapshot => ({ version: 1, stacks });
