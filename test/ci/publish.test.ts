import { afterEach, describe, expect, test, vi } from 'vitest';
import { takeSnapshot } from '../../src/cli/snapshot.js';
import { archiveOf, artifacts, pull, runIn } from './github.js';
import { loadParts } from './script.js';
import { configMap, snapshot, workspace } from './snapshots.js';
import { zip } from './zip.js';

const { REASONS, LIMITS } = await loadParts();
const base = snapshot(workspace([configMap('a')]));
const head = snapshot(workspace([configMap('a'), configMap('b')], { level: 'authz' }));
const good = artifacts(base, head);
const MARKER = '<!-- portarium-preview -->';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('a preview that can be read', () => {
  test('becomes one comment on the pull request', async () => {
    const { created, updated, failed } = await runIn({ artifacts: good });
    expect(created).toEqual([
      expect.objectContaining({ issue_number: 12, body: expect.stringContaining('routing → **authz**') as string }),
    ]);
    expect([updated, failed]).toEqual([[], []]);
    expect(created[0]?.body.startsWith(`${MARKER}\n`)).toBe(true);
  });

  test('takes the place of the last one', async () => {
    const mine = { id: 5, user: { login: 'github-actions[bot]' }, body: `${MARKER}\nold` };
    const { created, updated } = await runIn({ artifacts: good, comments: [mine] });
    expect(created).toEqual([]);
    expect(updated).toEqual([expect.objectContaining({ comment_id: 5 })]);
  });

  test.each([
    ['somebody else’s with the marker', { id: 5, user: { login: 'mallory' }, body: `${MARKER}\nmine` }],
    ['an account’s that is gone', { id: 5, user: null, body: `${MARKER}\nmine` }],
    ['another of the bot’s', { id: 5, user: { login: 'github-actions[bot]' }, body: `see ${MARKER}` }],
    ['one without text', { id: 5, user: { login: 'github-actions[bot]' } }],
  ])('leaves every other comment alone: %s', async (_, comment) => {
    const { created, updated } = await runIn({ artifacts: good, comments: [comment] });
    expect([created.length, updated.length]).toEqual([1, 0]);
  });

  test('is read from the newest artifact, when the run was repeated', async () => {
    const old = artifacts('{}', '{}').map((artifact) => ({ ...artifact, id: artifact.id + 10 }));
    const newer = good.map((artifact) => ({ ...artifact, id: artifact.id + 20 }));
    expect((await runIn({ artifacts: [...old, ...newer] })).failed).toEqual([]);
    expect((await runIn({ artifacts: [...newer, ...old] })).failed).toEqual([]);
  });

  test('of the sample stacks has room', async () => {
    const sample = takeSnapshot('stacks');
    const { created, failed } = await runIn({ artifacts: artifacts(sample, sample) });
    expect(failed).toEqual([]);
    expect(created[0]?.body).toContain('no changes in 3 stacks');
  });

  test.each([
    ['private', undefined, true],
    ['private', 'counts', false],
    ['private', 'nonsense', true],
    ['public', undefined, false],
    ['public', '', false],
    ['public', 'objects', true],
  ])('on a %s repository with PREVIEW_DETAIL %s lists objects: %s', async (visibility, variable, listed) => {
    vi.stubEnv('PREVIEW_DETAIL', variable);
    const { created } = await runIn({ artifacts: good, repository: { private: visibility === 'private' } });
    expect(created[0]?.body.includes('ConfigMap agents/b')).toBe(listed);
  });
});

