import pc from 'picocolors';

/** Where a command's answer and its progress go: answers to stdout, as text or one JSON document; progress to stderr. */
export interface Output {
  readonly json: boolean;
  /** A line of the answer for people; nothing with `--json`. */
  line(text?: string): void;
  /** The answer for machines; nothing without `--json`. */
  result(value: unknown): void;
  /** What is going on, for people who wait. */
  progress(text: string): void;
}

export const createOutput = (json: boolean): Output => ({
  json,
  line: (text = '') => {
    if (!json) process.stdout.write(`${text}\n`);
  },
  result: (value) => {
    if (json) process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  },
  progress: (text) => process.stderr.write(`${pc.dim(text)}\n`),
});

/** Columns padded to their widest cell; the last column is not padded. */
export function table(rows: readonly (readonly string[])[], indent = ''): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, cell.length)));
  return rows
    .map(
      (row) =>
        indent +
        row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  '),
    )
    .map((line) => line.trimEnd())
    .join('\n');
}

/** `1.2 s`, `340 ms`. */
export const duration = (milliseconds: number): string =>
  milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
