import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, suggest } from './messages.js';
import { parseOneDocument } from './yaml-document.js';

/** The Pulumi project; config keys are `portarium:<key>`. */
export const PROJECT = 'portarium';

/** A stack's config before it has been checked. */
export interface RawStack {
  readonly stack: string;
  /** The keys of the project's namespace, without it. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Where a config path stands: `stacks/Pulumi.ws-acme.yaml:12`. */
  readonly where: (path: readonly PropertyKey[]) => string;
}

const FILE = /^Pulumi\.(.+)\.yaml$/;

/** The names of the stacks in a folder, sorted. */
export function stackNames(dir: string): readonly string[] {
  if (!existsSync(dir)) {
    throw new ConfigError([
      { where: dir, path: '', message: 'no such folder. Name the folder of the stack files with --stacks.' },
    ]);
  }
  return readdirSync(dir)
    .map((name) => FILE.exec(name)?.[1])
    .filter((name) => name !== undefined)
    .sort();
}

/** Reads `Pulumi.<stack>.yaml` of a folder. Throws ConfigError where it is missing, no YAML, or of another project. */
export function readStackFile(dir: string, stack: string): RawStack {
  const path = join(dir, `Pulumi.${stack}.yaml`);
  const known = stackNames(dir);
  if (!known.includes(stack)) {
    throw new ConfigError([{ where: path, path: '', message: `no such stack file. ${suggest(stack, known)}` }]);
  }
  return parseStackFile(readFileSync(path, 'utf8'), path, stack);
}

/** Parses the text of a stack file: one document without duplicate keys, aliases and tags. */
export function parseStackFile(text: string, path: string, stack: string): RawStack {
  const document = parseOneDocument(text, path);
  const root = document.root as Record<string, unknown> | null;
  const where = (keys: readonly PropertyKey[]): string => {
    const [head = '', ...rest] = keys.map((key) => (typeof key === 'number' ? key : String(key)));
    const written = [`${PROJECT}:${head}`, head].find((key) => document.has(['config', key]));
    return document.where(['config', ...(written === undefined ? [] : [written]), ...rest]);
  };
  const entries = root?.['config'];
  if (typeof entries !== 'object' || entries === null || Array.isArray(entries)) {
    throw new ConfigError([{ where: `${path}:1`, path: 'config', message: 'missing: the map of config keys.' }]);
  }
  return { stack, config: ownKeys(entries as Record<string, unknown>, where), where };
}

/** Keeps the project's keys, ignores Pulumi's own, refuses every other: a misspelt namespace must not vanish. */
export function ownKeys(
  entries: Readonly<Record<string, unknown>>,
  where: RawStack['where'],
): Readonly<Record<string, unknown>> {
  const config = new Map<string, unknown>();
  for (const [key, value] of Object.entries(entries)) {
    const [namespace, name] = key.includes(':')
      ? [key.slice(0, key.indexOf(':')), key.slice(key.indexOf(':') + 1)]
      : [PROJECT, key];
    if (namespace === PROJECT) {
      if (config.has(name)) {
        throw new ConfigError([{ where: where([name]), path: name, message: 'given twice, with and without prefix.' }]);
      }
      config.set(name, value);
    } else if (namespace !== 'pulumi') {
      throw new ConfigError([
        {
          where: where([key]),
          path: key,
          message: `unknown config namespace "${namespace}". ${suggest(namespace, [PROJECT, 'pulumi'])}`,
        },
      ]);
    }
  }
  return Object.fromEntries(config);
}
