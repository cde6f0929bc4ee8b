import { Command, CommanderError } from 'commander';
import pc from 'picocolors';
import { Refused } from '../bridge/refused.js';
import { ConfigError } from '../config/messages.js';
import { CliError, EXIT, type ExitCode } from './exit-codes.js';

type Register = (program: Command) => void;

/** Every command in a file of its own, which is loaded when it is asked for: what one needs, others need not wait for. */
const COMMANDS: Readonly<Record<string, () => Promise<Register>>> = {
  render: async () => (await import('./render.js')).renderCommand,
  plan: async () => (await import('./plan.js')).planCommand,
  apply: async () => (await import('./apply.js')).applyCommand,
  rollback: async () => (await import('./rollback.js')).rollbackCommand,
  relax: async () => (await import('./relax.js')).relaxCommand,
  approve: async () => (await import('./approve.js')).approveCommand,
  allowlist: async () => (await import('./allowlist.js')).allowlistCommand,
  status: async () => (await import('./status.js')).statusCommand,
  prove: async () => (await import('./prove/prove.js')).proveCommand,
  reach: async () => (await import('./reach.js')).reachCommand,
  verify: async () => (await import('./verify.js')).verifyCommand,
  audit: async () => (await import('./audit.js')).auditCommand,
  report: async () => (await import('./report.js')).reportCommand,
  gate: async () => (await import('./gate.js')).gateCommand,
  monitoring: async () => (await import('./monitoring.js')).monitoringCommand,
  snapshot: async () => (await import('./snapshot.js')).snapshotCommand,
  destroy: async () => (await import('./destroy.js')).destroyCommand,
  lab: async () => (await import('./lab.js')).labCommand,
  demo: async () => (await import('./demo/demo.js')).demoCommand,
};

/** The command line, with one command where `only` names it, otherwise with all of them. */
export async function createProgram(only = ''): Promise<Command> {
  const program = new Command('enforce')
    .description('Takes a Portarium workspace from routing by default to enforcement, and back.')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  const asked = Object.hasOwn(COMMANDS, only) ? [COMMANDS[only]!] : Object.values(COMMANDS);
  for (const register of await Promise.all(asked.map((load) => load()))) register(program);
  inherit(program);
  return program;
}

/** Subcommands throw too, instead of ending the process. */
function inherit(command: Command): void {
  for (const child of command.commands) inherit(child.exitOverride());
}

/** Runs one command line and returns its exit code; errors are printed, as JSON where `--json` is given. */
export async function run(args: readonly string[]): Promise<ExitCode> {
  try {
    await (await createProgram(args[0])).parseAsync([...args], { from: 'user' });
    return (process.exitCode as ExitCode | undefined) ?? EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const exitCode = exitCodeOf(error);
    const message = error instanceof Error ? error.message : String(error);
    if (args.includes('--json')) process.stdout.write(`${JSON.stringify({ error: message, exitCode }, null, 2)}\n`);
    process.stderr.write(`${pc.red('error')}: ${message}\n`);
    if (process.env['PORTARIUM_DEBUG'] && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
    return exitCode;
  }
}

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CliError) return error.exitCode;
  if (error instanceof ConfigError) return EXIT.usage;
  if (error instanceof Refused) return EXIT.policy;
  return EXIT.error;
}
