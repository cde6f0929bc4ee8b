import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { SCRIPT } from './script.js';

interface Step {
  readonly name?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

interface Job {
  readonly if?: string;
  readonly needs?: string;
  readonly environment?: string;
  readonly permissions?: unknown;
  readonly env?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly name: string;
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

const DIR = '.github/workflows';
const FILES = readdirSync(DIR).sort();
const text = (file: string): string => readFileSync(join(DIR, file), 'utf8');

function workflow(file: string): Workflow {
  const document = parseDocument(text(file), { uniqueKeys: true });
  expect([...document.errors, ...document.warnings]).toEqual([]);
  return document.toJS() as Workflow;
}

const steps = (file: string): readonly Step[] => Object.values(workflow(file).jobs).flatMap((job) => job.steps);
const scripts = (file: string): readonly string[] =>
  steps(file).flatMap(({ run, with: inputs }) =>
    [run, inputs?.['script']].filter((script) => typeof script === 'string'),
  );

test('there are these workflows', () => {
  expect(FILES).toEqual(['ci.yml', 'preview-comment.yml', 'preview.yml', 'pulumi-preview.yml']);
});

describe.each(FILES)('%s', (file) => {
  test('names its permissions, of the whole workflow only', () => {
    const { permissions, jobs } = workflow(file);
    const expected =
      file === 'preview-comment.yml' ? { actions: 'read', 'pull-requests': 'write' } : { contents: 'read' };
    expect(permissions).toEqual(expected);
    for (const job of Object.values(jobs)) expect(job).not.toHaveProperty('permissions');
  });

  test('never runs a fork’s code with this repository’s token', () => {
    expect(workflow(file).on).not.toHaveProperty('pull_request_target');
  });

  test('has no expression inside of a script', () => {
    for (const script of scripts(file)) expect(script).not.toContain('${{');
  });

  test('pins every action by commit, and says of which version', () => {
    const uses = text(file).match(/uses: .*/g) ?? [];
    expect(uses).toHaveLength(steps(file).filter((step) => step.uses !== undefined).length);
    for (const line of uses) expect(line).toMatch(/^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test('leaves no token behind in a checkout', () => {
    for (const { uses, with: inputs } of steps(file)) {
      if (uses?.startsWith('actions/checkout@')) expect(inputs).toMatchObject({ 'persist-credentials': false });
    }
  });

  test('ends', () => {
    for (const job of Object.values(workflow(file).jobs)) expect(job).toHaveProperty('timeout-minutes');
  });
});

test('one action has one version', () => {
  const uses = FILES.flatMap((file) => text(file).match(/uses: .*/g) ?? []);
  const actions = [...new Set(uses)].map((line) => line.split('@')[0]);
  expect(actions).toEqual([...new Set(actions)]);
});

describe('ci', () => {
  test('runs what .ci/run runs', () => {
    expect(workflow('ci.yml').on).toEqual({ push: { branches: ['main'] }, pull_request: null });
    expect(scripts('ci.yml')).toEqual(['.ci/run']);
  });
});

describe('the untrusted preview', () => {
  test('runs on pull requests only, without secrets, variables, caches and environments', () => {
    expect(workflow('preview.yml').on).toEqual({ pull_request: null });
    expect(text('preview.yml')).not.toMatch(/secrets\.|vars\.|github\.token|actions\/cache|cache: npm|environment:/);
    for (const { uses, with: inputs } of steps('preview.yml')) {
      if (uses?.startsWith('actions/setup-node@')) expect(inputs).toMatchObject({ 'package-manager-cache': false });
    }
  });

  test('installs and renders each side in its own folder', () => {
    const inFolder = steps('preview.yml').filter(({ run }) => run !== undefined);
    for (const step of inFolder) expect(step).toHaveProperty('working-directory', '${{ matrix.side }}');
    expect(inFolder.some(({ run }) => run === 'npm ci')).toBe(true);
  });
});

describe('the trusted comment', () => {
  const [step, ...more] = steps('preview-comment.yml');

  test('follows the untrusted preview by its name', () => {
    expect(workflow('preview-comment.yml').on).toEqual({
      workflow_run: { workflows: [workflow('preview.yml').name], types: ['completed'] },
    });
  });

  test('checks nothing out, runs no command and takes no secret', () => {
    expect(more).toEqual([]);
    expect(step?.uses).toMatch(/^actions\/github-script@/);
    expect(step).not.toHaveProperty('run');
    expect(step?.env).toEqual({ PREVIEW_DETAIL: '${{ vars.PREVIEW_DETAIL }}' });
    expect(text('preview-comment.yml')).not.toContain('secrets.');
  });

  test('runs ci/preview-comment.js; `node ci/inline.js` copies it', () => {
    expect(step?.with).toEqual({ script: SCRIPT });
  });

  test('has a script that can do nothing but read, compute and comment', () => {
    expect(SCRIPT).not.toMatch(
      /\brequire\(|\bimport\b|\beval\b|child_process|node:fs|\bfetch\(|\bexec\b|core\.summary/,
    );
    const builtins = SCRIPT.match(/getBuiltinModule\('[^']*'\)/g);
    expect(builtins).toEqual(["getBuiltinModule('node:zlib')", "getBuiltinModule('node:crypto')"]);
    // Linux takes no longer value of one environment variable, and that is how the script reaches the action.
    expect(Buffer.byteLength(SCRIPT)).toBeLessThan(128 * 1024);
  });

  test('is made of runs of pull requests that came to an end', () => {
    const { jobs } = workflow('preview-comment.yml');
    expect(jobs['comment']?.if).toBe(
      `github.event.workflow_run.event == 'pull_request' && contains(fromJSON('["success", "failure", "timed_out"]'), github.event.workflow_run.conclusion)`,
    );
  });
});

describe('the preview with credentials', () => {
  const { on, jobs } = workflow('pulumi-preview.yml');

  test('runs on main, by hand, or for a labelled branch of this repository', () => {
    expect(on).toEqual({ push: { branches: ['main'] }, pull_request: { types: ['labeled'] }, workflow_dispatch: null });
    expect(jobs['stacks']?.if).toBe(
      `vars.PULUMI_PREVIEW == 'on' && (github.event_name != 'pull_request' || (github.event.label.name == 'pulumi-preview' && github.event.pull_request.head.repo.full_name == github.repository))`,
    );
    expect(jobs['preview']?.needs).toBe('stacks');
  });

  test('has secrets in one step of one job, which an environment protects', () => {
    expect(jobs['preview']?.environment).toBe('pulumi-preview');
    for (const [name, job] of Object.entries(jobs)) {
      const withSecrets = job.steps.filter((step) => JSON.stringify(step).includes('secrets.'));
      expect(withSecrets.map(({ env }) => env?.['STACK'])).toEqual(name === 'preview' ? ['${{ matrix.stack }}'] : []);
      expect(JSON.stringify(job.env ?? {})).not.toContain('secrets.');
    }
  });

  test('uses the pulumi of PATH, of the SDK’s version', () => {
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const install = jobs['preview']?.steps.find(({ uses }) => uses?.startsWith('pulumi/actions@'));
    expect(install?.with).toEqual({ 'pulumi-version': dependencies['@pulumi/pulumi'] });
    expect(scripts('pulumi-preview.yml').at(-1)).toContain(
      `npm exec -c 'pulumi preview --stack "$STACK" --diff --non-interactive --suppress-outputs'`,
    );
  });
});
