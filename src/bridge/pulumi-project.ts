import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A folder that the Pulumi CLI takes for the project. */
export interface Project {
  readonly dir: string;
  /** Removes what was made for it. */
  remove(): void;
}

/** Folder of package.json and Pulumi.yaml; found upwards, since `dist/` holds compiled code only. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'Pulumi.yaml'))) {
    const parent = dirname(folder);
    if (parent === folder)
      throw new Error('Pulumi.yaml is missing: Pulumi runs from a checkout of this repository only.');
    folder = parent;
  }
  return folder;
}

/**
 * The project with `stacksDir` as its folder of stack files: this checkout if they are its own, else a temporary folder
 * of links beside which nothing is copied but Pulumi.yaml, so that a copy of `stacks/` can be worked on.
 */
export function projectOf(stacksDir: string, { root = packageRoot(), dist = join(root, 'dist') } = {}): Project {
  const stacks = resolve(stacksDir);
  if (stacks === join(root, 'stacks') && dist === join(root, 'dist')) return { dir: root, remove: () => undefined };
  const dir = mkdtempSync(join(tmpdir(), 'portarium-pulumi-'));
  cpSync(join(root, 'Pulumi.yaml'), join(dir, 'Pulumi.yaml'));
  cpSync(join(root, 'package.json'), join(dir, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'));
  symlinkSync(dist, join(dir, 'dist'));
  symlinkSync(stacks, join(dir, 'stacks'));
  return { dir, remove: () => rmSync(dir, { recursive: true }) };
}
