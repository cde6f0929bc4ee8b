import { expect, it } from 'vitest';
import { LineCounter, parseAllDocuments, type Document } from 'yaml';
import { lineOf } from '../../src/yaml/line-of.js';

const TEXT = `# a comment
kind: x
spec: &spec
  list:
    - a
    - {b: 1, 2: c}
---
copy: 1
`;

it.each([
  [[], 2],
  [['kind'], 2],
  [['spec', 'list', 0], 5],
  [['spec', 'list', 1, 'b'], 6],
  [['spec', 'list', 1, 2], 6],
  [['spec', 'list', 7, 'b'], 4],
  [['spec', 'missing', 'more'], 3],
  [['spec', 'list', 'b'], 4],
])('%j stands at line %d, or what is nearest above it', (path, line) => {
  const lines = new LineCounter();
  const [document] = parseAllDocuments(TEXT, { lineCounter: lines }) as Document[];
  expect(lineOf(document, path, lines)).toBe(line);
});

it('counts on in a second document, and looks through an alias', () => {
  const lines = new LineCounter();
  const text = `${TEXT}other: &o {b: 1}\nalias: *o\n`;
  const [, second] = parseAllDocuments(text, { lineCounter: lines }) as Document[];
  expect(lineOf(second, [], lines)).toBe(8);
  expect(lineOf(second, ['alias', 'b'], lines)).toBe(9);
  expect(lineOf(undefined, ['x'], lines)).toBe(1);
});
