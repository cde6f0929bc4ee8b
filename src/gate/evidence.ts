import { createHash } from 'node:crypto';
import { buildOf, Doubt, matrixOf, timeOf, vectorOf, type Heard, type Sample, type Series } from './answer.js';
import { BUILD, CLOCK, queriesOf, type Query } from './queries.js';
import type { Question } from './question.js';

/** `at` is a minute or more behind the server's clock, so that what happened until then has been stored. */
const SETTLED = 60;

export const instantFor = (serverSeconds: number): number => Math.floor(serverSeconds / 60) * 60 - SETTLED;

/** Every answer of one pass, read once and held against its question. A reader throws Doubt where there is nothing to read. */
export class Evidence {
  readonly #queries: ReadonlyMap<string, Query>;
  readonly #heard: ReadonlyMap<string, Heard>;
  /** Why nothing but the time was asked. */
  readonly #unasked: string | undefined;
  readonly #read = new Map<string, Doubt | ReadonlyMap<string, readonly unknown[]>>();

  /** Throws QueryRefused where the server says that a query of ours is wrong. */
  constructor(
    readonly question: Question,
    heard: readonly Heard[],
  ) {
    const queries = [CLOCK, BUILD, ...queriesOf(question)];
    this.#queries = new Map(queries.map((query) => [query.name, query]));
    this.#heard = new Map(heard.map((each) => [each.name, each]));
    this.#unasked = this.#heard.size === 1 ? this.#whyUnasked() : undefined;
    for (const { name, path, by } of queriesOf(question)) {
      this.#read.set(name, this.#tryRead(name, path.endsWith('_range'), by ?? []));
    }
  }

  /** Why answers say nothing, by the name of the query. */
  doubts(): readonly { readonly name: string; readonly query: string; readonly why: string }[] {
    return [...this.#read].flatMap(([name, read]) =>
      read instanceof Doubt ? [{ name, query: this.#queries.get(name)?.params['query'] ?? '', why: read.message }] : [],
    );
  }

  get queries(): number {
    return this.#queries.size;
  }

  /** Difference between the server's clock and ours, in seconds; by how much it may be wrong: the time of the answer. */
  clock(): { readonly skew: number; readonly within: number } {
    const heard = this.#hear(CLOCK.name);
    const server = timeOf(heard);
    if (instantFor(server) !== this.question.at)
      throw new Doubt('the instant of the queries is not that of its clock.');
    const [asked, answered] = [heard.askedAt, heard.answeredAt].map((text) => Date.parse(text) / 1000) as [
      number,
      number,
    ];
    if (!(answered >= asked)) throw new Doubt('our own clock went back while it was asked for its time.');
    return { skew: server - (asked + answered) / 2, within: (answered - asked) / 2 };
  }

  build(): string {
    return buildOf(this.#hear(BUILD.name));
  }

  /** The one value of a query by workspace or namespace, or of one without labels (key ''). */
  one(name: string, key = ''): number {
    const [first, ...more] = this.#rows(name, key) as readonly Sample[];
    if (first === undefined) throw new Doubt(`${name}: the server has no sample${key && ` of ${key}`}.`);
    if (more.length > 0) throw new Doubt(`${name}: more than one series${key && ` of ${key}`}, where one is expected.`);
    return known(name, first);
  }

  /** As `one`; of what is counted, and can be no less than 0 and no more than `most`. */
  count(name: string, key = '', most = Infinity): number {
    const value = this.one(name, key);
    if (value < 0 || value > most) throw new Doubt(`${name}: ${value} cannot be, it lies outside 0 to ${most}.`);
    return value;
  }

  rows(name: string, key: string): readonly Sample[] {
    const rows = this.#rows(name, key) as readonly Sample[];
    for (const row of rows) known(name, row);
    return rows;
  }

  /** The points of a range query's one series, its chunks together: no more than one a step. */
  points(name: string, key: string): Series['points'] {
    const [first, ...more] = this.series(name, key);
    if (more.length > 0) throw new Doubt(`${name}: more than one series of ${key}, where one is expected.`);
    return first?.points ?? [];
  }

  /** Every series of a range query, each with its chunks together. */
  series(name: string, key: string): readonly Series[] {
    const chunks = [...this.#read.keys()].filter(
      (each) => each === name || (/^\d+$/.test(each.slice(name.length)) && each.startsWith(name)),
    );
    const all = chunks.flatMap((chunk) => this.#rows(chunk, key) as readonly Series[]);
    const parts = Map.groupBy(all, ({ labels }) => JSON.stringify(Object.entries(labels).sort()));
    return [...parts.values()].map((each) => ({
      labels: each[0]!.labels,
      points: each.flatMap(({ points }) => points),
    }));
  }

  #whyUnasked(): string | undefined {
    try {
      timeOf(this.#hear(CLOCK.name));
      return undefined;
    } catch (error) {
      if (error instanceof Doubt)
        return `the server does not tell its time, so nothing else was asked: ${error.message}`;
      throw error;
    }
  }

  #rows(name: string, key: string): readonly unknown[] {
    const read = this.#read.get(name);
    if (read === undefined) throw new Error(`no query is called ${name}`);
    if (read instanceof Doubt)
      throw new Doubt(read.message === this.#unasked ? read.message : `${name}: ${read.message}`);
    return read.get(key) ?? [];
  }

  #tryRead(name: string, range: boolean, by: readonly string[]): Doubt | ReadonlyMap<string, readonly unknown[]> {
    try {
      const query = this.#queries.get(name)!;
      const heard = this.#hear(name);
      const all = range ? matrixOf(heard, query) : vectorOf(heard, query);
      const key = ['workspace_id', 'source_namespace'].find((label) => by.includes(label));
      return Map.groupBy(all, ({ labels }: Sample | Series) => (key === undefined ? '' : (labels[key] ?? '')));
    } catch (error) {
      if (error instanceof Doubt) return error;
      throw error;
    }
  }

  #hear(name: string): Heard {
    const heard = this.#heard.get(name);
    const query = this.#queries.get(name);
    if (heard === undefined || query === undefined) {
      throw new Doubt(this.#unasked ?? 'it was not asked.');
    }
    if (JSON.stringify([heard.path, sorted(heard.params)]) !== JSON.stringify([query.path, sorted(query.params)])) {
      throw new Doubt('something else was asked than this question asks.');
    }
    if (heard.body !== undefined && hashOf(heard.body) !== heard.sha256) {
      throw new Doubt('its body does not have the SHA-256 that it is kept with.');
    }
    return heard;
  }
}

function known(name: string, { labels, value }: Sample): number {
  if (!Number.isFinite(value))
    throw new Doubt(`${name}: the value of ${JSON.stringify(labels)} is ${value}: no number.`);
  return value;
}

/** Hex SHA-256 of a body's bytes. */
export const hashOf = (body: string): string => createHash('sha256').update(body).digest('hex');

const sorted = (params: Readonly<Record<string, string>>): readonly (readonly [string, string])[] =>
  Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1));
