import type { Command } from 'commander';
import { join } from 'node:path';
import { resolveEngine, type Engine } from '../engine.js';
import { CliError, EXIT } from '../exit-codes.js';
import { createOutput, duration } from '../output.js';
import { checkFree } from '../report/files.js';
import { DATA_PLANE_SERVERS } from '../../../lab/data-plane/data-plane.js';
import { whyNoDataPlane } from '../../../lab/data-plane/node.js';
import { areAtHand } from '../../../lab/obtain.js';
import { playOnPackets } from './packets/act.js';
import { Play } from './play.js';
import { Stage } from './stage.js';

interface DemoOptions {
  readonly stacks: string;
  readonly engine: Engine;
  readonly out?: string;
  /** @default - where it is at hand already */
  readonly dataPlane?: boolean;
}

export function demoCommand(program: Command): void {
  program
    .command('demo')
    .summary('the main job on a lab: a workspace up the ladder and down again')
    .description(
      'Starts a real Kubernetes control plane on loopback, deploys the platform and both sample workspaces from a copy of the stack files, takes ws-acme from routing through every level to enforced, rolls it back through 1, 2, 3 and full, comes back, and makes the report of it. After each step it compares who reaches whom with what the samples must amount to, and tries what must be refused. The first run builds the servers, six to nine minutes on two cores.',
    )
    .option('--stacks <dir>', 'folder of the stack files; they are copied, never changed', 'stacks')
    .option('--engine <name>', 'pulumi, apply or auto', 'auto' as Engine)
    .option('--out <dir>', 'new folder for the report at the end; by default one in out/')
    .option('--data-plane', 'also on real packets: builds Cilium’s agent first where it is missing, five minutes more')
    .option('--no-data-plane', 'send no packets, also where Cilium’s agent is at hand')
    .action(async (options: DemoOptions) => {
      const output = createOutput(false);
      const withoutPackets = whyNoPackets(options.dataPlane);
      const engine = resolveEngine(options.engine);
      const started = performance.now();
      const reports = options.out ?? join('out', `demo-${new Date().toISOString().replace(/[-:]|\..*/g, '')}`);
      checkFree(reports);
      const stage = new Stage(options.stacks);
      const interrupted = interruption();
      const play = async (): Promise<void> => {
        await stage.open(output);
        output.line(engineLine(options.engine, engine));
        const acts = new Play(stage, engine, reports, output);
        await acts.run();
        if (withoutPackets === undefined) await playOnPackets(stage.stacks, output);
        else
          output.line(`
no packets were sent: ${withoutPackets}`);
        await acts.report();
      };
      try {
        await Promise.race([play(), interrupted]);
        output.line(`\ndemo done in ${duration(performance.now() - started)}`);
      } catch (error) {
        if (!(error instanceof Interrupted)) throw error;
        await stage.close();
        output.progress(`${error.message}; the lab has been ended`);
        // What was under way goes on waiting for a lab that is gone.
        process.exit(error.exitCode);
      } finally {
        await stage.close();
      }
    });
}

/** Why the demo ends without real packets; undefined where it does not. Throws where they are asked for and cannot be. */
export function whyNoPackets(wanted: boolean | undefined): string | undefined {
  if (wanted === false) return '--no-data-plane was given';
  const problem = whyNoDataPlane();
  if (wanted === true) {
    if (problem !== undefined) throw new CliError(EXIT.usage, `--data-plane cannot be: ${problem}.`);
    return undefined;
  }
  if (problem !== undefined) return problem;
  return areAtHand(DATA_PLANE_SERVERS) ? undefined : 'Cilium’s agent is not built yet; --data-plane builds it';
}

/** Which engine runs, and why that one. */
export function engineLine(wanted: Engine, engine: 'pulumi' | 'apply'): string {
  const name = engine === 'pulumi' ? 'pulumi up on a file:// backend of its own' : 'enforce apply';
  if (wanted !== 'auto') return `engine: ${name} (chosen)`;
  return engine === 'pulumi'
    ? `engine: ${name} (pulumi and its kubernetes plugin are on PATH)`
    : `engine: ${name} (pulumi, or its kubernetes plugin, is not on PATH)`;
}

class Interrupted extends CliError {}

/** Rejects when the process is asked to end. */
const interruption = (): Promise<never> =>
  new Promise((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      // Not once: with no listener left, Pulumi's SDK would end the process before the lab has ended.
      process.on(signal, () => reject(new Interrupted(EXIT.cancelled, `stopped by ${signal}`)));
    }
  });
