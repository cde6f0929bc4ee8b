import { readFileSync } from 'node:fs';

export const SCRIPT = readFileSync(new URL('../../ci/preview-comment.js', import.meta.url), 'utf8');

/** A snapshot as the script has validated it; opaque here. */
export interface Validated {
  readonly stacks: ReadonlyMap<string, unknown>;
}

export interface Options {
  readonly detail: 'objects' | 'counts';
  readonly headSha: string;
}

/** The parts of the script that tests call one by one. */
export interface Parts {
  readonly LIMITS: Record<string, number>;
  readonly CONTROLS: readonly string[];
  readonly LEVELS: readonly string[];
  readonly KEEP: readonly string[];
  readonly REASONS: Readonly<Record<string, string>>;
  readonly HASH_FIELD: string;
  readonly unzip: (archive: Buffer) => ReadonlyMap<string, Buffer>;
  readonly readSnapshot: (file: Buffer) => Validated;
  readonly render: (base: Validated, head: Validated, options: Options) => string;
  readonly code: (text: string, limit?: number) => string;
  readonly keyOf: (object: unknown) => string;
  readonly canonicalJson: (value: unknown) => string;
  readonly modeOf: (stack: { level: string; relaxed: readonly string[] }, control: string) => string;
}

// As actions/github-script compiles it.
const AsyncFunction = Object.getPrototypeOf(async () => Promise.resolve()).constructor as new (
  ...args: string[]
) => (...values: unknown[]) => Promise<unknown>;

const END = 'await main({ github, context, core, env: process.env });\n';
const PARTS =
  'return { LIMITS, CONTROLS, LEVELS, KEEP, REASONS, HASH_FIELD, unzip, readSnapshot, render, code, keyOf, canonicalJson, modeOf };';

/** The script's parts, from the very text that the workflow runs. */
export async function loadParts(): Promise<Parts> {
  if (!SCRIPT.endsWith(END)) throw new Error('ci/preview-comment.js does not end with its call of main');
  return (await new AsyncFunction(SCRIPT.slice(0, -END.length) + PARTS)()) as Parts;
}

/** Runs the whole script with these in place of what actions/github-script hands in. */
export const runScript = async (github: unknown, context: unknown, core: unknown): Promise<void> => {
  await new AsyncFunction('github', 'context', 'core', SCRIPT)(github, context, core);
};

export const fileOf = (snapshot: unknown): Buffer => Buffer.from(JSON.stringify(snapshot));
