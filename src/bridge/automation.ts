import { delimiter, join } from 'node:path';
import type { OpMap, Stack, UpdateSummary } from '@pulumi/pulumi/automation/index.js';
import { failure, PulumiFailed } from './pulumi-failure.js';
import { historyOf, type PulumiHistoryEntry } from './pulumi-history.js';
import { packageRoot, projectOf } from './pulumi-project.js';

export { PulumiFailed } from './pulumi-failure.js';
export { tryFindPulumi, type PulumiPaths } from './pulumi-find.js';

export interface PulumiOptions {
  /** Stack name, as in `Pulumi.<stack>.yaml`. */
  readonly stack: string;
  /** Folder of the stack files; the CLI writes its config changes there. */
  readonly stacksDir: string;
  /** For example `file:///tmp/state`. @default - PULUMI_BACKEND_URL, else where `pulumi login` points */
  readonly backend?: string;
  /** Kept in the update's record. @default none */
  readonly message?: string;
  /** What the CLI prints. */
  readonly onOutput?: (text: string) => void;
  /** More for the CLI's environment, for example KUBECONFIG. @default - this process's */
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Folder of the compiled program. @default - the checkout's `dist` */
  readonly dist?: string;
}

/** Number of resources by operation: `create`, `update`, `delete`, `same` … */
export interface PulumiResult {
  readonly changes: Readonly<Record<string, number>>;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly ms: number;
}

/** `pulumi up`, without asking; the stack is made in the backend if there is none. Throws PulumiFailed. */
export const upStack = (options: PulumiOptions): Promise<PulumiResult> =>
  withStack(options, async (stack, shared) => {
    const { summary, outputs } = await stack.up(shared);
    return {
      changes: changesOf(summary),
      outputs: Object.fromEntries(Object.entries(outputs).map(([key, { value }]) => [key, value as unknown])),
    };
  });

/** `pulumi preview`. Throws PulumiFailed. */
export const previewStack = (options: PulumiOptions): Promise<Pick<PulumiResult, 'changes' | 'ms'>> =>
  withStack(options, async (stack, shared) => {
    const { changeSummary } = await stack.preview(shared);
    return { changes: counted(changeSummary) };
  });

/** `pulumi refresh`: the state becomes what is live, as far as the provider can see. Throws PulumiFailed. */
export const refreshStack = (options: PulumiOptions): Promise<Pick<PulumiResult, 'changes' | 'ms'>> =>
  withStack(options, async (stack, shared) => ({ changes: changesOf((await stack.refresh(shared)).summary) }));

/**
 * `pulumi destroy`. What is kept (baseline, guards, namespaces, definitions, policies) leaves the state and stays in the
 * cluster, for the next update to adopt. The baseline's protection is lifted in the state first: `--exclude-protected`
 * would spare what it depends on too, and that includes what opens something. Throws PulumiFailed.
 */
export const destroyStack = (options: PulumiOptions): Promise<Pick<PulumiResult, 'changes' | 'ms'>> =>
  withStack(options, async (stack, shared) => {
    const exported = await stack.exportStack();
    const { resources = [] } = exported.deployment as { resources?: { protect?: boolean }[] };
    for (const resource of resources) delete resource.protect;
    await stack.importStack(exported);
    return { changes: changesOf((await stack.destroy(shared)).summary) };
  });

/** What the workspace's stack was brought to by its updates, oldest first; empty when there is no such stack. */
export async function stackHistory(
  stack: string,
  stacksDir: string,
  options: Omit<PulumiOptions, 'stack' | 'stacksDir'> = {},
): Promise<readonly PulumiHistoryEntry[]> {
  try {
    const { records } = await withStack(
      { ...options, stack, stacksDir },
      async (found) => ({ records: await found.history(undefined, undefined, false) }),
      'existing',
    );
    return historyOf(records);
  } catch (error) {
    if (error instanceof PulumiFailed && error.reason === 'no such stack') return [];
    throw error;
  }
}

interface SharedOptions {
  readonly color: 'never';
  readonly message?: string;
  readonly onOutput?: (text: string) => void;
  readonly signal?: AbortSignal;
}

async function withStack<Result extends object>(
  options: PulumiOptions,
  act: (stack: Stack, shared: SharedOptions) => Promise<Result>,
  existing?: 'existing',
): Promise<Result & { readonly ms: number }> {
  // Loading the SDK takes a good part of a second, which commands that do not deploy must not pay.
  const { LocalWorkspace, Stack } = await import('@pulumi/pulumi/automation/index.js');
  const { stack: name, stacksDir, message, onOutput, signal, dist } = options;
  const project = projectOf(stacksDir, dist === undefined ? {} : { dist });
  const started = performance.now();
  try {
    const workspace = await LocalWorkspace.create({ workDir: project.dir, envVars: environment(options) });
    const stack = await (existing ? Stack.select(name, workspace) : Stack.createOrSelect(name, workspace));
    const shared = {
      color: 'never',
      ...(message && { message }),
      ...(onOutput && { onOutput }),
      ...(signal && { signal }),
    };
    return { ...(await act(stack, shared as SharedOptions)), ms: performance.now() - started };
  } catch (error) {
    throw await failure(name, error);
  } finally {
    project.remove();
  }
}

function environment({ backend, env = {} }: PulumiOptions): Record<string, string> {
  const url = backend ?? process.env['PULUMI_BACKEND_URL'];
  const set = (key: string): boolean => (env[key] ?? process.env[key]) !== undefined;
  // Nothing in these stacks is secret, and the CLI asks for a passphrase even so.
  const passphrase =
    url?.startsWith('file:') && !set('PULUMI_CONFIG_PASSPHRASE') && !set('PULUMI_CONFIG_PASSPHRASE_FILE');
  return {
    PULUMI_SKIP_UPDATE_CHECK: 'true',
    // The provider of dynamic resources comes with the SDK; the CLI's own installation has one too, which goes first.
    PATH: [process.env['PATH'], join(packageRoot(), 'node_modules', '@pulumi', 'pulumi')]
      .filter(Boolean)
      .join(delimiter),
    ...(backend === undefined ? {} : { PULUMI_BACKEND_URL: backend }),
    ...(passphrase ? { PULUMI_CONFIG_PASSPHRASE: '' } : {}),
    ...env,
  };
}

const changesOf = ({ resourceChanges }: UpdateSummary): Readonly<Record<string, number>> => counted(resourceChanges);

const counted = (changes: OpMap = {}): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(changes).map(([operation, count = 0]) => [operation, count]));
