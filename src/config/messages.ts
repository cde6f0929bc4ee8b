/** One thing wrong with a config: where, what, what is allowed. */
export interface Problem {
  /** File and line, when the config came from a file: `stacks/Pulumi.ws-acme.yaml:12`. */
  readonly where: string;
  /** Config path: `agents[1].name`. */
  readonly path: string;
  readonly message: string;
}

/** A config that is refused as a whole; nothing has been changed. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly problems: readonly Problem[]) {
    super(
      problems.map(({ where, path, message }) => `${where}: ${path === '' ? '' : `${path}: `}${message}`).join('\n'),
    );
  }
}

/** Renders a path of keys and indexes: `['agents', 1, 'name']` -> `agents[1].name`. */
export const renderPath = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`),
    '',
  );

/** The allowed name that `given` was probably meant to be; undefined when none is close. */
export function tryNearest(given: string, allowed: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(given.length / 3));
  const ranked = allowed
    .map((name) => ({ name, distance: editDistance(given.toLowerCase(), name.toLowerCase()) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance);
  return ranked[0]?.name;
}

/** `Allowed: a, b, c. Did you mean "b"?` */
export function suggest(given: unknown, allowed: readonly (string | number)[]): string {
  const names = allowed.map(String);
  const nearest = typeof given === 'string' ? tryNearest(given, names) : undefined;
  return `Allowed: ${names.join(', ')}.${nearest === undefined ? '' : ` Did you mean "${nearest}"?`}`;
}

/** Damerau–Levenshtein distance (optimal string alignment): a swap of neighbours counts one. */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, rows[i - 1]![j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, rows[i - 2]![j - 2]! + 1);
      row.push(best);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
