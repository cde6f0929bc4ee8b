import { LineCounter, parseDocument, visit } from 'yaml';
import { lineOf } from '../yaml/line-of.js';
import { ConfigError } from './messages.js';

/** A YAML document that knows its lines. */
export interface YamlDocument {
  readonly root: unknown;
  has(path: readonly PropertyKey[]): boolean;
  /** Where the deepest part of a path that is there stands: `stacks/Pulumi.ws-acme.yaml:12`. */
  where(path: readonly PropertyKey[]): string;
}

/** Parses one document, without duplicate keys, aliases and tags. Throws ConfigError with the line. */
export function parseOneDocument(text: string, path: string): YamlDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const [error] = [...document.errors, ...document.warnings];
  if (error) {
    const message = error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? 'not YAML';
    throw new ConfigError([
      { where: `${path}:${error.linePos?.[0].line ?? 1}`, path: '', message: `not valid YAML: ${message}.` },
    ]);
  }
  visit(document, {
    Alias: (_key, { source, range }) => {
      const where = `${path}:${lines.linePos(range?.[0] ?? 0).line}`;
      throw new ConfigError([{ where, path: '', message: `alias "*${source}" is not accepted. Write it out.` }]);
    },
  });
  return {
    root: document.toJS() as unknown,
    has: (keys) => document.hasIn(keys),
    where: (keys) => `${path}:${lineOf(document, keys, lines)}`,
  };
}
