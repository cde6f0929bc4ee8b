import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { run } from '../../src/cli/program.js';
import { entryOf, takeSnapshot, type StackSnapshot } from '../../src/cli/snapshot.js';
import { canonicalJson, sha256 } from '../../src/model/canonical.js';
import { LABELS } from '../../src/model/names.js';
import { atLevel, snapshotOf, stacksFolder } from './snapshots.js';

const find = (stacks: readonly StackSnapshot[], name: string): Exclude<StackSnapshot, { error: string }> => {
  const found = stacks.find(({ stack }) => stack === name);
  if (found === undefined || 'error' in found) throw new Error(`${name}: ${found?.error ?? 'missing'}`);
  return found;
};

describe('the snapshot of the sample stacks', () => {
  const sample = takeSnapshot('stacks');

  test('holds every stack, with what its kind has', () => {
    expect(sample.stacks.map(({ stack }) => stack)).toEqual(['platform', 'ws-acme', 'ws-globex']);
    expect(find(sample.stacks, 'platform')).toMatchObject({ kind: 'platform', guards: 'deny' });
    expect(find(sample.stacks, 'ws-acme')).toMatchObject({
      kind: 'workspace',
      level: 'routing',
      policyHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
    expect(find(sample.stacks, 'ws-acme')).not.toHaveProperty('relaxing');
  });

  test('says of each object its key, its hash, what it opens and why it is kept', () => {
    const { objects } = find(sample.stacks, 'ws-acme');
    const open = objects.find(({ key }) => key.endsWith('/agents-ws-acme-open-egress'));
    const baseline = objects.find(({ key }) => key.endsWith('/agent-deny-default-ws-acme'));
    expect(open).toMatchObject({ opens: 'egress' });
    expect(open).not.toHaveProperty('keep');
    expect(baseline).toMatchObject({ keep: 'baseline' });
    for (const { hash, object } of objects) expect(hash).toBe(sha256(object));
  });

  test('sorts objects by key, without repeating one', () => {
    for (const { objects } of [find(sample.stacks, 'platform'), find(sample.stacks, 'ws-acme')]) {
      const keys = objects.map(({ key }) => key);
      expect(keys).toEqual([...new Set(keys)].sort());
    }
  });

  test('is the same text for the same folder, wherever it stands', () => {
    expect(canonicalJson(takeSnapshot(stacksFolder()))).toBe(canonicalJson(sample));
  });
});

test('a workspace that relaxes says which controls, and by what', () => {
  const { stacks } = snapshotOf({ 'ws-acme': atLevel('enforced', '\n    rollback: { to: 1, relaxation: rel-1 }') });
  expect(find(stacks, 'ws-acme')).toMatchObject({
    level: 'enforced',
    relaxing: { as: 'rollback 1', controls: ['egress'], relaxation: 'rel-1' },
  });
});

describe('a stack that cannot be rendered', () => {
  test('has its error and leaves the others rendered', () => {
    const { stacks } = snapshotOf({ 'ws-acme': atLevel('enforcd') });
    expect(stacks.find(({ stack }) => stack === 'ws-acme')).toEqual({
      stack: 'ws-acme',
      error: expect.stringMatching(
        /Pulumi\.ws-acme\.yaml:\d+: enforcement\.level: "enforcd".*Did you mean "enforced"/,
      ) as string,
    });
    expect(find(stacks, 'ws-globex').objects.length).toBeGreaterThan(0);
    expect(find(stacks, 'platform').objects.length).toBeGreaterThan(0);
  });

  test('is the one whose file disagrees with the others', () => {
    const { stacks } = snapshotOf({ 'ws-globex': (text) => text.replace('support-bot\n', 'sales-bot\n') });
    expect(stacks.find(({ stack }) => stack === 'ws-globex')).toHaveProperty(
      'error',
      expect.stringContaining('service account "sales-bot" is claimed by workspace "ws-acme" already'),
    );
    expect(find(stacks, 'ws-acme').objects.length).toBeGreaterThan(0);
  });

  test.each([
    ['is missing', () => undefined],
    ['does not parse', () => 'config: ['],
  ])('without a platform’s stack that can be read (%s) no workspace is rendered', (_, edit) => {
    const { stacks } = snapshotOf({ platform: edit });
    expect(stacks.filter((stack) => !('error' in stack))).toEqual([]);
    expect(stacks.find(({ stack }) => stack === 'ws-acme')).toEqual({
      stack: 'ws-acme',
      error: 'the platform’s stack, on which this one stands, is not readable.',
    });
  });
});

test('values of a Secret are neither shown nor hashed', () => {
  const secret = (value: string) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'token', labels: { [LABELS.keep]: 'policy' } },
    type: 'Opaque',
    data: { password: value },
    stringData: { key: value },
  });
  const entry = entryOf(secret('aHVudGVyMg=='));
  expect(entry.object).toEqual({
    ...secret(''),
    data: { password: '(redacted)' },
    stringData: { key: '(redacted)' },
  });
  expect(entry.hash).toBe(entryOf(secret('b3RoZXI=')).hash);
  expect(entry.hash).not.toBe(entryOf({ ...secret(''), data: { other: '' } }).hash);
});

describe('enforce snapshot', () => {
  afterEach(() => {
    process.exitCode = undefined;
    vi.restoreAllMocks();
  });

  const outFile = (): string => {
    const dir = mkdtempSync(join(tmpdir(), 'snapshot-'));
    onTestFinished(() => rmSync(dir, { recursive: true }));
    return join(dir, 'snapshot.json');
  };

  test('writes the document', async () => {
    vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const out = outFile();
    expect(await run(['snapshot', '--stacks', 'stacks', '--out', out])).toBe(0);
    expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual(JSON.parse(JSON.stringify(takeSnapshot('stacks'))));
  });

  test('writes it with errors in it too, and then ends with 2', async () => {
    const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const out = outFile();
    const dir = stacksFolder({ 'ws-acme': atLevel('nonsense') });
    expect(await run(['snapshot', '--stacks', dir, '--out', out, '--json'])).toBe(2);
    const { stacks } = JSON.parse(readFileSync(out, 'utf8')) as { stacks: StackSnapshot[] };
    expect(stacks.filter((stack) => 'error' in stack).map(({ stack }) => stack)).toEqual(['ws-acme']);
    expect(JSON.parse(String(written.mock.calls[0]?.[0]))).toMatchObject({ out, errors: [{ stack: 'ws-acme' }] });
    expect(String(told.mock.calls[0]?.[0])).toContain('"nonsense" is not allowed');
  });
});
