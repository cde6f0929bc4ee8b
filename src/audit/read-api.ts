import { setTimeout as sleep } from 'node:timers/promises';
import { ask, type Access, type Answered } from '../http/request.js';
import type { Entry } from './entry.js';
import type { Gathered, Gathering } from './gathered.js';
import { isRecord, textIn } from './json.js';
import type { Run } from './run.js';

/** Why the control plane gave no list: no connection, no right, no store, no JSON. */
export class NoList extends Error {
  override readonly name = 'NoList';

  constructor(
    message: string,
    /** HTTP, where there was an answer. */
    readonly status?: number,
  ) {
    super(message);
  }
}

/** Milliseconds for one answer. @default 40000, of `ask` */
export interface ReadApi {
  readonly access: Access;
  readonly workspaceId: string;
  readonly timeout?: number;
  /** @default Date.now */
  readonly clock?: () => number;
}

/** Upstream's `MAX_LIMIT`; its store reads one document more, whatever the cursor, and never the rest. */
const RUNS_A_PAGE = 200;
const RUNS_READ = 201;
/** Upstream's evidence store reads so many documents, and never the rest. */
const ENTRIES_READ = 10_000;
const CATEGORIES = ['Plan', 'Action', 'Approval', 'OperatorSurface', 'Policy', 'PolicyViolation', 'System'] as const;

export async function readRuns(api: ReadApi, gathering: Gathering<Run>): Promise<Gathered<Run>> {
  const { pages, skew } = await readPages(api, '/runs', { limit: String(RUNS_A_PAGE) }, 'runId', gathering);
  if (pages > 1 && gathering.found.length === RUNS_READ) {
    gathering.doubt(
      `it lists ${RUNS_READ} runs, as many as upstream’s store ever reads: there may be more. Give all of them with --runs-from`,
    );
  }
  return { found: gathering.found, doubts: gathering.doubts, ...skew };
}

/**
 * Reads the whole log without `limit`: upstream sorts it by time, but its cursor compares ids, so that entries are lost
 * between pages. Each category is then listed by itself and must hold what the whole had.
 */
export async function readEntries(
  api: ReadApi,
  gathering: Gathering<Entry>,
  probe: () => Gathering<Entry>,
): Promise<Gathered<Entry>> {
  const { skew } = await readPages(api, '/evidence', {}, 'evidenceId', gathering);
  if (gathering.found.length === ENTRIES_READ) {
    gathering.doubt(
      `it lists ${ENTRIES_READ} entries, as many as upstream’s store ever reads: there may be more. Give all of them with --export`,
    );
  }
  const all = new Map(gathering.found.map(({ id, category, at }) => [id, { category, at }]));
  const latest = gathering.found.reduce((max, { at }) => (at > max ? at : max), '');
  for (const category of CATEGORIES) {
    const again = probe();
    try {
      await readPages(api, '/evidence', { category }, 'evidenceId', again);
    } catch (error) {
      // Upstream's route knows fewer categories than its log.
      if (error instanceof NoList && error.status === 422) continue;
      throw error;
    }
    if (again.doubts.length > 0) gathering.doubt(`the list of category ${category}: ${again.doubts[0]}`);
    const ids = new Set(again.found.map(({ id }) => id));
    const missing = [...all].filter(([id, entry]) => entry.category === category && !ids.has(id)).length;
    const foreign = again.found.filter((entry) => entry.category !== category).length;
    // What was written since is no contradiction.
    const added = again.found.filter(({ id, at }) => !all.has(id) && at <= latest).length;
    if (missing > 0)
      gathering.doubt(`the list of category ${category} lacks ${missing} entries that the whole list has`);
    if (added > 0) gathering.doubt(`the list of category ${category} has ${added} entries that the whole list lacks`);
    if (foreign > 0) gathering.doubt(`the list of category ${category} has ${foreign} entries of others`);
  }
  return { found: gathering.found, doubts: gathering.doubts, ...skew };
}

const MAX_PAGES = 100_000;

