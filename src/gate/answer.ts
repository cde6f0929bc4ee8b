import type { Query } from './queries.js';

/** What came back for one query, as it is kept: with its body it can be judged again without the server. */
export interface Answer {
  readonly name: string;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  /** ISO 8601 by our clock, of the attempt that was answered or was the last. */
  readonly askedAt: string;
  readonly answeredAt: string;
  readonly attempts: number;
  /** Why there is no answer: no connection, no trust, too late. */
  readonly noAnswer?: string;
  readonly status?: number;
  /** Hex SHA-256 of the body's bytes. */
  readonly sha256?: string;
}

/** An answer with its body: UTF-8 text, as it came. */
export interface Heard extends Answer {
  readonly body?: string;
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  /** May be NaN: that is for the one workspace to doubt, not for all. */
  readonly value: number;
}

export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** Seconds since 1970, and the value. */
  readonly points: readonly (readonly [at: number, value: number])[];
}

/** Why an answer says nothing, as a sentence. What rests on it is inconclusive. */
export class Doubt extends Error {
  override readonly name = 'Doubt';
}

/** The server says that the query itself is wrong: an error of this program or of the configured names. */
export class QueryRefused extends Error {
  override readonly name = 'QueryRefused';
}

/** The vector of an instant query, every sample held against what was asked. Throws Doubt. */
export function vectorOf(heard: Heard, query: Query): readonly Sample[] {
  const found = dataOf(heard, 'vector').map((each) => {
    const labels = labelsOf(each, query);
    const [at, text] = pair(each['value']);
    if (String(at) !== query.params['time'])
      throw new Doubt(`a sample is of ${at}, and ${query.params['time']} was asked for.`);
    return { labels, value: numberOf(text) };
  });
  return distinct(found);
}

/** The one number of a query without labels; a scalar or a vector of one. Throws Doubt. */
export function timeOf(heard: Heard): number {
  const [, value] = pair(dataOf(heard, 'scalar'));
  const time = numberOf(value);
  if (!Number.isFinite(time)) throw new Doubt(`the server’s time is "${value}", no number.`);
  return time;
}

/** The matrix of a range query. Every point lies on the grid that was asked for. Throws Doubt. */
export function matrixOf(heard: Heard, query: Query): readonly Series[] {
  const [start, end, step] = ['start', 'end', 'step'].map((name) => Number(query.params[name])) as [
    number,
    number,
    number,
  ];
  const found = dataOf(heard, 'matrix').map((each) => {
    const labels = labelsOf(each, query);
    if (!Array.isArray(each['values'])) throw new Doubt('a series of the matrix has no values.');
    let before = -Infinity;
    const points = each['values'].map((point: unknown) => {
      const [at, text] = pair(point);
      if (!(at >= start && at <= end) || (at - start) % step !== 0 || at <= before) {
        throw new Doubt(`it has a point at ${String(at)}, which was not asked for or is out of order.`);
      }
      before = at;
      // A value that is no number is a gap: that the ratio is not known there is what coverage says.
      return [at, numberOf(text)] as const;
    });
    return { labels, points: points.filter(([, value]) => Number.isFinite(value)) };
  });
  return distinct(found);
}

/** `version`, and where it is said the product: `3.5.0`, `2.17.0 (Grafana Mimir)`. Throws Doubt. */
export function buildOf(heard: Heard): string {
  const data = bodyOf(heard)['data'];
  const { version, application } = isObject(data) ? data : {};
  if (typeof version !== 'string' || version === '') throw new Doubt('the server does not say which build it is.');
  return typeof application === 'string' ? `${version} (${application})` : version;
}

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

