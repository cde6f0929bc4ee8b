import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { tryFindExecutable } from '../../../lab/executable.js';

const run = promisify(execFile);

/** In the name of every test that cannot run without SPIRE's programs, which no registry carries. */
export const NEEDS = '[needs spire]';

const server = tryFindExecutable('spire-server', process.env);
const agent = tryFindExecutable('spire-agent', process.env);

export const isThere = server !== undefined && agent !== undefined;
export const programs = { server: server ?? 'spire-server', agent: agent ?? 'spire-agent' } as const;

/** What a program says when it is asked something, and whether it failed. Never rejects for a failure of the program. */
export async function ask(
  program: keyof typeof programs,
  ...args: readonly string[]
): Promise<{ readonly failed: boolean; readonly text: string; readonly stdout: string }> {
  try {
    const { stdout, stderr } = await run(programs[program], [...args], { timeout: 30_000 });
    return { failed: false, text: `${stdout}${stderr}`.trim(), stdout };
  } catch (error) {
    const { stdout = '', stderr = '', code } = error as { stdout?: string; stderr?: string; code?: unknown };
    return { failed: true, text: `${stdout}${stderr}`.trim() || String(code), stdout };
  }
}