interface Pages {
  readonly pages: number;
  readonly skew: { readonly skew?: number };
}

/** Follows the cursors, and doubts what cannot be a list in the order of its cursor. */
async function readPages(
  api: ReadApi,
  path: string,
  params: Readonly<Record<string, string>>,
  id: string,
  gathering: Gathering<unknown>,
): Promise<Pages> {
  const full = `/v1/workspaces/${encodeURIComponent(api.workspaceId)}${path}`;
  const seen = new Set<string>();
  const cursors = new Set<string>();
  let [cursor, previous, ordered]: [string | undefined, string, boolean] = [undefined, '', true];
  let skew: Pages['skew'] = {};
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const answer = await askAgain(api, full, { ...params, ...(cursor !== undefined && { cursor }) });
    if (page === 1) skew = skewOf(answer, api.clock ?? Date.now);
    const { items, next } = pageOf(answer, full);
    let repeated = 0;
    items.forEach((item, index) => {
      const own = isRecord(item) ? (textIn(item, id) ?? '') : '';
      if (own !== '' && seen.has(own)) repeated += 1;
      else gathering.add(item, `item ${index} of page ${page} of ${path}`);
      seen.add(own);
      ordered &&= own > previous;
      previous = own;
    });
    await gathering.settled();
    if (repeated > 0) gathering.doubt(`page ${page} of ${path} repeats ${repeated} that were listed before`);
    if (next === undefined) {
      if (page > 1 && !ordered)
        gathering.doubt(
          `${path} came in ${page} pages that are not in the order of their cursor, ${id}: some may be lost between them`,
        );
      return { pages: page, skew };
    }
    if (cursors.has(next) || items.length === 0) {
      gathering.doubt(
        `page ${page} of ${path} ${items.length === 0 ? 'is empty and names another' : 'leads back to an earlier one'}: the rest was not read`,
      );
      return { pages: page, skew };
    }
    cursors.add(next);
    cursor = next;
  }
  gathering.doubt(`${path} has more than ${MAX_PAGES} pages: the rest was not read`);
  return { pages: MAX_PAGES, skew };
}

function pageOf({ status, body }: Answered, path: string): { items: readonly unknown[]; next?: string } {
  if (status !== 200) throw new NoList(`${path} answered ${status}${reason(status)}`, status);
  let page: unknown;
  try {
    page = JSON.parse(body);
  } catch {
    throw new NoList(`${path} answered no JSON`);
  }
  if (!isRecord(page) || !Array.isArray(page['items'])) throw new NoList(`${path} answered no page with items`);
  const next = page['nextCursor'];
  if (next !== undefined && (typeof next !== 'string' || next === ''))
    throw new NoList(`${path} answered a nextCursor that is no text`);
  return { items: page['items'], ...(typeof next === 'string' && { next }) };
}

function reason(status: number): string {
  if (status === 401 || status === 403)
    return ': the token must be of this workspace, with a role that may read runs and evidence';
  if (status === 501) return ': the control plane has no such store in this configuration';
  return '';
}

const BUSY = [429, 502, 503, 504];
const TRIES = 3;
const LONGEST_WAIT = 30_000;

async function askAgain(
  { access, timeout }: ReadApi,
  path: string,
  params: Readonly<Record<string, string>>,
): Promise<Answered> {
  for (let tried = 1; ; tried += 1) {
    const answer = await ask(access, { path, params, ...(timeout !== undefined && { timeout }) });
    if (!BUSY.includes(answer.status) || tried === TRIES) return answer;
    const after = Number(answer.headers['retry-after']);
    await sleep(Math.min(Number.isFinite(after) ? after * 1000 : 250 * 2 ** tried, LONGEST_WAIT));
  }
}

/** The header counts whole seconds, and the answer was under way. */
function skewOf({ headers }: Answered, clock: () => number): Pages['skew'] {
  const time = typeof headers['date'] === 'string' ? Date.parse(headers['date']) : NaN;
  return Number.isNaN(time) ? {} : { skew: time - clock() };
}
