import type { Question } from './question.js';

/** One request to the server, and the only labels that its answer may have. */
export interface Query {
  readonly name: string;
  readonly path: '/api/v1/query' | '/api/v1/query_range' | '/api/v1/status/buildinfo';
  readonly params: Readonly<Record<string, string>>;
  /** @default - it is no query, or a scalar */
  readonly by?: readonly string[];
}

/** Points of one range query; a server refuses more than 11 000. */
const MOST_POINTS = 10_000;
/** How far back a counter is looked for that might be older than the window. */
const MEMORY = '1d';
/** What tells Thanos to merge replicas, to fail where a store does, and to leave downsampled data, which hides blips. */
const WHOLE = { dedup: 'true', partial_response: 'false', max_source_resolution: '0s' };
/** The server gives up before we do. */
const TIMEOUT = '35s';

/** Asked first, of the server's own clock: it decides at which instant everything else is asked. */
export const CLOCK: Query = { name: 'clock', path: '/api/v1/query', params: { query: 'time()' } };
export const BUILD: Query = { name: 'build', path: '/api/v1/status/buildinfo', params: {} };

/**
 * Every question of one pass. Each answer that is judged by its number has exactly one sample a workspace, 0 included,
 * so that none is ever taken for 0 because it is missing; those called `…Rows` say which ones, and must agree.
 */
