/** One row of what the benchmark prints. */
export interface Figure {
  readonly figure: string;
  readonly measured: string;
  readonly target: string;
  /** Undefined where there is no target. */
  readonly met?: boolean;
}

/** A part of the benchmark: its figures as medians of `runs`. @param full lets a baseline finish that takes minutes */
export type Part = (runs: number, full: boolean) => readonly Figure[] | Promise<readonly Figure[]>;

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
