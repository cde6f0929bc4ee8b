import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseDocument } from 'yaml';
import { startLab, type Lab } from '../../../lab/cluster.js';
import { labUsers } from '../../../lab/users.js';
import { tryFindPulumi, upStack, type PulumiResult } from '../../../src/bridge/automation.js';
import { applyStack, type ApplyResult } from '../../../src/bridge/apply.js';
import { Cluster } from '../../../src/bridge/cluster.js';
import { preflight } from '../../../src/bridge/preflight.js';
import { packageRoot, projectOf, type Project } from '../../../src/bridge/pulumi-project.js';
import { loadStack } from '../../../src/config/load.js';
import { LABELS } from '../../../src/model/names.js';

const run = promisify(execFile);

/** In the name of every test that cannot run without the engine. */
export const NEEDS = '[needs pulumi]';
export const isThere = tryFindPulumi() !== undefined;

/** Who deploys each stack. The first deployment of a platform makes the rights that later ones use. */
const DEPLOYERS: Readonly<Record<string, string>> = {
  platform: 'platform-admin',
  'ws-acme': 'ws-acme-deployer',
  'ws-globex': 'ws-globex-deployer',
};

/** A lab, the compiled program, a copy of `stacks/` and a backend, all of this test file's own. */
export interface Bench {
  readonly lab: Lab;
  readonly stacksDir: string;
  /** Options of the automation functions for a stack and its deployer. */
  options(stack: string): Parameters<typeof upStack>[0];
  up(stack: string): Promise<PulumiResult>;
  /** The same stack by server-side apply, as its config says now. */
  apply(stack: string): Promise<ApplyResult>;
  preview(stack: string): Promise<Digest>;
  /** The Pulumi CLI as a person would call it. Rejects with its output. */
  pulumi(stack: string, ...args: string[]): Promise<string>;
  /** Writes `enforcement` into the stack's file. */
  configure(stack: string, enforcement: unknown): void;
  cluster(user: string): Promise<Cluster>;
  end(): Promise<void>;
}

/** What is read of `pulumi preview --json`. */
export interface Digest {
  readonly steps: readonly {
    readonly op: string;
    readonly urn: string;
    readonly oldState?: { readonly protect?: boolean; readonly inputs?: { metadata?: Labelled } };
    readonly newState?: { readonly inputs?: { metadata?: Labelled } };
  }[];
  readonly diagnostics?: readonly { readonly message: string; readonly severity: string }[];
}

interface Labelled {
  readonly labels?: Readonly<Record<string, string>>;
}

export async function startBench(): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'portarium-pulumi-test-'));
  const lab = await startLab({
    users: [...labUsers, { name: 'platform-admin', groups: ['system:masters', 'portarium:platform-deployers'] }],
  });
  const clusters: Cluster[] = [];
  const root = packageRoot();
  const dist = join(folder, 'build', 'dist');
  const stacksDir = join(folder, 'stacks');
  const backend = `file://${join(folder, 'state')}`;
  mkdirSync(join(folder, 'state'));
  cpSync(join(root, 'stacks'), stacksDir, { recursive: true });
  await compile(root, dist);
  const project: Project = projectOf(stacksDir, { dist });

  const environment = (stack: string): Record<string, string> => ({
    KUBECONFIG: lab.kubeconfigFor(DEPLOYERS[stack]!),
    PULUMI_HOME: join(folder, 'home'),
  });
  const options: Bench['options'] = (stack) => ({ stack, stacksDir, backend, dist, env: environment(stack) });
  const pulumi: Bench['pulumi'] = async (stack, ...args) => {
    const { stdout } = await run('pulumi', [...args, '--stack', stack, '--non-interactive', '--color', 'never'], {
      cwd: project.dir,
      maxBuffer: 2 ** 26,
      env: {
        ...process.env,
        ...environment(stack),
        PULUMI_BACKEND_URL: backend,
        PULUMI_CONFIG_PASSPHRASE: '',
        PULUMI_SKIP_UPDATE_CHECK: 'true',
      },
    }).catch((error: unknown) => {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      throw Object.assign(new Error(`pulumi ${args.join(' ')}:\n${stderr}\n${stdout.slice(-2000)}`), { stdout });
    });
    return stdout;
  };
  const cluster: Bench['cluster'] = async (user) => {
    const kubeconfig = user === 'admin' ? lab.kubeconfig : lab.kubeconfigFor(user);
    const connected = await Cluster.connect({ kubeconfig });
    clusters.push(connected);
    return connected;
  };

  return {
    lab,
    stacksDir,
    options,
    pulumi,
    cluster,
    up: (stack) => upStack(options(stack)),
    preview: async (stack) => {
      const digest = JSON.parse(await pulumi(stack, 'preview', '--json').catch(outputOf)) as Digest;
      const errors = (digest.diagnostics ?? []).filter(({ severity }) => severity === 'error');
      if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
      return digest;
    },
    apply: async (stack) => {
      const config = loadStack(stack, { dir: stacksDir });
      const connected = await cluster(DEPLOYERS[stack]!);
      const { objects } = await preflight(connected, config);
      return applyStack(connected, stack, objects);
    },
    configure: (stack, enforcement) => {
      const path = join(stacksDir, `Pulumi.${stack}.yaml`);
      const document = parseDocument(readFileSync(path, 'utf8'));
      document.setIn(['config', 'portarium:enforcement'], document.createNode(enforcement));
      writeFileSync(path, document.toString());
    },
    end: async () => {
      for (const connected of clusters) connected.close();
      await lab.stop();
      project.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What a CLI that failed wrote nevertheless. */
const outputOf = (error: unknown): string => (error as { stdout: string }).stdout;

/** The program as it stands now, not as it was when `dist` was last built. Types are checked elsewhere. */
async function compile(root: string, dist: string): Promise<void> {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const args = [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', dist, '--noCheck'];
  await run(process.execPath, args, { cwd: root });
  if (!existsSync(join(dist, 'src', 'program.js'))) throw new Error(`${dist} was not compiled`);
  symlinkSync(join(root, 'node_modules'), join(dist, '..', 'node_modules'));
  cpSync(join(root, 'package.json'), join(dist, '..', 'package.json'));
}

/** Names of the live policies that open something for ws-acme, in whatever namespace, sorted. */
export async function openings(cluster: Cluster): Promise<readonly string[]> {
  const kind = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' };
  const labels = `${LABELS.opens},${LABELS.workspace}=ws-acme`;
  return (await cluster.list(kind, { labels })).map(({ metadata }) => metadata.name).sort();
}

export const BASELINE = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'agent-deny-default-ws-acme', namespace: 'portarium-agents' },
};
