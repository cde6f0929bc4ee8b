import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceFile } from './manifests.js';

/** What kubectl takes for a manifest. */
const MANIFEST = /\.(ya?ml|json)$/;

/**
 * The manifests in a folder and all folders below it, in order of their paths; links are followed. A file is taken as it
 * is, whatever its name.
 *
 * @throws the file system's own error where something cannot be read
 */
export function readFolder(path: string): SourceFile[] {
  if (statSync(path).isDirectory()) return filesBelow(path, new Set()).map(read);
  return [read(path)];
}

const read = (name: string): SourceFile => ({ name, text: readFileSync(name, 'utf8') });

function filesBelow(folder: string, above: ReadonlySet<string>): string[] {
  const real = realpathSync(folder);
  // A link to a folder above it goes in a circle.
  if (above.has(real)) return [];
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      if (statSync(path).isDirectory()) return filesBelow(path, new Set([...above, real]));
      return MANIFEST.test(name) ? [path] : [];
    });
}
