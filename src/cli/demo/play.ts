import { setTimeout as sleep } from 'node:timers/promises';
import type { LabPrometheus } from '../../../lab/prometheus.js';
import { planLive } from '../../bridge/plan-live.js';
import { approveRelaxation, listRelaxations } from '../../bridge/relaxations.js';
import { editEnforcement } from '../../config/edit.js';
import { loadStack, type Stack } from '../../config/load.js';
import { CONTROLS, LEVELS, modesAt, relaxedBy, ROLLBACK_TARGETS } from '../../model/levels.js';
import type { Control, Level, Mode, RollbackTarget } from '../../model/levels.js';
import { changeLines, controlTable } from '../changes.js';
import { deploy, deployedLine } from '../engine.js';
import { CliError, EXIT } from '../exit-codes.js';
import { duration, table, type Output } from '../output.js';
import { relaxStack, undoRelaxing } from '../relaxing.js';
import { Calls } from './calls.js';
import { effectAt, OPENING, settled, type Wanted } from './effects.js';
import { Look } from './look.js';
import { probeOf } from './probes.js';
import { report, watchFront } from './evidence.js';
import type { Stage } from './stage.js';
import { createStandIns } from './stand-ins.js';

const WORKSPACE = 'ws-acme';
const NAMESPACE = 'portarium-agents';
const OTHER = 'ws-globex';
const PLATFORM = 'The platform: CRDs, namespaces, principals, guards, its own default deny';

const SIDECARS = 'The platform again, now that the api-server and the workers are there: they get their sidecars';

/** What calls without an SVID meet once an effect is there. */
const MODE_OF: Readonly<Record<string, Mode | undefined>> = { closed: 'enforce', open: 'shadow' };

/** One run through the ladder. A step that does not do what it must ends the demo with exit code 5. */
export class Play {
  readonly #effects: (readonly [step: string, control: string, effect: string, time: string])[] = [];
  readonly #stage: Stage;
  readonly #engine: 'pulumi' | 'apply';
  readonly #output: Output;
  readonly #look: Look;
  readonly #reports: string;
  #calls: Calls | undefined;
  #prometheus: LabPrometheus | undefined;

  /** @param reports folder, new or empty, for the evidence and the report at the end */
  constructor(stage: Stage, engine: 'pulumi' | 'apply', reports: string, output: Output) {
    this.#stage = stage;
    this.#engine = engine;
    this.#reports = reports;
    this.#output = output;
    this.#look = new Look(stage, output);
    process.env['PULUMI_BACKEND_URL'] = stage.backend;
  }

