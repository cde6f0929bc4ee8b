import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { Cluster } from '../../bridge/cluster.js';
import { planLive } from '../../bridge/plan-live.js';
import { approveRelaxation, listRelaxations } from '../../bridge/relaxations.js';
import { statusOf } from '../../bridge/status.js';
import { editEnforcement } from '../../config/edit.js';
import { loadStack, type Stack } from '../../config/load.js';
import {
  BUILT,
  CONTROLS,
  LEVELS,
  modesAt,
  relaxedBy,
  ROLLBACK_TARGETS,
  type Control,
  type Level,
} from '../../model/levels.js';
import { changeLines, controlTable } from '../changes.js';
import { deploy, deployedLine, resolveEngine, type Engine } from '../engine.js';
import { CliError, EXIT } from '../exit-codes.js';
import { createOutput, duration, table, type Output } from '../output.js';
import { relaxStack, undoRelaxing } from '../relaxing.js';
import { printAttempts } from './attempts.js';
import { printReach } from './reachability.js';
import { openStage, type Stage } from './stage.js';
import { createStandIns } from './stand-ins.js';

interface DemoOptions {
  readonly stacks: string;
  readonly engine: Engine;
}

interface Effect {
  readonly step: string;
  readonly control: Control;
  readonly effect: string;
  readonly ms: number;
}

const WORKSPACE = 'ws-acme';
const OTHER = 'ws-globex';
const AGENT = 'sales-bot';

export function demoCommand(program: Command): void {
  program
    .command('demo')
    .summary('the main job on a lab: a workspace up the ladder and down again')
    .description(
      'Starts a real Kubernetes control plane on loopback, deploys the platform and both sample workspaces from a copy of the stack files, takes ws-acme from routing through every level to enforced, rolls it back through 1, 2, 3 and full, and comes back. The first run builds the servers, about six minutes on two cores.',
    )
    .option('--stacks <dir>', 'folder of the stack files; they are copied, never changed', 'stacks')
    .option('--engine <name>', 'pulumi, apply or auto', 'auto' as Engine)
    .action(async (options: DemoOptions) => {
      const output = createOutput(false);
      const engine = resolveEngine(options.engine);
      const started = performance.now();
      const stage = await openStage(options.stacks, output);
      try {
        output.line(
          `engine: ${engine === 'pulumi' ? 'pulumi up on a file:// backend' : 'enforce apply (no Pulumi with the kubernetes plugin on PATH)'}`,
        );
        await new Demo(stage, engine, output).run();
        output.line(`\ndemo done in ${duration(performance.now() - started)}`);
      } finally {
        await stage.close();
      }
    });
}

/** One run through the ladder. A step that does not do what it must ends the demo with exit code 5. */
class Demo {
  readonly #effects: Effect[] = [];
  readonly #stage: Stage;
  readonly #engine: 'pulumi' | 'apply';
  readonly #output: Output;

  constructor(stage: Stage, engine: 'pulumi' | 'apply', output: Output) {
    this.#stage = stage;
    this.#engine = engine;
    this.#output = output;
  }