export function queriesOf(question: Question): readonly Query[] {
  const { at, names, only, step } = question;
  const w = `${question.window}s`;
  const s = `${step}s`;
  const ws = only === undefined ? 'workspace_id!=""' : `workspace_id="${only.workspaceId}"`;
  const ratio = `${names.directRatio}{${ws}}`;
  const calls = `${names.sorCalls}{${ws}}`;
  const direct = `${names.sorCalls}{${ws},routed="false"}`;
  const policy = `${names.policyInfo}{${ws}}`;
  const beats = `${names.heartbeats}{${ws}}`;
  const known = `0 * max by (workspace_id) (${names.inventory}{${ws}})`;
  const minutes = (vector: string): string => `count_over_time((${vector})[${w}:${s}])`;
  const byWorkspace = ['workspace_id'];
  const asked: Query[] = [];
  const ask = (name: string, by: readonly string[], query: string): void =>
    void asked.push({
      name,
      path: '/api/v1/query',
      params: { query, time: String(at), timeout: TIMEOUT, ...WHOLE },
      by,
    });

  ask('ratioMax', byWorkspace, `max by (workspace_id) (max_over_time(${ratio}[${w}]))`);
  ask('ratioSeries', byWorkspace, `count by (workspace_id) (count_over_time(${ratio}[${w}]))`);
  ask('ratioSampled', byWorkspace, `max by (workspace_id) (count_over_time(${ratio}[${w}]))`);
  ask('ratioLast', byWorkspace, `max by (workspace_id) (timestamp(${ratio}))`);
  asked.push(...ranges(question, 'ratioPoints', `max by (workspace_id) (${ratio})`));

  ask('direct', byWorkspace, `sum by (workspace_id) (increase(${direct}[${w}]))`);
  ask('directBorn', byWorkspace, `sum by (workspace_id) (${born(direct, w)}) or ${known}`);
  ask('directRose', byWorkspace, `sum by (workspace_id) (${rose(direct, w)}) or ${known}`);
  ask('directResets', byWorkspace, `sum by (workspace_id) (resets(${direct}[${w}]))`);
  asked.push(...ranges(question, 'directPoints', `sum by (workspace_id) (${direct})`));

  const perAgent = ['workspace_id', 'agent_id'];
  ask('callRows', [...perAgent, 'routed'], `sum by (workspace_id, agent_id, routed) (increase(${calls}[${w}]))`);
  ask('beatRows', perAgent, `sum by (workspace_id, agent_id) (increase(${beats}[${w}]))`);
  ask('beatsNow', perAgent, `sum by (workspace_id, agent_id) (increase(${beats}[10m]))`);

  const jobs = `up{job=~"${escaped(question.jobs)}"}`;
  const scraped = `sum by (job) (sum_over_time(${jobs}[${w}])) / sum by (job) (count_over_time(${jobs}[${w}]))`;
  ask('scrapesWorst', [], `min(${scraped})`);
  ask('scrapeRows', ['job'], scraped);
  if (question.gate === 'routing') return asked;

  const state = 'workspace_id, policy_hash, level, readable';
  ask('policyStates', byWorkspace, `count by (workspace_id) (count by (${state}) (count_over_time(${policy}[${w}])))`);
  asked.push(...ranges(question, 'policyPoints', `count by (${state}) (${policy})`, state.split(', ')));
  ask('relaxed', byWorkspace, `max by (workspace_id) (max_over_time(${names.relaxedLast}{${ws}}[${w}]))`);
  const shadow = `${names.decisions}{${ws},mode="shadow"}`;
  ask('shadow', byWorkspace, `sum by (workspace_id) (increase(${shadow}[${w}]))`);

  const firing = 'alertname=~"Portarium.*",severity="critical",alertstate="firing"';
  const one = only === undefined ? '' : `,workspace_id=~"|${only.workspaceId}"`;
  ask('alerts', byWorkspace, `count by (workspace_id) (count_over_time(ALERTS{${firing},${ws}}[${w}])) or ${known}`);
  ask('alertsOfPlatform', [], `count(count_over_time(ALERTS{${firing},workspace_id=""}[${w}])) or vector(0)`);
  ask(
    'alertRows',
    ['alertname', 'workspace_id'],
    `max by (alertname, workspace_id) (max_over_time((time() + 0 * ALERTS{${firing}${one}})[${w}:${s}]))`,
  );
  ask('watchdog', [], minutes('count(ALERTS{alertname="PortariumWatchdog",alertstate="firing"})'));
  if (question.network.source === 'none') return asked;

  const ns = only === undefined ? 'source_namespace!=""' : `source_namespace="${only.namespace}"`;
  const flows = `${names.flowsToWorld}{${ns}}`;
  const passed = `${names.flowsToWorld}{${ns},verdict!~"DROPPED|ERROR"}`;
  const seen = `0 * count by (source_namespace) (count_over_time(${flows}[${w}]))`;
  const anySeen = `0 * count(count_over_time(${names.flowsToWorld}[${w}]))`;
  const byNamespace = ['source_namespace'];
  ask('flows', byNamespace, `sum by (source_namespace) (increase(${passed}[${w}])) or ${seen}`);
  ask('flowsBorn', byNamespace, `sum by (source_namespace) (${born(passed, w)}) or ${seen}`);
  ask('flowsRose', byNamespace, `sum by (source_namespace) (${rose(passed, w)}) or ${seen}`);
  ask('flowsCounted', [], minutes(`count(${names.flowsToWorld})`));
  ask('lost', [], `sum(increase(${names.lostEvents}[${w}])) or ${anySeen}`);
  ask('lostBorn', [], `sum(${born(names.lostEvents, w)}) or ${anySeen}`);
  return asked;
}

/** What a counter counted that began in the window: its first value is an increase that `increase` does not see. */
const born = (series: string, w: string): string =>
  `max_over_time(${series}[${w}]) unless last_over_time(${series}[${MEMORY}] offset ${w})`;

/** What a counter has risen above what it was before the window, seen by a single sample in it or by more. */
const rose = (series: string, w: string): string =>
  `(max_over_time(${series}[${w}]) - last_over_time(${series}[${MEMORY}] offset ${w})) > 0`;

/** One query a chunk, each within the limit of points; from the first step in the window to its end. */
function ranges(
  { at, window, step }: Question,
  name: string,
  query: string,
  by: readonly string[] = ['workspace_id'],
): readonly Query[] {
  const chunks: Query[] = [];
  for (let start = at - window + step; start <= at; start += MOST_POINTS * step) {
    const end = Math.min(at, start + (MOST_POINTS - 1) * step);
    chunks.push({
      name: chunks.length === 0 ? name : `${name}${chunks.length + 1}`,
      path: '/api/v1/query_range',
      params: { query, start: String(start), end: String(end), step: String(step), timeout: TIMEOUT, ...WHOLE },
      by,
    });
  }
  return chunks;
}

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
