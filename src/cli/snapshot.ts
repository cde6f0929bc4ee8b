import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { DuplicateObject } from '../bridge/order.js';
import { renderStack } from '../bridge/render.js';
import { loadStacks, type Stack } from '../config/load.js';
import { ConfigError } from '../config/messages.js';
import { parsePlatform } from '../config/parse-platform.js';
import { parseWorkspace } from '../config/parse-workspace.js';
import { kindOf } from '../config/parse.js';
import { readStackFile, stackNames } from '../config/stack-file.js';
import { canonicalJson, sha256 } from '../model/canonical.js';
import { keyOf, type KubeObject } from '../model/kube-object.js';
import type { Level } from '../model/levels.js';
import { LABELS } from '../model/names.js';
import type { Platform } from '../model/platform.js';
import { policyHash } from '../model/policy.js';
import type { Relaxing, Workspace } from '../model/workspace.js';
import { EXIT } from './exit-codes.js';
import { createOutput } from './output.js';

/** Raised whenever a reader of the last version would misread the document; ci/preview-comment.js reads exactly this. */
const VERSION = 1;

export interface SnapshotEntry {
  readonly key: string;
  /** SHA-256 of the canonical object, as it stands here. */
  readonly hash: string;
  /** The control that the object opens. */
  readonly opens?: string;
  /** Why no engine ever deletes the object. */
  readonly keep?: string;
  readonly object: KubeObject;
}

export type StackSnapshot =
  | { readonly stack: string; readonly error: string }
  | {
      readonly stack: string;
      readonly kind: 'platform';
      readonly guards: Platform['guards'];
      readonly objects: readonly SnapshotEntry[];
    }
  | {
      readonly stack: string;
      readonly kind: 'workspace';
      readonly level: Level;
      readonly relaxing?: Relaxing;
      readonly policyHash: string;
      readonly objects: readonly SnapshotEntry[];
    };

/** Every stack of a folder as rendered offline; equal folders give equal text. */
export interface Snapshot {
  readonly version: typeof VERSION;
  /** Controls that the version of the program that rendered cannot enforce. */
  readonly stacks: readonly StackSnapshot[];
}

export function snapshotCommand(program: Command): void {
  program
    .command('snapshot')
    .summary('write every stack’s objects as one JSON document; needs no server')
    .description(
      'Renders every stack of a folder into one JSON document, for the preview of a pull request. A stack that cannot be rendered has its error there; the exit code is then 2.',
    )
    .option('--stacks <dir>', 'folder of the stack files', 'stacks')
    .requiredOption('--out <file>', 'file to write')
    .option('--json', 'answer as one JSON document')
    .action(({ stacks: dir, out, json }: { stacks: string; out: string; json?: boolean }) => {
      const output = createOutput(json ?? false);
      const snapshot = takeSnapshot(dir);
      writeFileSync(out, `${canonicalJson(snapshot)}\n`);
      const errors = snapshot.stacks.filter((stack) => 'error' in stack);
      for (const { stack, error } of errors) output.progress(`${stack}: ${error}`);
      output.line(
        `${snapshot.stacks.length} stacks in ${out}${errors.length === 0 ? '' : `, ${errors.length} in error`}`,
      );
      output.result({ out, stacks: snapshot.stacks.map(({ stack }) => stack), errors });
      if (errors.length > 0) process.exitCode = EXIT.usage;
    });
}

/** Renders every stack of a folder. A stack whose config is refused has its error; the others are rendered. */
export function takeSnapshot(dir: string): Snapshot {
  const names = stackNames(dir);
  const parsed = names.map((stack) => ({ stack, ...attempt(() => parse(dir, stack)) }));
  const platform = parsed.map(({ value }) => value).find((value) => value?.kind === 'platform')?.platform;
  // Stacks can only be checked against each other once each of them parses.
  const crossed = parsed.some(({ error }) => error !== undefined)
    ? undefined
    : attempt(() => loadStacks({ dir })).refusal;
  const stacks = parsed.map(({ stack, value, error }): StackSnapshot => {
    if (value === undefined) return { stack, error: error ?? '' };
    if (platform === undefined)
      return { stack, error: 'the platform’s stack, on which this one stands, is not readable.' };
    const refused = crossed && tryErrorOf(crossed, dir, stack, names);
    if (refused !== undefined) return { stack, error: refused };
    const config: Stack = value.kind === 'platform' ? value : { ...value, platform };
    const entries = attempt(() => entriesOf(config));
    return entries.value === undefined ? { stack, error: entries.error } : describe(stack, config, entries.value);
  });
  return { version: VERSION, stacks };
}

