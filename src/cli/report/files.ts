import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { CliError, EXIT } from '../exit-codes.js';

/** Every file under a folder, by path from it with `/`. Links are refused: they are no part of what is read or signed. */
export function readTree(dir: string, option: string): ReadonlyMap<string, Uint8Array> {
  if (!existsSync(dir) || !lstatSync(dir).isDirectory()) {
    throw new CliError(EXIT.usage, `${option}: there is no folder ${dir}.`);
  }
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true });
  const files = new Map<string, Uint8Array>();
  for (const entry of entries) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile()) throw new CliError(EXIT.usage, `${option}: ${path} is neither a file nor a folder.`);
    files.set(relative(dir, path).split(sep).join('/'), readFileSync(path));
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** @throws CliError where there is something already: a report is never written over another */
export function checkFree(dir: string): void {
  if (existsSync(dir) && readdirSync(dir).length > 0) {
    throw new CliError(
      EXIT.usage,
      `--out: ${dir} is not empty, and a report is never written over another. Name a new folder.`,
    );
  }
}

export function writeTree(dir: string, files: ReadonlyMap<string, Uint8Array>): void {
  for (const [name, bytes] of files) {
    const path = join(dir, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes, { flag: 'wx' });
  }
}
