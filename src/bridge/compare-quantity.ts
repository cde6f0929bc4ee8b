const SUFFIX: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** Whether two resource quantities are the same amount: the API server stores `1000m` as `1`. */
export function equalQuantity(a: unknown, b: unknown): boolean {
  const [left, right] = [amount(a), amount(b)];
  return left !== undefined && right !== undefined && Math.abs(left - right) <= Math.abs(left) * 1e-12;
}

function amount(quantity: unknown): number | undefined {
  const match = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([A-Za-z]*)$/.exec(String(quantity));
  const unit = match && SUFFIX[match[2] ?? ''];
  return match && unit !== undefined && unit !== null ? Number(match[1]) * unit : undefined;
}