type Parsed = { kind: 'platform'; platform: Platform } | { kind: 'workspace'; workspace: Workspace };

function parse(dir: string, stack: string): Parsed {
  const raw = readStackFile(dir, stack);
  const kind = kindOf(raw);
  return kind === 'platform' ? { kind, platform: parsePlatform(raw) } : { kind, workspace: parseWorkspace(raw) };
}

type Attempt<T> =
  | { readonly value: T; readonly error?: undefined; readonly refusal?: undefined }
  | { readonly value?: undefined; readonly error: string; readonly refusal: Error };

/** What a config can be blamed for becomes the stack's error; a defect of the program ends it. */
function attempt<T>(action: () => T): Attempt<T> {
  try {
    return { value: action() };
  } catch (refusal) {
    if (refusal instanceof ConfigError || refusal instanceof DuplicateObject)
      return { error: refusal.message, refusal };
    throw refusal;
  }
}

/** What `refusal` says of this stack's file, or of no stack's file in particular. */
function tryErrorOf(refusal: Error, dir: string, stack: string, names: readonly string[]): string | undefined {
  if (!(refusal instanceof ConfigError)) return refusal.message;
  const isIn = (where: string, name: string): boolean => where.startsWith(`${join(dir, `Pulumi.${name}.yaml`)}:`);
  const problems = refusal.problems.filter(
    ({ where }) => isIn(where, stack) || !names.some((name) => isIn(where, name)),
  );
  return problems.length === 0 ? undefined : new ConfigError(problems).message;
}

function describe(stack: string, config: Stack, objects: readonly SnapshotEntry[]): StackSnapshot {
  if (config.kind === 'platform') return { stack, kind: 'platform', guards: config.platform.guards, objects };
  const { platform, workspace } = config;
  const { level, relaxing } = workspace;
  return {
    stack,
    kind: 'workspace',
    level,
    ...(relaxing && { relaxing }),
    policyHash: policyHash(platform, workspace),
    objects,
  };
}

/** Sorted by key. Throws DuplicateObject. */
function entriesOf(config: Stack): readonly SnapshotEntry[] {
  const entries = renderStack(config)
    .map(entryOf)
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const repeated = entries.filter(({ key }, index) => key === entries[index - 1]?.key).map(({ key }) => key);
  if (repeated.length > 0) throw new DuplicateObject([...new Set(repeated)]);
  return entries;
}

export function entryOf(rendered: KubeObject): SnapshotEntry {
  const object = withoutSecrets(rendered);
  const { [LABELS.opens]: opens, [LABELS.keep]: keep } = object.metadata.labels ?? {};
  return {
    key: keyOf(object),
    hash: sha256(object),
    ...(opens === undefined ? {} : { opens }),
    ...(keep === undefined ? {} : { keep }),
    object,
  };
}

const REDACTED = '(redacted)';

/** Before hashing: the hash of a short secret gives it away. That a Secret's value changes is not seen here. */
function withoutSecrets(object: KubeObject): KubeObject {
  if (object.kind !== 'Secret' || object.apiVersion !== 'v1') return object;
  const hidden = ['data', 'stringData']
    .filter((field) => typeof object[field] === 'object' && object[field] !== null)
    .map((field) => [field, Object.fromEntries(Object.keys(object[field] as object).map((key) => [key, REDACTED]))]);
  return { ...object, ...Object.fromEntries(hidden) } as KubeObject;
}