function bodyOf({ noAnswer, status, body, params }: Heard): Json {
  if (noAnswer !== undefined) throw new Doubt(`no answer: ${noAnswer}`);
  if (status === undefined || body === undefined) throw new Doubt('its answer was not kept.');
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    throw new Doubt(`HTTP ${status}, and the answer is no JSON: ${brief(body)}`);
  }
  const json = isObject(parsed) ? parsed : {};
  if (status === 400 && json['errorType'] === 'bad_data') {
    throw new QueryRefused(`the server refuses a query of ours: ${String(json['error'])}\n  ${params['query'] ?? ''}`);
  }
  if (status !== 200)
    throw new Doubt(`HTTP ${status}: ${brief(typeof json['error'] === 'string' ? json['error'] : body)}`);
  if (json['status'] !== 'success') throw new Doubt(`the status is ${JSON.stringify(json['status'])}, not "success".`);
  for (const kind of ['warnings', 'infos']) {
    const said = json[kind];
    if (said === undefined || said === null || (Array.isArray(said) && said.length === 0)) continue;
    throw new Doubt(`the answer is not whole, or not meant so; ${kind}: ${brief(JSON.stringify(said))}`);
  }
  // Of Thanos and of what stands in front of several servers.
  if (json['partialResponse'] === true || json['isPartial'] === true) throw new Doubt('the answer is partial.');
  return json;
}

function dataOf(heard: Heard, resultType: 'vector' | 'matrix'): readonly Json[];
function dataOf(heard: Heard, resultType: 'scalar'): unknown;
function dataOf(heard: Heard, resultType: string): unknown {
  const data = bodyOf(heard)['data'];
  if (!isObject(data)) throw new Doubt('the answer has no data.');
  if (data['resultType'] !== resultType) {
    throw new Doubt(`the result is a ${JSON.stringify(data['resultType'])}, and a ${resultType} was asked for.`);
  }
  const result: unknown = data['result'];
  if (resultType === 'scalar') return result;
  if (Array.isArray(result) && result.every(isObject)) return result;
  throw new Doubt(`the ${resultType} is no list of series.`);
}

function labelsOf({ metric }: Json, { by = [], params }: Query): Readonly<Record<string, string>> {
  if (!isObject(metric)) throw new Doubt('a series has no labels.');
  const labels = Object.fromEntries(Object.entries(metric).map(([name, value]) => [name, String(value)]));
  const foreign = Object.keys(labels).find((name) => !by.includes(name));
  if (foreign !== undefined)
    throw new Doubt(`a series has the label "${foreign}", and the query leaves none but ${by.join(', ') || 'none'}.`);
  for (const [name, value] of Object.entries(only(params['query'] ?? ''))) {
    if (labels[name] !== undefined && labels[name] !== '' && labels[name] !== value) {
      throw new Doubt(`the server answers for ${name} "${labels[name]}", and was asked for "${value}" alone.`);
    }
  }
  return labels;
}

/** The workspace and the namespace that the query is about, where it names one. */
function only(query: string): Readonly<Record<string, string>> {
  const found = [...query.matchAll(/(workspace_id|source_namespace)="([^"]+)"/g)];
  return Object.fromEntries(found.map(([, name = '', value = '']) => [name, value] as const));
}

function pair(value: unknown): readonly [number, string] {
  if (Array.isArray(value) && value.length === 2 && typeof value[0] === 'number' && typeof value[1] === 'string') {
    return [value[0], value[1]];
  }
  throw new Doubt(`a sample is ${brief(JSON.stringify(value) ?? 'missing')}, not a time and a value.`);
}

const numberOf = (text: string): number => (text === '' ? NaN : Number(text));

function distinct<Each extends { readonly labels: Json }>(all: readonly Each[]): readonly Each[] {
  const seen = new Set<string>();
  for (const { labels } of all) {
    const key = JSON.stringify(Object.entries(labels).sort());
    if (seen.has(key)) throw new Doubt(`more than one series has the labels ${JSON.stringify(labels)}.`);
    seen.add(key);
  }
  return all;
}

const WIDTH = 200;
const brief = (text: string): string => (text.length > WIDTH ? `${text.slice(0, WIDTH - 1)}…` : text.trim());
