const UNITS = { h: 3_600_000, m: 60_000, s: 1000 } as const;

/** What is written: whole hours, minutes and seconds in this order, each at most once: `1h30m`, `25m`, `90s`. */
export const DURATION = /^(?=\d)(\d+h)?(\d+m)?(\d+s)?$/;

/** Milliseconds of a duration as Go writes it; undefined for anything else, and for no time at all. */
export function tryDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+)([hms])/g)];
  const ms = parts.reduce((sum, [, count, unit]) => sum + Number(count) * UNITS[unit as keyof typeof UNITS], 0);
  return ms > 0 && Number.isSafeInteger(ms) ? ms : undefined;
}

/** As {@link tryDuration}; throws for what is no duration. */
export function duration(text: string): number {
  const ms = tryDuration(text);
  if (ms === undefined) throw new Error(`"${text}" is not a duration. For example "1h", "25m" or "1h30m".`);
  return ms;
}

/** The shortest way to write it, rounded down to seconds: `9m`, `1h30m`. */
export function formatDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const;
  const text = parts.map(([count, unit]) => (count === 0 ? '' : `${count}${unit}`)).join('');
  return text === '' ? '0s' : text;
}