  async run(): Promise<void> {
    await this.#deploy('platform', 'platform-deployer', PLATFORM);
    await createStandIns(await this.#stage.admin(), this.#load('platform').platform);
    await this.#stage.letCastIn();
    await this.#deploy('platform', 'platform-deployer', SIDECARS);
    await this.#deploy(OTHER, `${OTHER}-deployer`, 'A second workspace, to see that nobody else notices');
    const before = await this.#fingerprint(OTHER);
    await this.#approve();
    await this.#climb('routing', `${WORKSPACE} at routing: agents are asked to go through the control plane`);
    for (const level of LEVELS.slice(1)) await this.#climb(level, `${WORKSPACE} up to ${level}`);
    for (const to of Object.keys(ROLLBACK_TARGETS) as RollbackTarget[]) await this.#rollback(to);
    await this.#comeBack();
    if ((await this.#fingerprint(OTHER)) !== before) {
      throw new CliError(EXIT.policy, `${OTHER} changed although only ${WORKSPACE} moved`);
    }
    this.#look.finish();
    this.#output.line(`${OTHER} is as it was: no object of it changed.`);
    this.#summary();
  }

  /** Plans, deploys and shows one stack. */
  async #deploy(stack: string, user: 'platform-deployer' | 'ws-acme-deployer' | 'ws-globex-deployer', title: string) {
    this.#title(title);
    // Pulumi's provider is told by the environment whose cluster it is.
    process.env['KUBECONFIG'] = this.#stage.kubeconfigFor(user);
    const cluster = await this.#stage.as(user);
    const config = this.#load(stack);
    const plan = await planLive(cluster, stack, config);
    if (plan.refusals.length > 0) throw new CliError(EXIT.policy, plan.refusals.join('\n'));
    if (config.kind === 'workspace') {
      const now = plan.reached === undefined ? undefined : modesAt(plan.reached);
      this.#output.line(`${controlTable(now, modesAt(config.workspace.level))}\n`);
    }
    const lines = changeLines(plan.changes);
    const shown =
      lines.length > 40 ? [...lines.slice(0, 30), `  … ${lines.length - 31} more lines`, lines.at(-1) ?? ''] : lines;
    for (const line of shown) this.#output.line(`  ${line}`);
    const deployed = await deploy(this.#engine, cluster, { stack, stacks: this.#stage.stacks }, quiet(this.#output));
    this.#output.line(`  ${deployedLine(deployed)}`);
  }

  /** Above routing, what agents may do is what an admin of the allowlists has approved; the deployer cannot. */
  async #approve(): Promise<void> {
    this.#title(`Dana approves what the agents of ${WORKSPACE} may do: allowlist approve`);
    const { name, policyHash, approvedBy, reason } = await this.#stage.approve(WORKSPACE);
    this.#output.line(`  ${name}: ${policyHash} by ${approvedBy}, ${reason}`);
  }

  async #climb(level: Level, title: string): Promise<void> {
    editEnforcement(this.#stage.stacks, WORKSPACE, { level });
    const gained = CONTROLS.filter(
      (control) => level !== 'routing' && modesAt(level)[control] !== modesAt(below(level))[control],
    );
    await this.#timed(
      `up to ${level}`,
      gained,
      () => ({ effect: 'closed' }),
      () => this.#deploy(WORKSPACE, 'ws-acme-deployer', title),
    );
    if (level === 'routing') await this.#openFront();
    if (level === 'enforced') await this.#watchFront();
    await this.#look.at(this.#workspace(), level, { list: level === 'routing' || level === 'enforced' });
    await this.#calls?.look(level, this.#output, { record: level === 'allowlist' });
  }

  /** From what the API server gives back now; no later step starts it anew. */
  async #openFront(): Promise<void> {
    const { platform } = this.#load('platform');
    const { servers, openfga } = this.#stage;
    const cluster = await this.#stage.admin();
    const calls = await Calls.start({ cluster, platform, servers, openfga }, await this.#stage.authorizerKubeconfig());
    this.#stage.onClose(() => calls.stop());
    this.#calls = calls;
  }

  /** From here on: what the gate of `enforced` asks about is what was seen of that level. */
  async #watchFront(): Promise<void> {
    if (this.#calls === undefined) return;
    this.#prometheus = await watchFront(this.#calls.metricsPort, this.#output);
    this.#stage.onClose(async () => this.#prometheus?.stop());
  }

