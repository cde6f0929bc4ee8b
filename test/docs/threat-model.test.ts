import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderPlatform } from '../../src/charts/render.js';
import { PLATFORM } from '../model/examples.js';

/** docs/threat-model.md holds what it says: no threat is missing, and each test and policy that it names exists. */

interface Row {
  readonly id: string;
  readonly threat: string;
  readonly answer: string;
  readonly tests: string;
  readonly assumed: string;
}

const ANSWERS = ['refused', 'refuted', 'alarmed', 'out of scope', 'open'];
const numbered = (letter: string, last: number): readonly string[] =>
  Array.from({ length: last }, (_, n) => `${letter}${n + 1}`);
const IDS = [...numbered('S', 15), ...numbered('B', 29), ...numbered('T', 30)];

const page = readFileSync('docs/threat-model.md', 'utf8');
const rows = page
  .split('\n')
  .filter((line) => /^\| [SBT]\d/.test(line))
  .map((line): Row => {
    const cells = line.split('|').slice(1, -1);
    expect(cells, line).toHaveLength(5);
    const [id = '', threat = '', answer = '', tests = '', assumed = ''] = cells.map((cell) => cell.trim());
    return { id, threat, answer, tests, assumed };
  });

/** The words in bold: how a threat is answered. */
const kindsOf = ({ answer }: Row): readonly string[] =>
  [...answer.matchAll(/\*\*([^*]+)\*\*/g)].map(([, kind]) => kind!);
/** What is named as `file.ts` “part of a title”. */
const namedIn = ({ tests }: Row): readonly (readonly [file: string, title: string])[] =>
  [...tests.matchAll(/`([\w/.-]+\.ts)` “([^”]+)”/g)].map(([, file, title]) => [`test/${file}`, title!]);

const rendered = renderPlatform(PLATFORM)
  .filter(({ kind }) => kind === 'ValidatingAdmissionPolicy')
  .map(({ metadata }) => metadata.name);

it('every threat of the three lists has one row, in order', () => {
  expect(rows.map(({ id }) => id)).toEqual(IDS);
});

describe.each(rows)('$id: $threat', (row) => {
  const kinds = kindsOf(row);
  const tests = namedIn(row);

  it('is answered in one of the ways that the page defines', () => {
    expect(kinds).not.toEqual([]);
    for (const kind of kinds) expect(ANSWERS).toContain(kind);
    expect(row.threat).not.toBe('');
  });

  it('names a test for what it says is refused, refuted or alarmed, and says what is assumed', () => {
    if (kinds.some((kind) => ['refused', 'refuted', 'alarmed'].includes(kind))) expect(tests).not.toEqual([]);
    expect(row.assumed).not.toBe('');
  });

  it('names only tests that there are', () => {
    // Whatever looks like a file is read as one, so that a misspelt reference is no silence.
    expect(tests).toHaveLength([...row.tests.matchAll(/\.ts`/g)].length);
    for (const [file, title] of tests) {
      expect(existsSync(file), file).toBe(true);
      expect(readFileSync(file, 'utf8'), file).toContain(title);
    }
  });

  it('names only admission policies that are rendered', () => {
    for (const [, name] of row.answer.matchAll(/`([a-z-]+)`/g)) {
      expect(
        [`portarium-guard-${name}`, `portarium-${name}`].filter((each) => rendered.includes(each)),
        name,
      ).toHaveLength(1);
    }
  });
});

it('every way to answer is used as the page defines it', () => {
  for (const answer of ANSWERS) expect(page).toContain(`- **${answer}**`);
});
