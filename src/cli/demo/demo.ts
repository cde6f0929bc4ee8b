import type { Command } from 'commander';
import { join } from 'node:path';
import { resolveEngine, type Engine } from '../engine.js';
import { CliError, EXIT } from '../exit-codes.js';
import { createOutput, duration } from '../output.js';
import { checkFree } from '../report/files.js';
import { Play } from './play.js';
import { Stage } from './stage.js';

interface DemoOptions {
  readonly stacks: string;
  readonly engine: Engine;
  readonly out?: string;
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
    .action(async (options: DemoOptions) => {
      const output = createOutput(false);
      const engine = resolveEngine(options.engine);
      const started = performance.now();
      const reports = options.out ?? join('out', `demo-${new Date().toISOString().replace(/[-:]|\..*/g, '')}`);
      checkFree(reports);
      const stage = new Stage(options.stacks);
      const interrupted = interruption();
      const play = async (): Promise<void> => {
        await stage.open(output);
        output.line(engineLine(options.engine, engine));
        await new Play(stage, engine, reports, output).run();
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
