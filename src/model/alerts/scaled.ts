const MILLISECONDS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

const milliseconds = (duration: string): number => {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(duration) ?? [];
  if (unit === undefined) throw new Error(`"${duration}" is not a duration of one unit, for example "10m".`);
  return Number(count) * MILLISECONDS[unit as keyof typeof MILLISECONDS];
};

/** A duration of Prometheus divided by a factor, which counts nothing finer than a millisecond. */
export const scaled = (duration: string, factor: number): string =>
  factor === 1 ? duration : `${Math.max(1, Math.round(milliseconds(duration) / factor))}ms`;

export const scaledSeconds = (duration: string, factor: number): number => milliseconds(duration) / factor / 1000;
