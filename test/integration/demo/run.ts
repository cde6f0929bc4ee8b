import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const MAIN = 'dist/src/cli/main.js';

/** Compiles unless what is compiled is newer than every source. */
export function build(): void {
  const newest = Math.max(
    ...['src', 'lab'].flatMap((folder) =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs),
    ),
  );
  if (existsSync(MAIN) && statSync(MAIN).mtimeMs > newest) return;
  const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
  execFileSync(process.execPath, [join(typescript, 'bin', 'tsc'), '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
}

/** A run of the command line with a folder of its own for everything temporary. */
export interface Run {
  readonly process: ChildProcess;
  readonly temporary: string;
  /** What it has printed so far. */
  readonly printed: () => string;
  readonly ended: Promise<number | null>;
  /** Resolves once the condition holds, or rejects when the process ends before. */
  readonly until: (condition: () => boolean) => Promise<void>;
}

export function start(...args: readonly string[]): Run {
  // Short: the path of a socket in it has a limit.
  const temporary = mkdtempSync(join(tmpdir(), 'pd-'));
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...process.env, KUBECONFIG: '/dev/null', TMPDIR: temporary, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (printed += String(chunk)));
  const ended = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)));
  return {
    process: child,
    temporary,
    printed: () => printed,
    ended,
    until: async (condition) => {
      while (!condition()) {
        if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode} too early:\n${printed}`);
        await sleep(100);
      }
    },
  };
}

/** What a run left: files of its folder, and processes whose command line names it. */
export const leftovers = ({ temporary }: Run): readonly string[] => [
  ...readdirSync(temporary),
  ...execFileSync('ps', ['-A', '-o', 'pid=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(temporary)),
];

/** Ends what is still there, for a test that has failed. */
export async function cleanUp(run: Run): Promise<void> {
  run.process.kill('SIGKILL');
  await run.ended;
  rmSync(run.temporary, { recursive: true, force: true, maxRetries: 50, retryDelay: 200 });
}
