import { setTimeout as sleep } from 'node:timers/promises';
import { listPolicyApprovals } from '../../bridge/policy-approvals.js';
import { renderStack } from '../../bridge/render.js';
import { statusOf, type ControlStatus, type WorkspaceStatus } from '../../bridge/status.js';
import type { Cluster } from '../../bridge/cluster.js';
import { loadStack, type Stack } from '../../config/load.js';
import type { KubeObject } from '../../model/kube-object.js';
import { CONTROLS, type Level } from '../../model/levels.js';
import { CliError, EXIT } from '../exit-codes.js';
import { table, type Output } from '../output.js';
import type { Scene } from './attempts/attempt.js';
import { storeRelaxations } from './attempts/fixture.js';
import { FAMILIES, unheard, untried } from './attempts/list.js';
import { bindingsHeard, printAll, score, tryAll } from './attempts/try.js';
import type { Open } from './reachability/expected.js';
import { lookAtReach, newestPod } from './reachability/reachability.js';
import type { Stage } from './stage.js';

/** What the network of ws-acme leaves open at a level, in literals. */
const OPEN: Readonly<Record<Level, Open>> = {
  routing: { mtls: true, egress: true },
  authz: { mtls: true, egress: true },
  identity: { mtls: false, egress: true },
  allowlist: { mtls: false, egress: true },
  enforced: { mtls: false, egress: false },
};

const AGENT = { namespace: 'portarium-agents', name: 'sales-bot' } as const;

interface LookOptions {
  /** Print every attempt, and make those that take longer. @default false */
  readonly list?: boolean;
  readonly relaxation?: Scene['relaxations']['inForce'];
}

/** Shows after a step what is so, and ends the demo where it is not what it must be. */
export class Look {
  readonly #stage: Stage;
  readonly #output: Output;
  readonly #platform: readonly KubeObject[];
  readonly #heard = new Set<string>();

  constructor(stage: Stage, output: Output) {
    this.#stage = stage;
    this.#output = output;
    this.#platform = renderStack(loadStack('platform', { dir: stage.stacks }));
    const missing = untried(this.#platform);
    if (missing.length > 0) throw red('no attempt of the demo is for these admission policies', missing);
  }

  /** @param level that the network must be at, by climbing or by relaxing */
  async at(config: Extract<Stack, { kind: 'workspace' }>, level: Level, options: LookOptions = {}): Promise<void> {
    const admin = await this.#stage.admin();
    const problems = await lookAtReach(admin, AGENT, OPEN[level], this.#output);
    if (problems.length > 0) throw red(`what is reachable at ${level} is not what it must be`, problems);
    await this.#attempts(config.workspace.level, options);
    const { controls } = await heldStatus(admin, config);
    this.#output.line('\n  in force:');
    const rows = CONTROLS.map((control) => [control, controls[control].verdict, controls[control].note]);
    this.#output.line(table(rows, '    '));
    const wrong = CONTROLS.filter((control) => !isHeld(controls[control]));
    if (wrong.length > 0) throw red(`at ${config.workspace.level} these controls are not known to be enforced`, wrong);
  }

  /** Ends the demo unless every binding of every admission policy has refused something at some step. */
  finish(): void {
    const silent = unheard(this.#platform, this.#heard);
    if (silent.length > 0) throw red('these bindings of admission policies refused nothing', silent);
    this.#output.line(
      `\nEach of the ${this.#heard.size} bindings of the platform’s admission policies refused something.`,
    );
  }

  async #attempts(reached: Level, { list = false, relaxation }: LookOptions): Promise<void> {
    const admin = await this.#stage.admin();
    const as = (who: Parameters<Stage['as']>[0]) => this.#stage.as(who);
    const [agent, apiServer] = await Promise.all([
      newestPod(admin, AGENT.namespace, `portarium.io/agent=${AGENT.name}`),
      newestPod(admin, 'portarium-control-plane', 'portarium.io/component=api-server'),
    ]);
    const { asked, expired, remove } = await storeRelaxations(admin, as, { expired: list && reached === 'enforced' });
    const approvals = await listPolicyApprovals(admin, 'ws-acme');
    try {
      const scene: Scene = {
        platform: loadStack('platform', { dir: this.#stage.stacks }).platform,
        reached,
        pods: { agent: agent.metadata.name, apiServer: apiServer.metadata.name },
        approval: approvals.find(({ current }) => current)?.name ?? '',
        relaxations: {
          asked,
          ...(expired !== undefined && { expired }),
          ...(relaxation !== undefined && { inForce: relaxation }),
        },
      };
      const tried = await tryAll(FAMILIES, as, scene);
      for (const binding of bindingsHeard(tried)) this.#heard.add(binding);
      this.#output.line(
        '\n  what the API server answers; mallory has every right by RBAC but over RBAC and admission themselves:',
      );
      if (list) printAll(tried, this.#output);
      this.#output.line(`    ${score(tried)}`);
      const wrong = tried.flatMap(({ tried: all }) => all.flatMap(({ complaint }) => complaint ?? []));
      if (wrong.length > 0) throw red('the API server’s answers are not what they must be', wrong);
    } finally {
      await remove();
    }
  }
}

/** How long the front may take to acknowledge a policy, milliseconds. */
const ACKNOWLEDGES = 10_000;

const isHeld = ({ mode, verdict }: ControlStatus): boolean => mode === 'shadow' || verdict === 'enforced';

/** The status once every control that must be enforced is known to be, or as it is after a while. */
async function heldStatus(admin: Cluster, config: Extract<Stack, { kind: 'workspace' }>): Promise<WorkspaceStatus> {
  for (const deadline = performance.now() + ACKNOWLEDGES; ; await sleep(200)) {
    const status = await statusOf(admin, config);
    if (CONTROLS.every((control) => isHeld(status.controls[control])) || performance.now() > deadline) return status;
  }
}

const red = (what: string, problems: readonly string[]): CliError =>
  new CliError(EXIT.policy, `${what}:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
