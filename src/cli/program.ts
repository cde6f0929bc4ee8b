import { Command, CommanderError } from 'commander';
import pc from 'picocolors';
import { ConfigError } from '../config/messages.js';
import { CliError, EXIT, type ExitCode } from './exit-codes.js';
import { renderCommand } from './render.js';

/** The command line, every command in a file of its own. */
export function createProgram(): Command {
  const program = new Command('enforce')
    .description('Takes a Portarium workspace from routing by default to enforcement, and back.')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  renderCommand(program);
  program.commands.forEach((command) => command.exitOverride());
  return program;
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
  return EXIT.error;
}
