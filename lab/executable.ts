import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** Path of a command as a shell would find it, or undefined when there is none. */
export function tryFindExecutable(command: string, env: NodeJS.ProcessEnv): string | undefined {
  if (isAbsolute(command)) return isExecutableFile(command) ? command : undefined;
  return (env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, command))
    .find(isExecutableFile);
}

function isExecutableFile(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
