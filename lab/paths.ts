import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder with one folder per server, which pins its source; found upwards from this file, since `dist/` holds compiled code only. */
export function serverFolders(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const servers = join(folder, 'lab', 'servers');
    if (existsSync(servers)) return servers;
    const parent = dirname(folder);
    if (parent === folder)
      throw new Error('lab/servers is missing: the lab runs from a checkout of this repository only');
    folder = parent;
  }
}

/** Where built servers and downloaded CRDs are kept, outside the tree. Default `~/.cache/portarium-lab`. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'portarium-lab');
}

/** The folder of the lab in the background. `PORTARIUM_LAB_DIR` overrides; default `~/.local/state/portarium-lab`. */
export function backgroundFolder(env: NodeJS.ProcessEnv = process.env): string {
  return env['PORTARIUM_LAB_DIR'] || join(env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'portarium-lab');
}
