import type { Access } from '../http/request.js';
import { askPatiently } from '../http/retry.js';
import { Doubt, timeOf, type Heard } from './answer.js';
import { hashOf, instantFor } from './evidence.js';
import { BUILD, CLOCK, queriesOf, type Query } from './queries.js';
import type { Question } from './question.js';

export interface Collecting {
  readonly access: Access;
  readonly question: Omit<Question, 'at'>;
  /** Milliseconds for all queries together. @default 120000 */
  readonly timeout?: number;
  /** Our clock. @default the machine's */
  readonly now?: () => Date;
}

/** One server's answers to one question. */
export interface Collected {
  readonly question: Question;
  readonly heard: readonly Heard[];
}

const TIMEOUT = 120_000;
/** For one query; `timeout` in the query is shorter, so that the server gives up first and says so. */
const QUERY_TIMEOUT = 40_000;
/** Asked at the same time: a Prometheus evaluates 20 at most, and has others to answer. */
const ABREAST = 4;

/**
 * Asks the server for its time, and everything else at that one instant. Throws nothing: what is not answered is kept as
 * such. Where even the time is not answered, nothing else is asked.
 */
export async function collect({
  access,
  question,
  timeout = TIMEOUT,
  now = () => new Date(),
}: Collecting): Promise<Collected> {
  const deadline = performance.now() + timeout;
  const hear = async (query: Query): Promise<Heard> => {
    const { answered, ...attempted } = await askPatiently(
      access,
      { method: query === BUILD ? 'GET' : 'POST', path: query.path, params: query.params, timeout: QUERY_TIMEOUT },
      { deadline, now },
    );
    return {
      name: query.name,
      path: query.path,
      params: query.params,
      ...attempted,
      ...(answered && { status: answered.status, sha256: hashOf(answered.body), body: answered.body }),
    };
  };
  const clock = await hear(CLOCK);
  const server = tryTime(clock);
  const asked: Question = { ...question, at: instantFor(server ?? now().getTime() / 1000) };
  if (server === undefined) return { question: asked, heard: [clock] };
  const queue = [BUILD, ...queriesOf(asked)];
  const heard: Heard[] = [clock];
  const work = async (): Promise<void> => {
    for (let query = queue.shift(); query !== undefined; query = queue.shift()) heard.push(await hear(query));
  };
  await Promise.all(Array.from({ length: ABREAST }, work));
  const order = [CLOCK, BUILD, ...queriesOf(asked)].map(({ name }) => name);
  return { question: asked, heard: heard.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name)) };
}

/** What of it cannot be read, the judge says. */
function tryTime(clock: Heard): number | undefined {
  try {
    return timeOf(clock);
  } catch (error) {
    if (error instanceof Doubt) return undefined;
    throw error;
  }
}