describe('the pull request', () => {
  test('is found by the run’s head, not by the artifact', async () => {
    const { pullsAsked } = await runIn({ artifacts: good });
    expect(pullsAsked).toMatchObject({ state: 'open', head: 'fork:feature' });
  });

  test.each([
    ['with another head by now', pull(12, { headSha: 'f'.repeat(40) })],
    ['of another fork', pull(12, { headRepo: 8 })],
    ['of a fork that is gone', pull(12, { headRepo: null })],
    ['into another repository', pull(12, { baseRepo: 2 })],
  ])('%s gets no comment', async (_, candidate) => {
    const { created, failed, asked } = await runIn({ artifacts: good, pulls: [candidate] });
    expect([created, failed, asked]).toEqual([[], [], ['pulls.list']]);
  });

  test.each([
    ['another event', { event: 'push' }],
    ['a fork that is gone', { head_repository: null }],
  ])('of a run with %s is not looked for', async (_, run) => {
    expect((await runIn({ artifacts: good, run })).asked).toEqual([]);
  });

  test.each([['13'], ['1'], ['012'], ['12.0'], ['0x0c'], ['12\n13'], [''], ['NaN'], ['12'.repeat(20)]])(
    'is not the one that an artifact names with %j',
    async (number) => {
      const { created, failed } = await runIn({ artifacts: artifacts(base, head, number) });
      expect(failed).toEqual([`Preview could not be read: ${REASONS['number']}.`]);
      expect(created).toEqual([
        expect.objectContaining({ issue_number: 12, body: expect.stringContaining(REASONS['number']!) as string }),
      ]);
    },
  );

  test('is chosen by the artifact only among those of the same head', async () => {
    const pulls = [pull(12), pull(14), pull(15, { headSha: 'f'.repeat(40) })];
    const comment = async (number: string) =>
      (await runIn({ artifacts: artifacts(base, head, number), pulls })).created;
    expect(await comment('14')).toEqual([expect.objectContaining({ issue_number: 14 })]);
    expect(await comment('15')).toEqual([]);
  });

  test('is none where two have the head and no artifact says which', async () => {
    const { created, failed } = await runIn({ artifacts: [], pulls: [pull(12), pull(14)] });
    expect(created).toEqual([]);
    expect(failed).toEqual([`Preview could not be read: ${REASONS['missing']}.`]);
  });
});

describe('a preview that cannot be read', () => {
  const [baseArtifact, headArtifact] = good as [(typeof good)[number], (typeof good)[number]];
  const secret = 'hostile-text';
  const huge = Buffer.alloc(LIMITS['artifactBytes']! + 1);
  const withHead = (archive: Buffer) => [baseArtifact, { ...headArtifact, archive }];

  test.each<[string, Parameters<typeof runIn>[0]['artifacts'], string]>([
    ['no artifact', [], 'missing'],
    ['no base', [headArtifact], 'missing'],
    ['no head', [baseArtifact], 'missing'],
    ['an expired one', [baseArtifact, { ...headArtifact, expired: true }], 'missing'],
    [
      'one that is said to be too large',
      [baseArtifact, { ...headArtifact, size_in_bytes: LIMITS['artifactBytes']! + 1 }],
      'size',
    ],
    ['one that is too large', withHead(Buffer.alloc(LIMITS['artifactBytes']! + 1)), 'size'],
    [
      'one that is larger than it is said to be',
      [baseArtifact, { ...headArtifact, archive: huge, size_in_bytes: 1 }],
      'size',
    ],
    ['no archive', withHead(Buffer.from(secret)), 'archive'],
    [
      'an archive of something else',
      withHead(zip([{ name: '../../etc/passwd', data: Buffer.from(secret) }])),
      'archive',
    ],
    ['no JSON', withHead(archiveOf(`{"${secret}`)), 'json'],
    ['another version', withHead(archiveOf(`{"version":2,"${secret}":1}`)), 'version'],
    ['another shape', withHead(archiveOf(`{"version":1,"${secret}":1}`)), 'shape'],
    ['deep nesting', withHead(archiveOf('['.repeat(100_000))), 'depth'],
  ])('(%s) is said so in fixed words, and the job fails', async (_, found, reason) => {
    const { created, failed, logged } = await runIn({ artifacts: found });
    expect(failed).toEqual([`Preview could not be read: ${REASONS[reason]}.`]);
    expect(created[0]?.body).toBe(
      `${MARKER}\n### Preview could not be read\n\nPreview could not be read: ${REASONS[reason]}.\n\nCommit \`0123456789ab\`.\n`,
    );
    expect(logged.join()).not.toContain(secret);
  });

  test('replaces the last preview, which is no longer true', async () => {
    const mine = { id: 5, user: { login: 'github-actions[bot]' }, body: `${MARKER}\nold` };
    const { updated } = await runIn({ artifacts: [], comments: [mine] });
    expect(updated).toEqual([expect.objectContaining({ comment_id: 5 })]);
  });

  test('for a defect of the script is said to be one, without what it was', async () => {
    const { created, failed, logged } = await runIn({ artifacts: good, downloadError: new TypeError(secret) });
    expect(failed).toEqual([`Preview could not be read: ${REASONS['internal']}.`]);
    expect(created).toHaveLength(1);
    expect(logged.join() + created[0]?.body).not.toContain(secret);
  });

  test('because of GitHub’s own answer is no comment, but an error', async () => {
    const downloadError = Object.assign(new Error('rate limit'), { status: 403 });
    await expect(runIn({ artifacts: good, downloadError })).rejects.toThrow('rate limit');
  });
});
