import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anyRunning, recordedProcesses } from '../processes.js';

const PREFIX = 'portarium-data-plane-';

/**
 * A new folder for a data plane. Those that earlier ones have left are removed: only where its supervisor was killed too
 * is one left, and everything else has ended with its processes.
 */
export function newFolder(): string {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const folder = join(tmpdir(), name);
    const record = recordedProcesses(folder);
    if (record !== undefined && !anyRunning(record)) rmSync(folder, { recursive: true, force: true });
  }
  return mkdtempSync(join(tmpdir(), PREFIX));
}
