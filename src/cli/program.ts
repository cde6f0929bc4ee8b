import { Command, CommanderError } from 'commander';
import pc from 'picocolors';
import { RelaxationRefused } from '../bridge/live-facts.js';
import { NotOwned } from '../bridge/ownership.js';
import { PreflightRefused } from '../bridge/preflight.js';
import { ConfigError } from '../config/messages.js';
import { allowlistCommand } from './allowlist.js';
import { applyCommand } from './apply.js';
import { approveCommand } from './approve.js';
import { auditCommand } from './audit.js';
import { demoCommand } from './demo/demo.js';
import { destroyCommand } from './destroy.js';
import { CliError, EXIT, type ExitCode } from './exit-codes.js';
import { gateCommand } from './gate.js';
import { labCommand } from './lab.js';
import { monitoringCommand } from './monitoring.js';
import { planCommand } from './plan.js';
import { proveCommand } from './prove/prove.js';
import { reachCommand } from './reach.js';
import { relaxCommand } from './relax.js';
import { renderCommand } from './render.js';
import { reportCommand } from './report.js';
import { rollbackCommand } from './rollback.js';
import { snapshotCommand } from './snapshot.js';
import { statusCommand } from './status.js';
import { verifyCommand } from './verify.js';

const COMMANDS = [
  renderCommand,
  planCommand,
  applyCommand,
  rollbackCommand,
  relaxCommand,
  approveCommand,
  allowlistCommand,
  statusCommand,
  proveCommand,
  reachCommand,
  verifyCommand,
  auditCommand,
  reportCommand,
  gateCommand,
  monitoringCommand,
  snapshotCommand,
  destroyCommand,
  labCommand,
  demoCommand,
];

/** The command line, every command in a file of its own. */
export function createProgram(): Command {
  const program = new Command('enforce')
    .description('Takes a Portarium workspace from routing by default to enforcement, and back.')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  for (const register of COMMANDS) register(program);
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
    await createProgram().parseAsync([...args], { from: 'user' });
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
  const refused = [PreflightRefused, RelaxationRefused, NotOwned].some((type) => error instanceof type);
  if (refused) return EXIT.policy;
  return EXIT.error;
}
