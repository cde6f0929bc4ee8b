import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson } from '../model/canonical.js';
import { keep, tryDoubt, type Kept, type KeptResult } from '../model/kept.js';
import { CliError, EXIT } from './exit-codes.js';
import type { Output } from './output.js';

/** Writes the result as canonical JSON to a file of its own, `<command>-<stack>-<time>.json`, and says which. */
export function writeKept(result: KeptResult, dir: string, keyFile: string | undefined, output: Output): void {
  const kept = keep(result, keyFile === undefined ? undefined : readFileFor(keyFile, '--signing-key'));
  mkdirSync(dir, { recursive: true });
  const file = join(
    dir,
    `${result.kind.replace('enforce ', '')}-${result.stack}-${result.until.replaceAll(':', '')}.json`,
  );
  // Never in place of another.
  writeFileSync(file, `${canonicalJson(kept)}\n`, { flag: 'wx' });
  output.progress(`kept in ${file}, ${kept.signature === undefined ? 'not signed' : 'signed'}: sha256 ${kept.sha256}`);
}

/** A key without a folder would sign nothing. @throws CliError */
export function checkSigning({ signingKey, out }: { readonly signingKey?: unknown; readonly out?: unknown }): void {
  if (signingKey === undefined || out !== undefined) return;
  throw new CliError(EXIT.usage, '--signing-key signs what is kept. Give --out DIR too.');
}

/** Says whether a kept result is what the key signed, and what it found. Exit code 5 where it is not. */
export function checkKept(file: string, keyFile: string | undefined, output: Output): void {
  if (keyFile === undefined) throw new CliError(EXIT.usage, '--check needs --public-key FILE.');
  const text = readFileFor(file, '--check');
  const doubt = tryDoubt(text, readFileFor(keyFile, '--public-key'));
  if (doubt !== undefined) throw new CliError(EXIT.policy, `${file}: ${doubt}`);
  const { result, sha256 } = JSON.parse(text) as Kept<
    KeptResult & { server?: string; level?: string; verdict?: string }
  >;
  output.line(`${file}: signed by this key, sha256 ${sha256}`);
  output.line(
    `${result.kind}, ${result.stack} at ${result.level ?? 'no known level'}, ${result.until}, on ${result.server ?? 'no server'}: ${result.verdict ?? 'no verdict'}`,
  );
  output.result({ signed: true, sha256, result });
}

/** The text of a file that an option names. */
export function readFileFor(file: string, option: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CliError(
      EXIT.usage,
      `${option}: cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
