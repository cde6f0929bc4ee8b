import { vi, type Mock } from 'vitest';
import type { Snapshot } from '../../src/cli/snapshot.js';
import { fileOf, runScript } from './script.js';
import { zip } from './zip.js';

export const HEAD_SHA = '0123456789abcdef0123456789abcdef01234567';
const FORK = { id: 7, owner: { login: 'fork' } };
const REPOSITORY = { id: 1, private: true };

export interface Artifact {
  readonly id: number;
  readonly name: string;
  readonly expired?: boolean;
  readonly size_in_bytes?: number;
  readonly archive?: Buffer;
}

export interface Comment {
  readonly id: number;
  readonly user: { readonly login: string } | null;
  readonly body?: string;
}

export const pull = (number: number, more: { headSha?: string; headRepo?: number | null; baseRepo?: number } = {}) => ({
  number,
  head: { sha: more.headSha ?? HEAD_SHA, repo: more.headRepo === null ? null : { id: more.headRepo ?? FORK.id } },
  base: { repo: { id: more.baseRepo ?? REPOSITORY.id } },
});

export const archiveOf = (snapshot: Snapshot | string, number: string = '12'): Buffer =>
  zip([
    { name: 'snapshot.json', data: typeof snapshot === 'string' ? Buffer.from(snapshot) : fileOf(snapshot) },
    { name: 'pull-request.txt', data: Buffer.from(number) },
  ]);

export const artifacts = (base: Snapshot | string, head: Snapshot | string, number?: string): readonly Artifact[] => [
  { id: 1, name: 'preview-base', archive: archiveOf(base, number) },
  { id: 2, name: 'preview-head', archive: archiveOf(head, number) },
];

export interface World {
  readonly artifacts: readonly Artifact[];
  readonly pulls?: readonly ReturnType<typeof pull>[];
  readonly comments?: readonly Comment[];
  readonly run?: object;
  readonly repository?: object;
  /** What GitHub answers to a download. */
  readonly downloadError?: Error;
}

export interface Outcome {
  readonly created: readonly { readonly issue_number: number; readonly body: string }[];
  readonly updated: readonly { readonly comment_id: number; readonly body: string }[];
  readonly failed: readonly string[];
  /** Everything that the script wrote to the log. */
  readonly logged: readonly string[];
  /** What was asked of GitHub, by method. */
  readonly asked: readonly string[];
  readonly pullsAsked: unknown;
}

/** Runs the script in a world of GitHub; any method that is not here is one that the script must not call. */
export async function runIn(world: World): Promise<Outcome> {
  const asked: string[] = [];
  const method = <T>(name: string, answer: (parameters: Record<string, unknown>) => T): Mock =>
    vi.fn((parameters: Record<string, unknown>) => {
      asked.push(name);
      return Promise.resolve({ data: answer(parameters) });
    });
  const find = (id: unknown) => {
    if (world.downloadError) throw world.downloadError;
    const { archive } = world.artifacts.find((artifact) => artifact.id === id) ?? {};
    if (archive === undefined) throw new Error('no such artifact');
    return archive.buffer.slice(archive.byteOffset, archive.byteOffset + archive.length);
  };
  const rest = {
    pulls: { list: method('pulls.list', () => world.pulls ?? [pull(12)]) },
    issues: {
      listComments: method('issues.listComments', () => world.comments ?? []),
      createComment: method('issues.createComment', () => ({})),
      updateComment: method('issues.updateComment', () => ({})),
    },
    actions: {
      listWorkflowRunArtifacts: method('actions.listWorkflowRunArtifacts', () => ({
        artifacts: world.artifacts.map(({ archive, ...artifact }) => ({
          size_in_bytes: archive?.length ?? 0,
          ...artifact,
        })),
      })),
      downloadArtifact: method('actions.downloadArtifact', ({ artifact_id }) => find(artifact_id)),
    },
  };
  const paginate = async (call: Mock, parameters: object): Promise<unknown> =>
    ((await call(parameters)) as { data: unknown }).data;
  const core = { info: vi.fn(), setFailed: vi.fn() };
  const context = {
    repo: { owner: 'portarium', repo: 'enforcement' },
    payload: {
      repository: { ...REPOSITORY, ...world.repository },
      workflow_run: {
        id: 99,
        event: 'pull_request',
        head_sha: HEAD_SHA,
        head_branch: 'feature',
        head_repository: FORK,
        ...world.run,
      },
    },
  };
  await runScript({ rest, paginate }, context, core);
  const calls = (mock: Mock): unknown[] => mock.mock.calls.map(([first]) => first as unknown);
  return {
    created: calls(rest.issues.createComment) as Outcome['created'],
    updated: calls(rest.issues.updateComment) as Outcome['updated'],
    failed: calls(core.setFailed) as string[],
    logged: [...calls(core.info), ...calls(core.setFailed)] as string[],
    asked,
    pullsAsked: calls(rest.pulls.list)[0],
  };
}
