/**
 * How many of a population may be bad, given that so many of a random sample were: the largest number of which no more
 * would have been drawn with a chance above 1 - confidence. Exact, by the hypergeometric distribution.
 *
 * @param found bad ones in the sample
 * @param size of the sample, at most that of the population
 * @param confidence one-sided, 0.95
 */
export function boundOfPopulation(found: number, size: number, population: number, confidence: number): number {
  const log = logFactorials(population);
  // Nothing lies between: the chance falls as the number of bad ones rises.
  let [low, high] = [found, population - (size - found)];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (chanceOfAtMost(found, size, middle, population, log) > 1 - confidence) low = middle;
    else high = middle - 1;
  }
  return low;
}

function chanceOfAtMost(found: number, size: number, bad: number, population: number, log: Float64Array): number {
  const choose = (n: number, k: number): number => (log[n] ?? NaN) - (log[k] ?? NaN) - (log[n - k] ?? NaN);
  let sum = 0;
  for (let k = Math.max(0, size - (population - bad)); k <= Math.min(found, bad); k += 1) {
    sum += Math.exp(choose(bad, k) + choose(population - bad, size - k) - choose(population, size));
  }
  return sum;
}

function logFactorials(upTo: number): Float64Array {
  const log = new Float64Array(upTo + 1);
  for (let n = 2; n <= upTo; n += 1) log[n] = (log[n - 1] ?? 0) + Math.log(n);
  return log;
}

/**
 * The same as a share of a population without end (Clopper and Pearson 1934): what the sample says of the process that
 * makes runs. 0 of 100 gives 0.0295.
 */
export function boundOfShare(found: number, size: number, confidence: number): number {
  if (found >= size) return 1;
  const log = logFactorials(size);
  const chance = (share: number): number => {
    let sum = 0;
    for (let k = 0; k <= found; k += 1) {
      const choose = (log[size] ?? NaN) - (log[k] ?? NaN) - (log[size - k] ?? NaN);
      sum += Math.exp(choose + (k === 0 ? 0 : k * Math.log(share)) + (size - k) * Math.log1p(-share));
    }
    return sum;
  };
  let [low, high] = [0, 1];
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (chance(middle) > 1 - confidence) low = middle;
    else high = middle;
  }
  return high;
}
