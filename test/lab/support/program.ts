import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const hooks = fileURLToPath(new URL('./typescript.js', import.meta.url));

/** A program of its own, so that a test can kill it; `answer` is the JSON value of the first line that it prints. */
export interface Program<T> {
  readonly child: ChildProcess;
  readonly answer: T;
}

/**
 * Runs a TypeScript file next to this one with Node and resolves with what it prints first. It leads a process group,
 * so that a test can send a signal as a terminal does: to the whole group.
 */
export function runProgram<T>(file: string, ...args: readonly string[]): Promise<Program<T>> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = spawn(process.execPath, ['--import', hooks, path, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  let errors = '';
  return new Promise((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const end = output.indexOf('\n');
      if (end >= 0) resolve({ child, answer: JSON.parse(output.slice(0, end)) as T });
    });
    child.on('exit', (code) => reject(new Error(`${file} ended with ${code}: ${errors}`)));
  });
}
