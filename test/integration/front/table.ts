import { readFileSync, writeFileSync } from 'node:fs';

const PAGE = 'docs/mtls.md';
const between = (name: string): RegExp => new RegExp(`(?<=<!-- ${name} -->\\n)[^]*?(?=<!-- /${name} -->)`);

/** The cells of a table in docs/mtls.md, without its rule. */
export function tableIn(name: string): readonly (readonly string[])[] {
  const [head = [], , ...rows] = (between(name).exec(readFileSync(PAGE, 'utf8'))?.[0] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
  return [head, ...rows];
}

/** Writes a table into docs/mtls.md; prettier pads it. */
export function writeTable(name: string, rows: readonly (readonly string[])[]): void {
  const [head = [], ...rest] = rows;
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const text = ['', line(head), line(head.map(() => '---')), ...rest.map(line), ''].join('\n');
  const page = readFileSync(PAGE, 'utf8');
  writeFileSync(
    PAGE,
    page.replace(between(name), () => `${text}\n`),
  );
}
