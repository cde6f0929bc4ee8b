import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import type { KubeObject } from '../model/kube-object.js';
import { EXIT, CliError } from './exit-codes.js';
import { openStack } from './open-stack.js';
import { stackOptions, type StackOptions } from './stack.js';
import { createOutput } from './output.js';

export function renderCommand(program: Command): void {
  stackOptions(program.command('render'))
    .summary('write a stack’s objects as YAML, one file each; needs no server')
    .description(
      'Renders a stack at its level, or at --level, into a folder: one YAML file per object, with stable names and order.',
    )
    .requiredOption('--out <dir>', 'folder to write; files of an earlier render there are replaced')
    .action((options: StackOptions & { out: string }) => {
      const output = createOutput(options.json ?? false);
      const { objects, name } = openStack(options);
      const files = writeObjects(options.out, objects);
      output.line(`${files.length} objects of ${name} in ${options.out}`);
      output.result({ stack: name, out: options.out, files });
    });
}

/** Writes one file per object and removes files of an earlier render; refuses a folder that holds anything else. */
export function writeObjects(dir: string, objects: readonly KubeObject[]): readonly string[] {
  mkdirSync(dir, { recursive: true });
  const present = readdirSync(dir);
  const foreign = present.filter((name) => !FILE.test(name));
  if (foreign.length > 0) {
    throw new CliError(
      EXIT.usage,
      `${dir} holds files that render did not write: ${foreign.slice(0, 3).join(', ')}. Name an empty folder with --out.`,
    );
  }
  const files = objects.map((object) => ({
    name: fileName(object),
    text: stringify(object, { lineWidth: 0, aliasDuplicateObjects: false }),
  }));
  const names = new Set(files.map(({ name }) => name));
  for (const { name, text } of files) writeFileSync(join(dir, name), text);
  for (const name of present) if (!names.has(name)) rmSync(join(dir, name));
  return [...names].sort();
}

const FILE = /^[A-Z][A-Za-z]+\.[\w.-]+\.yaml$/;

/** `NetworkPolicy.portarium-agents.agents-ws-acme-allow.yaml`; cluster-scoped objects have no namespace part. */
export const fileName = ({ kind, metadata }: KubeObject): string =>
  `${[kind, ...(metadata.namespace === undefined ? [] : [metadata.namespace]), metadata.name].join('.')}.yaml`;