  /** The deployer asks, Bob approves, the engine runs: the commands of the command line. */
  async #rollback(to: RollbackTarget): Promise<void> {
    const level = ROLLBACK_TARGETS[to];
    this.#title(`${WORKSPACE} rolled back: --to ${to} (the runbook’s way down to ${level})`);
    let approval: { readonly name: string; readonly at: number } | undefined;
    const wanted = (): Wanted | undefined => approval && { effect: 'open', relaxation: approval.name };
    await this.#timed(
      `rollback --to ${to}`,
      relaxedBy('enforced', level),
      wanted,
      async () => {
        const approving = this.#approveNext().then((given) => (approval = given));
        const asking = relaxStack(this.#relaxingOptions(), (relaxation) => ({
          rollback: { to, ...(relaxation && { relaxation }) },
        }));
        await Promise.all([approving, asking]);
      },
      () => approval?.at,
    );
    await this.#look.at(this.#workspace(), level, {
      ...(approval && { relaxation: { name: approval.name, controls: relaxedBy('enforced', level) } }),
    });
    await this.#calls?.look(level, this.#output);
  }

  async #comeBack(): Promise<void> {
    this.#title(`${WORKSPACE} up again: rollback --undo`);
    await this.#timed(
      'rollback --undo',
      CONTROLS,
      () => ({ effect: 'closed' }),
      () => undoRelaxing(this.#relaxingOptions()),
    );
    await this.#look.at(this.#workspace(), 'enforced');
    await this.#calls?.look('enforced', this.#output);
  }

  /** Runs a command and notes when the API first shows its effect on each control that is built. */
  async #timed(
    step: string,
    controls: readonly Control[],
    wanted: () => Wanted | undefined,
    command: () => Promise<void>,
    from: () => number | undefined = () => undefined,
  ): Promise<void> {
    const admin = await this.#stage.admin();
    const stop = new AbortController();
    const started = performance.now();
    const network = controls.filter((control) => OPENING[control] !== undefined);
    const effects = Promise.all(network.map((control) => effectAt(admin, control, wanted, stop.signal)));
    effects.catch(() => undefined);
    const mode = (): Mode | undefined => MODE_OF[wanted()?.effect ?? 'none'];
    const front = this.#calls;
    const answered = controls.filter((control) => front !== undefined && probeOf(control, 'enforce') !== undefined);
    const calls = Promise.all(answered.map((control) => front!.effectAt(control, mode, stop.signal)));
    calls.catch(() => undefined);
    try {
      await command();
      const times = await effects;
      const answers = await calls;
      const effect = wanted()?.effect ?? '';
      const note = (what: string, control: string, at: number): void => {
        this.#effects.push([step, control, what, duration(at - (from() ?? started))]);
      };
      network.forEach((control, index) => note(effect, control, times[index] ?? Number.NaN));
      const what = effect === 'closed' ? 'calls refused' : 'calls pass';
      answered.forEach((control, index) => note(what, control, answers[index] ?? Number.NaN));
      await settled(admin, NAMESPACE);
      if (effect === 'closed' && network.includes('egress')) note('agents restarted', 'egress', performance.now());
    } finally {
      stop.abort();
    }
  }

  #relaxingOptions() {
    process.env['KUBECONFIG'] = this.#stage.kubeconfigFor('ws-acme-deployer');
    return {
      stack: WORKSPACE,
      stacks: this.#stage.stacks,
      kubeconfig: this.#stage.kubeconfigFor('ws-acme-deployer'),
      reason: 'demo: a system of record rejects the workers’ calls',
      ticket: 'INC-0001',
      approvedBy: 'bob',
      expires: 60,
      wait: 60,
      engine: this.#engine,
    };
  }

  /** Approves, as Bob, the next Relaxation that is asked for. */
  async #approveNext(): Promise<{ readonly name: string; readonly at: number }> {
    const bob = await this.#stage.as('bob');
    const deadline = performance.now() + 60_000;
    while (performance.now() < deadline) {
      const asked = (await listRelaxations(bob, WORKSPACE)).find(({ state }) => state === 'requested');
      if (asked) {
        await approveRelaxation(bob, asked.name);
        return { name: asked.name, at: performance.now() };
      }
      await sleep(100);
    }
    throw new CliError(EXIT.timeout, 'nobody asked for a Relaxation within 60 s');
  }

  /** Every object of a stack with its resourceVersion-free content, as one string. */
  async #fingerprint(stack: string): Promise<string> {
    const { live } = await planLive(await this.#stage.admin(), stack, this.#load(stack));
    return JSON.stringify(
      [...live].map(([key, { metadata, status: _status, ...content }]) => [key, metadata.uid, content]).sort(),
    );
  }

  /** Afterwards, while the lab is still there. */
  async report(): Promise<void> {
    this.#title(`What an auditor gets of ${WORKSPACE}: evidence, signed, and the report that rests on it`);
    await this.#stage.letCastOut();
    this.#output.line('  mallory, the pipeline and the bootstrap lose their rights first: with them W is refuted\n');
    const prometheus = this.#prometheus;
    const evidence = { stage: this.#stage, workspace: WORKSPACE, folder: this.#reports };
    await report({ ...evidence, ...(prometheus && { prometheus }) }, this.#output);
  }

  #summary(): void {
    this.#title('Time to effect: from the command, or the approval, until the API shows it');
    this.#output.line(table([['step', 'control', 'effect', 'time'], ...this.#effects], '  '));
  }

  #load = (stack: string): Stack => loadStack(stack, { dir: this.#stage.stacks });
  #workspace(): Extract<Stack, { kind: 'workspace' }> {
    const config = this.#load(WORKSPACE);
    if (config.kind === 'platform') throw new CliError(EXIT.usage, `"${WORKSPACE}" is not a workspace’s stack`);
    return config;
  }
  #title = (text: string): void => this.#output.line(`\n── ${text}\n`);
}

const below = (level: Level): Level => LEVELS[LEVELS.indexOf(level) - 1] ?? 'routing';

/** The same output without progress lines: the demo shows the plan instead. */
const quiet = (output: Output): Output => ({ ...output, progress: () => undefined });
