/** One series over time, as a Prometheus would have stored it. */
export interface Written {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Its value at an instant, in seconds since 1970; undefined where there is no sample. */
  readonly value: (at: number) => number | undefined;
}

/** Promtool makes a block of two hours, and reads the whole text for each. */
const BLOCK = 7200;

/** In the text format of OpenMetrics, a sample each `step` seconds: a text for each block. */
export function* openMetrics(series: readonly Written[], from: number, to: number, step: number): Generator<string> {
  const families = [...Map.groupBy(series, ({ name }) => name).values()].flat();
  const heads = families.map(({ name, labels }) => {
    const set = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
    return `${name}{${set.join(',')}} `;
  });
  for (let start = Math.floor(from / BLOCK) * BLOCK; start <= to; start += BLOCK) {
    const lines: string[] = [];
    families.forEach(({ value }, index) => {
      for (let at = Math.max(start, from); at < start + BLOCK && at <= to; at += step) {
        const sample = value(at);
        if (sample !== undefined) lines.push(`${heads[index]}${sample} ${at}`);
      }
    });
    yield `${lines.join('\n')}\n# EOF\n`;
  }
}