  async run(): Promise<void> {
    const { admin } = this.#stage;
    await this.#deploy(
      'platform',
      'platform-deployer',
      'The platform: CRDs, namespaces, principals, guards, its own default deny',
    );
    await createStandIns(admin, loadStack('platform', { dir: this.#stage.stacks }).platform);
    await this.#letMalloryIn();
    await this.#deploy(OTHER, `${OTHER}-deployer`, 'A second workspace, to see that nobody else notices');
    const before = await this.#fingerprint(OTHER);
    await this.#deploy(
      WORKSPACE,
      `${WORKSPACE}-deployer`,
      `${WORKSPACE} at routing: agents are asked to go through the control plane`,
    );
    await this.#look();
    for (const level of LEVELS.slice(1)) await this.#climb(level);
    for (const to of Object.keys(ROLLBACK_TARGETS) as (keyof typeof ROLLBACK_TARGETS)[]) await this.#rollback(to);
    await this.#comeBack();
    if ((await this.#fingerprint(OTHER)) !== before) throw failed(`${OTHER} changed although only ${WORKSPACE} moved`);
    this.#output.line(`\n${OTHER} is as it was: no object of it changed.`);
    this.#summary();
  }

  /** Plans, deploys and shows one stack. */
  async #deploy(stack: string, user: string, title: string): Promise<number> {
    this.#title(title);
    const cluster = await this.#as(user);
    try {
      const config = this.#load(stack);
      const plan = await planLive(cluster, stack, config);
      if (plan.refusals.length > 0) throw failed(plan.refusals.join('\n'));
      if (config.kind === 'workspace') {
        const now = plan.reached === undefined ? undefined : modesAt(plan.reached);
        this.#output.line(`${controlTable(now, modesAt(config.workspace.level))}\n`);
      }
      const lines = changeLines(plan.changes);
      const shown =
        lines.length > 40 ? [...lines.slice(0, 30), `  … ${lines.length - 31} more lines`, lines.at(-1) ?? ''] : lines;
      for (const line of shown) this.#output.line(`  ${line}`);
      const started = performance.now();
      const deployed = await deploy(this.#engine, cluster, { stack, stacks: this.#stage.stacks }, quiet(this.#output));
      this.#output.line(`  ${deployedLine(deployed)}`);
      return started;
    } finally {
      cluster.close();
    }
  }

  async #climb(level: Level): Promise<void> {
    editEnforcement(this.#stage.stacks, WORKSPACE, { level });
    const started = await this.#deploy(WORKSPACE, `${WORKSPACE}-deployer`, `${WORKSPACE} up to ${level}`);
    const gained = CONTROLS.filter(
      (control) => modesAt(level)[control] === 'enforce' && modesAt(below(level))[control] === 'shadow',
    );
    for (const control of gained) await this.#observe(`up to ${level}`, control, 'closed', started);
    await this.#look();
  }

  /** Alice of the deployers asks, Bob approves, the engine runs: the commands of the command line. */
  async #rollback(to: keyof typeof ROLLBACK_TARGETS): Promise<void> {
    this.#title(`${WORKSPACE} rolled back: --to ${to} (the runbook’s way down to ${ROLLBACK_TARGETS[to]})`);
    const approving = this.#approveNext();
    const started = performance.now();
    await relaxStack(this.#relaxingOptions(), (relaxation) => ({
      rollback: { to, ...(relaxation && { relaxation }) },
    }));
    const approvedAt = await approving;
    for (const control of relaxedBy('enforced', ROLLBACK_TARGETS[to])) {
      await this.#observe(`rollback --to ${to}`, control, 'open', Math.max(started, approvedAt));
    }
    await this.#look();
  }

  async #comeBack(): Promise<void> {
    this.#title(`${WORKSPACE} up again: rollback --undo`);
    const started = performance.now();
    await undoRelaxing(this.#relaxingOptions());
    for (const control of CONTROLS) await this.#observe('rollback --undo', control, 'closed', started);
    await this.#look();
  }

