import { LineCounter, parseAllDocuments } from 'yaml';
import type { Document, Tags, YAMLError } from 'yaml';
import { lineOf } from '../../yaml/line-of.js';
import type { Path } from '../kube-object.js';
import { ManifestError } from './origin.js';

/** One document of a file, as plain data. */
export interface YamlDocument {
  readonly value: unknown;
  /** The line of a field of it, counted from 1. */
  readonly lineOf: (path: Path) => number;
}

/** How often aliases may repeat what they stand for: "billion laughs" ends here. */
const MAX_ALIASES = 100;

/**
 * As kubectl reads YAML (sigs.k8s.io/yaml, go-yaml 2): version 1.1, so that an unquoted `yes` or `on` is a boolean, which
 * the API server refuses as a label, but without its dates and its numbers to base 60, which go-yaml reads as text.
 */
const OPTIONS = {
  version: '1.1',
  prettyErrors: false,
  logLevel: 'silent',
  customTags: (tags: Tags) =>
    tags.filter((tag) => typeof tag === 'string' || (tag.tag !== 'tag:yaml.org,2002:timestamp' && !isBase60(tag))),
} as const;

const isBase60 = (tag: object): boolean => 'format' in tag && tag.format === 'TIME';

/**
 * The documents of a YAML or JSON file; empty ones are left out. What is half-written, has a key twice, has tags that
 * are not of YAML or repeats aliases without end is refused.
 *
 * @throws ManifestError with the line
 */
export function readYaml(file: string, text: string): YamlDocument[] {
  const fast = file.endsWith('.json') ? parseJson(text) : undefined;
  if (fast !== undefined) return [{ value: fast, lineOf: (path) => lineIn(file, text, 0, path) }];
  return parse(file, text).documents.flatMap((document, index) => {
    const value = plain(file, text, document, index);
    return value === null ? [] : [{ value, lineOf: (path: Path) => lineIn(file, text, index, path) }];
  });
}

function parse(file: string, text: string): { documents: readonly Document[]; lines: LineCounter } {
  for (let [source, repairs] = [text, 0]; ; repairs += 1) {
    const lines = new LineCounter();
    const parsed = refusing(file, 1, () => parseAllDocuments(source, { ...OPTIONS, lineCounter: lines }));
    const documents: readonly Document[] = [...parsed];
    const [problem] = documents.flatMap(({ errors, warnings }) => [...errors, ...warnings.filter(isSerious)]);
    if (problem === undefined) return { documents, lines };
    const line = lines.linePos(Math.min(problem.pos[0], source.trimEnd().length)).line;
    const repaired = repairs < MAX_REPAIRS ? reindented(source, problem, lines) : undefined;
    if (repaired === undefined) throw new ManifestError(file, line, `${problem.message}${hint(text, line)}`);
    source = repaired;
  }
}

/** A bracket that closes further left than it should be is no matter: go-yaml does not ask either. */
const isSerious = ({ code }: YAMLError): boolean => code !== 'BAD_INDENT';

const MAX_REPAIRS = 200;

/**
 * The text with one line further to the right, where that is all that is wrong: go-yaml, and so kubectl, does not mind
 * how lines inside brackets and quotes are indented. White space there has no meaning.
 */
function reindented(text: string, { code, message, pos }: YAMLError, lines: LineCounter): string | undefined {
  const rows = text.split('\n');
  const at = lines.linePos(pos[0]).line - 1;
  const inBrackets = code === 'BAD_INDENT' && message.startsWith('Flow') && /^\s*\t/.test(rows[at] ?? '');
  const inQuotes = code === 'MISSING_CHAR' && message.includes('quote');
  const row = inBrackets ? at : inQuotes ? at + 1 : undefined;
  if (row === undefined || rows[row] === undefined || row === 0) return undefined;
  rows[row] = `${/^ */.exec(rows[row - 1]!)![0]} ${rows[row].trimStart()}`;
  return rows.join('\n');
}

const hint = (text: string, line: number): string =>
  text.split('\n')[line - 1]?.includes('{{') ? ' This is a template: render it first (helm template).' : '';

/** @returns null for an empty document */
function plain(file: string, text: string, document: Document, index: number): unknown {
  return refusing(
    file,
    () => lineIn(file, text, index, []),
    (): unknown => document.toJS({ maxAliasCount: MAX_ALIASES }),
  );
}

/** Runs what may find the text too deep or too large, and says where. */
function refusing<T>(file: string, line: number | (() => number), act: () => T): T {
  try {
    return act();
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new ManifestError(file, typeof line === 'number' ? line : line(), problem);
  }
}

/** Parses once more, so that nothing but the values is kept of what is right. */
function lineIn(file: string, text: string, index: number, path: Path): number {
  const { documents, lines } = parse(file, text);
  return lineOf(documents[index], path, lines);
}

/** JSON at its own speed. Undefined where it is not JSON or has a key twice, which the slow way then reports. */
function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    // Every string, one after the other, of which those with a colon are keys.
    const keys = [...text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)].filter(([, colon]) => colon !== undefined).length;
    return keys === countKeys(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const inside = Object.values(value).reduce<number>((sum, each) => sum + countKeys(each), 0);
  return Array.isArray(value) ? inside : inside + Object.keys(value).length;
}