  #relaxingOptions() {
    return {
      stack: WORKSPACE,
      stacks: this.#stage.stacks,
      kubeconfig: this.#stage.kubeconfigFor(`${WORKSPACE}-deployer`),
      reason: 'demo: a system of record rejects the workers’ calls',
      ticket: 'INC-0001',
      approvedBy: 'bob',
      expires: 60,
      wait: 30,
      engine: this.#engine,
    };
  }

  /** Approves, as Bob, the next Relaxation that is asked for; resolves with the time of the approval. */
  async #approveNext(): Promise<number> {
    const bob = await this.#as('bob');
    try {
      for (let attempt = 0; attempt < 300; attempt += 1) {
        const asked = (await listRelaxations(bob, WORKSPACE)).find(({ state }) => state === 'requested');
        if (asked) {
          await approveRelaxation(bob, asked.name);
          return performance.now();
        }
        await sleep(100);
      }
    } finally {
      bob.close();
    }
    throw failed('nobody asked for a Relaxation within 30 s');
  }

  /** Waits until the API shows the control's effect, by the live objects; a control that is not built has none. */
  async #observe(step: string, control: Control, wanted: 'open' | 'closed', started: number): Promise<void> {
    if (!BUILT.has(control)) return;
    const config = this.#load(WORKSPACE);
    if (config.kind === 'platform') return;
    for (let attempt = 0; attempt < 600; attempt += 1) {
      const { changes, live } = await planLive(this.#stage.admin, WORKSPACE, config);
      const opening = [...live.values()].some((object) => object.metadata.labels?.['portarium.io/opens'] === control);
      const leftovers = changes.some(({ opens, action }) => opens === control && action !== 'unchanged');
      if (!leftovers && opening === (wanted === 'open')) {
        this.#effects.push({ step, control, effect: wanted, ms: performance.now() - started });
        return;
      }
      await sleep(100);
    }
    throw failed(`${control} was not ${wanted} 60 s after ${step}`);
  }

  /** What an agent may reach, what is refused, and what is in force. */
  async #look(): Promise<void> {
    const config = this.#load(WORKSPACE);
    if (config.kind === 'platform') return;
    await printReach(this.#stage.admin, config.workspace, AGENT, this.#output);
    const mallory = await this.#as('mallory');
    try {
      const admitted = await printAttempts(mallory, config.workspace, this.#output);
      if (admitted.length > 0) throw failed(`admitted although it must be refused: ${admitted.join(', ')}`);
    } finally {
      mallory.close();
    }
    const { controls } = await statusOf(this.#stage.admin, config);
    this.#output.line('\n  in force:');
    this.#output.line(
      table(
        CONTROLS.map((control) => [control, controls[control].verdict, controls[control].note]),
        '    ',
      ),
    );
  }

  /** Mallory is an admin of the agents' namespace, so that admission, not RBAC, is what refuses. */
  async #letMalloryIn(): Promise<void> {
    const config = this.#load(WORKSPACE);
    if (config.kind === 'platform') return;
    await this.#stage.admin.apply({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'demo-mallory', namespace: config.workspace.namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'admin' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'mallory' }],
    });
  }

  /** Every object of a stack with its resourceVersion-free content, as one string. */
  async #fingerprint(stack: string): Promise<string> {
    const { live } = await planLive(this.#stage.admin, stack, this.#load(stack));
    return JSON.stringify(
      [...live].map(([key, { metadata, status: _status, ...content }]) => [key, metadata.uid, content]).sort(),
    );
  }

  #summary(): void {
    this.#title('Time to effect, observed through the API');
    const rows = this.#effects.map(({ step, control, effect, ms }) => [step, control, effect, duration(ms)]);
    const notBuilt = CONTROLS.filter((control) => !BUILT.has(control)).map((control) => [
      '',
      control,
      'not built',
      '-',
    ]);
    this.#output.line(table([['step', 'control', 'effect', 'time'], ...rows, ...notBuilt], '  '));
  }

  #load = (stack: string): Stack => loadStack(stack, { dir: this.#stage.stacks });
  #as = (user: string): Promise<Cluster> => {
    const kubeconfig = this.#stage.kubeconfigFor(user);
    process.env['KUBECONFIG'] = kubeconfig;
    return Cluster.connect({ kubeconfig });
  };
  #title = (text: string): void => this.#output.line(`\n── ${text}\n`);
}

const below = (level: Level): Level => LEVELS[LEVELS.indexOf(level) - 1] ?? 'routing';

const failed = (message: string): CliError => new CliError(EXIT.policy, message);

/** The same output without progress lines: the demo shows the plan instead. */
const quiet = (output: Output): Output => ({ ...output, progress: () => undefined });
